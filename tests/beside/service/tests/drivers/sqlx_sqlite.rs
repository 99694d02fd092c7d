//! sqlx on SQLite.

use sqlx::{
    Connection, Executor, Sqlite, SqliteConnection, SqlitePool, Transaction, pool::PoolConnection,
};
use tracker_core::{Activity, Client, StoreError, store::BoxFuture, tracked};

use crate::{
    on_sqlite::{File, sqlite_suite},
    session::{Driver, End, Session, Step, WORK, run},
};

struct Sqlx;

sqlite_suite!(Sqlx);

impl Session for SqliteConnection {
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
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        let outcomes = run(&mut connection, steps).await;
        connection.close().await.unwrap();
        outcomes
    }

    async fn in_transaction(url: &str, steps: Vec<Step>, end: End) -> Vec<Result<(), StoreError>> {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        let mut tx = connection.begin().await.unwrap();
        let outcomes = run(&mut *tx, steps).await;
        match end {
            End::Commit => tx.commit().await.unwrap(),
            End::Rollback => tx.rollback().await.unwrap(),
        }
        connection.close().await.unwrap();
        outcomes
    }
}

#[tracked(action = "deployment", client = tx)]
async fn in_transaction(tx: &mut Transaction<'_, Sqlite>) {
    work(tx).await;
}

#[tracked(action = "deployment", client = connection)]
async fn on_connection(connection: &mut SqliteConnection) {
    work(connection).await;
}

#[tracked(action = "deployment", client = connection)]
async fn on_pooled(connection: &mut PoolConnection<Sqlite>) {
    work(connection).await;
}

async fn work(connection: &mut SqliteConnection) {
    assert!(Session::execute(connection, WORK).await);
}

#[tokio::test]
async fn tracked_functions_record_in_the_transaction_that_they_name() {
    let file = File::new().await;
    let pool = SqlitePool::connect(&file.url()).await.unwrap();
    let functions = async {
        for end in [End::Rollback, End::Commit] {
            let mut tx = pool.begin().await.unwrap();
            in_transaction(&mut tx).await;
            on_connection(&mut tx).await;
            let mut inner = tx.begin().await.unwrap();
            in_transaction(&mut inner).await;
            inner.rollback().await.unwrap();
            assert_eq!(file.counts(), (0, 0));
            match end {
                End::Commit => tx.commit().await.unwrap(),
                End::Rollback => tx.rollback().await.unwrap(),
            }
        }
        on_pooled(&mut pool.acquire().await.unwrap()).await;
    };
    file.tracker().scope(functions).await;
    assert_eq!(file.counts(), (3, 3));
    pool.close().await;
}
