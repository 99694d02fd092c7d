//! `diesel-async` on Postgres.

use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    TransactionManager,
    pooled_connection::{
        AsyncDieselConnectionManager,
        deadpool::{Object, Pool},
    },
};
use tracker_core::{Activity, Client, StoreError, store::BoxFuture, tracked};

use crate::{
    on_postgres::{PostgresDriver, counts, database, postgres_suite, tracker},
    session::{Driver, End, Session, Step, WORK, run},
};

struct DieselAsync;

postgres_suite!(DieselAsync);

impl Session for AsyncPgConnection {
    async fn execute(&mut self, sql: &'static str) -> bool {
        self.batch_execute(sql).await.is_ok()
    }

    fn insert(
        &mut self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Client::insert(self, schema, activity)
    }
}

impl Driver for DieselAsync {
    async fn plainly(url: &str, steps: Vec<Step>) -> Vec<Result<(), StoreError>> {
        run(&mut AsyncPgConnection::establish(url).await.unwrap(), steps).await
    }

    async fn in_transaction(url: &str, steps: Vec<Step>, end: End) -> Vec<Result<(), StoreError>> {
        let mut connection = AsyncPgConnection::establish(url).await.unwrap();
        let connection = &mut connection;
        AnsiTransactionManager::begin_transaction(connection)
            .await
            .unwrap();
        let outcomes = run(connection, steps).await;
        match end {
            End::Commit => AnsiTransactionManager::commit_transaction(connection).await,
            End::Rollback => AnsiTransactionManager::rollback_transaction(connection).await,
        }
        .unwrap();
        outcomes
    }
}

impl PostgresDriver for DieselAsync {
    const TELLS_SQLSTATE: bool = false;
    const UNDOES_WHAT_WAS_SENT: bool = true;
}

#[tracked(action = "deployment", client = connection)]
async fn on_connection(connection: &mut AsyncPgConnection) {
    work(connection).await;
}

#[tracked(action = "deployment", client = &mut *connection)]
async fn by_reference(connection: &mut AsyncPgConnection) {
    work(connection).await;
}

#[tracked(action = "deployment", client = **connection)]
async fn on_pooled(connection: &mut Object<AsyncPgConnection>) {
    work(connection).await;
}

struct Unit<'c> {
    connection: &'c mut AsyncPgConnection,
}

impl Unit<'_> {
    #[tracked(action = "deployment", client = self.connection)]
    async fn in_a_field(&mut self) {
        work(self.connection).await;
    }
}

async fn work(connection: &mut AsyncPgConnection) {
    assert!(Session::execute(connection, WORK).await);
}

/// The error with which a Diesel transaction ends in order to be rolled back.
#[derive(Debug)]
struct RolledBack;

impl From<diesel::result::Error> for RolledBack {
    fn from(error: diesel::result::Error) -> Self {
        panic!("{error}")
    }
}

#[tokio::test]
async fn tracked_functions_record_in_the_transaction_that_they_are_in() {
    let (database, client) = database().await;
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(database.url());
    let pool = Pool::builder(manager).build().unwrap();
    let mut connection = pool.get().await.unwrap();
    let functions = async {
        for end in [End::Rollback, End::Commit] {
            let ended = connection
                .transaction(async |connection| {
                    on_connection(connection).await;
                    by_reference(connection).await;
                    Unit { connection }.in_a_field().await;
                    match end {
                        End::Commit => Ok(()),
                        End::Rollback => Err(RolledBack),
                    }
                })
                .await;
            assert_eq!(ended.is_ok(), matches!(end, End::Commit));
        }
        assert_eq!(counts(&client).await, (3, 3));
        on_pooled(&mut connection).await;
    };
    tracker(&database).scope(functions).await;
    assert_eq!(counts(&client).await, (4, 4));
}

#[tokio::test]
async fn an_activity_goes_with_the_savepoint_of_diesel_that_it_is_in() {
    let (database, client) = database().await;
    let mut connection = AsyncPgConnection::establish(database.url()).await.unwrap();
    let functions = async {
        connection
            .transaction(async |connection| {
                connection
                    .transaction(async |connection| {
                        on_connection(connection).await;
                        Err::<(), _>(RolledBack)
                    })
                    .await
                    .unwrap_err();
                connection
                    .transaction(async |connection| {
                        on_connection(connection).await;
                        Ok::<_, RolledBack>(())
                    })
                    .await?;
                on_connection(connection).await;
                Ok::<_, RolledBack>(())
            })
            .await
            .unwrap();
        // The connection is in no transaction any more.
        on_connection(&mut connection).await;
    };
    tracker(&database).scope(functions).await;
    assert_eq!(counts(&client).await, (3, 3));
}
