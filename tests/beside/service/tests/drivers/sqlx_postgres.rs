//! sqlx on Postgres.

use sqlx::{
    Connection, Executor, PgConnection, PgPool, Postgres, Transaction, pool::PoolConnection,
};
use tracker_core::{Activity, Client, StoreError, store::BoxFuture, tracked};

use crate::{
    on_postgres::{PostgresDriver, counts, database, postgres_suite, tracker},
    session::{Driver, End, Session, Step, WORK, run},
};

struct Sqlx;

postgres_suite!(Sqlx);

impl Session for PgConnection {
    async fn execute(&mut self, sql: &'static str) -> bool {
        Executor::execute(self, sql).await.is_ok()
    }

    fn insert(
        &mut self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Client::insert(self, schema, activity)
    }
}

impl Driver for Sqlx {
    async fn plainly(url: &str, steps: Vec<Step>) -> Vec<Result<(), StoreError>> {
        run(&mut PgConnection::connect(url).await.unwrap(), steps).await
    }

    async fn in_transaction(url: &str, steps: Vec<Step>, end: End) -> Vec<Result<(), StoreError>> {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let mut tx = connection.begin().await.unwrap();
        let outcomes = run(&mut *tx, steps).await;
        match end {
            End::Commit => tx.commit().await.unwrap(),
            End::Rollback => tx.rollback().await.unwrap(),
        }
        outcomes
    }
}

impl PostgresDriver for Sqlx {
    const TELLS_SQLSTATE: bool = true;
    const UNDOES_WHAT_WAS_SENT: bool = false;
}

#[tracked(action = "deployment", client = tx)]
async fn in_transaction(tx: &mut Transaction<'_, Postgres>) {
    work(tx).await;
}

#[tracked(action = "deployment", client = &mut *tx)]
async fn in_transaction_by_reference(tx: &mut Transaction<'_, Postgres>) {
    work(tx).await;
}

#[tracked(action = "deployment", client = &mut **tx)]
async fn in_transaction_by_its_connection(tx: &mut Transaction<'_, Postgres>) {
    work(tx).await;
}

#[tracked(action = "deployment", client = connection)]
async fn on_connection(connection: &mut PgConnection) {
    work(connection).await;
}

#[tracked(action = "deployment", client = connection)]
async fn on_pooled(connection: &mut PoolConnection<Postgres>) {
    work(connection).await;
}

#[tracked(action = "deployment", client = pool.acquire().await.unwrap())]
async fn on_one_of_a_pool(pool: &PgPool) {
    work(&mut pool.acquire().await.unwrap()).await;
}

struct Unit<'c> {
    tx: Transaction<'c, Postgres>,
}

impl Unit<'_> {
    #[tracked(action = "deployment", client = self.tx)]
    async fn in_a_field(&mut self) {
        work(&mut self.tx).await;
    }
}

async fn work(connection: &mut PgConnection) {
    assert!(Session::execute(connection, WORK).await);
}

#[tokio::test]
async fn tracked_functions_record_in_the_transaction_that_they_name() {
    let (database, client) = database().await;
    let pool = PgPool::connect(database.url()).await.unwrap();
    let functions = async {
        for end in [End::Rollback, End::Commit] {
            let mut tx = pool.begin().await.unwrap();
            in_transaction(&mut tx).await;
            in_transaction_by_reference(&mut tx).await;
            in_transaction_by_its_connection(&mut tx).await;
            on_connection(&mut tx).await;
            let mut unit = Unit { tx };
            unit.in_a_field().await;
            assert_eq!(counts(&client).await, (0, 0));
            match end {
                End::Commit => unit.tx.commit().await.unwrap(),
                End::Rollback => unit.tx.rollback().await.unwrap(),
            }
        }
        assert_eq!(counts(&client).await, (5, 5));

        on_one_of_a_pool(&pool).await;
        on_pooled(&mut pool.acquire().await.unwrap()).await;
        on_connection(&mut pool.acquire().await.unwrap()).await;
    };
    tracker(&database).scope(functions).await;
    assert_eq!(counts(&client).await, (8, 8));
    pool.close().await;
}

#[tokio::test]
async fn an_activity_goes_with_the_savepoint_of_sqlx_that_it_is_in() {
    let (database, client) = database().await;
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let functions = async {
        let mut tx = connection.begin().await.unwrap();
        let mut inner = tx.begin().await.unwrap();
        in_transaction(&mut inner).await;
        inner.rollback().await.unwrap();
        let mut inner = tx.begin().await.unwrap();
        in_transaction(&mut inner).await;
        inner.commit().await.unwrap();
        in_transaction(&mut tx).await;
        tx.commit().await.unwrap();
        assert!(!connection.is_in_transaction());
    };
    tracker(&database).scope(functions).await;
    assert_eq!(counts(&client).await, (2, 2));
}
