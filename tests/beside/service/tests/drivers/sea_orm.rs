//! SeaORM on Postgres and on SQLite.

use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, TransactionTrait,
};
use tracker_core::{
    ActionType, Activity, Client, StoreError,
    store::{BoxFuture, DEFAULT_SCHEMA},
    tracked,
};

use crate::session::{Driver, End, Session, Step, WORK, run};

struct SeaOrm;

impl Session for DatabaseConnection {
    async fn execute(&mut self, sql: &'static str) -> bool {
        self.execute_unprepared(sql).await.is_ok()
    }

    fn insert(
        &mut self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Client::insert(self, schema, activity)
    }
}

impl Session for DatabaseTransaction {
    async fn execute(&mut self, sql: &'static str) -> bool {
        self.execute_unprepared(sql).await.is_ok()
    }

    fn insert(
        &mut self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Client::insert(&*self, schema, activity)
    }
}

impl Driver for SeaOrm {
    async fn plainly(url: &str, steps: Vec<Step>) -> Vec<Result<(), StoreError>> {
        let mut database = Database::connect(url).await.unwrap();
        let outcomes = run(&mut database, steps).await;
        database.close().await.unwrap();
        outcomes
    }

    async fn in_transaction(url: &str, steps: Vec<Step>, end: End) -> Vec<Result<(), StoreError>> {
        let database = Database::connect(url).await.unwrap();
        let mut tx = database.begin().await.unwrap();
        let outcomes = run(&mut tx, steps).await;
        match end {
            End::Commit => tx.commit().await.unwrap(),
            End::Rollback => tx.rollback().await.unwrap(),
        }
        database.close().await.unwrap();
        outcomes
    }
}

#[tracked(action = "deployment", client = tx)]
async fn in_transaction(tx: &DatabaseTransaction) {
    work(tx).await;
}

#[tracked(action = "deployment", client = tx)]
async fn in_exclusive_transaction(tx: &mut DatabaseTransaction) {
    work(tx).await;
}

#[tracked(action = "deployment", client = &*tx)]
async fn by_reference(tx: &mut DatabaseTransaction) {
    work(tx).await;
}

struct Unit {
    tx: DatabaseTransaction,
}

impl Unit {
    #[tracked(action = "deployment", client = self.tx)]
    async fn in_a_field(&self) {
        work(&self.tx).await;
    }
}

#[tracked(action = "deployment", client = database)]
async fn on_connection(database: &DatabaseConnection) {
    work(database).await;
}

async fn work(connection: &impl ConnectionTrait) {
    connection.execute_unprepared(WORK).await.unwrap();
}

/// Runs each of the functions in a transaction.
async fn in_a_transaction_each_way(database: &DatabaseConnection, end: End) {
    let mut tx = database.begin().await.unwrap();
    in_transaction(&tx).await;
    in_exclusive_transaction(&mut tx).await;
    by_reference(&mut tx).await;
    let inner = tx.begin().await.unwrap();
    in_transaction(&inner).await;
    inner.rollback().await.unwrap();
    let inner = tx.begin().await.unwrap();
    in_transaction(&inner).await;
    inner.commit().await.unwrap();
    let unit = Unit { tx };
    unit.in_a_field().await;
    match end {
        End::Commit => unit.tx.commit().await.unwrap(),
        End::Rollback => unit.tx.rollback().await.unwrap(),
    }
}

mod on_postgres {
    use super::{Database, End, SeaOrm, in_a_transaction_each_way, on_connection};
    use crate::on_postgres::{PostgresDriver, counts, database, postgres_suite, tracker};

    postgres_suite!(SeaOrm);

    impl PostgresDriver for SeaOrm {
        const TELLS_SQLSTATE: bool = true;
        const UNDOES_WHAT_WAS_SENT: bool = false;
    }

    #[tokio::test]
    async fn tracked_functions_record_in_the_transaction_that_they_name() {
        let (database, client) = database().await;
        let connection = Database::connect(database.url()).await.unwrap();
        let functions = async {
            in_a_transaction_each_way(&connection, End::Rollback).await;
            assert_eq!(counts(&client).await, (0, 0));
            in_a_transaction_each_way(&connection, End::Commit).await;
            assert_eq!(counts(&client).await, (5, 5));
            on_connection(&connection).await;
        };
        tracker(&database).scope(functions).await;
        assert_eq!(counts(&client).await, (6, 6));
        connection.close().await.unwrap();
    }
}

mod on_sqlite {
    use super::{Database, End, SeaOrm, in_a_transaction_each_way, on_connection};
    use crate::on_sqlite::{File, sqlite_suite};

    sqlite_suite!(SeaOrm);

    #[tokio::test]
    async fn tracked_functions_record_in_the_transaction_that_they_name() {
        let file = File::new().await;
        let connection = Database::connect(file.url()).await.unwrap();
        let functions = async {
            in_a_transaction_each_way(&connection, End::Rollback).await;
            assert_eq!(file.counts(), (0, 0));
            in_a_transaction_each_way(&connection, End::Commit).await;
            assert_eq!(file.counts(), (5, 5));
            on_connection(&connection).await;
        };
        file.tracker().scope(functions).await;
        assert_eq!(file.counts(), (6, 6));
        connection.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_to_nothing_is_an_error() {
    let nothing = DatabaseConnection::default();
    let activity = Activity::new(ActionType::Deployment);
    let error = Client::insert(&nothing, DEFAULT_SCHEMA, activity)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
}
