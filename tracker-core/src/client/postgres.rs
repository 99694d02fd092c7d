//! The clients and transactions of `tokio-postgres` and `deadpool-postgres`.

use super::client;
use crate::store::postgres::client::{ActivityInsert, insert, insert_in_savepoint};

client! {
    [] &tokio_postgres::Client,
    |client, schema, activity| Box::pin(insert(client, ActivityInsert::new(schema, activity)));
    [] &tokio_postgres::Transaction<'_>,
    |transaction, schema, activity| Box::pin(insert_in_savepoint(
        transaction.client(),
        ActivityInsert::new(schema, activity),
    ));
    [] &deadpool_postgres::ClientWrapper,
    |client, schema, activity| (**client).insert(schema, activity);
    [] &deadpool_postgres::Client,
    |client, schema, activity| (**client).insert(schema, activity);
    [] &deadpool_postgres::Transaction<'_>,
    |transaction, schema, activity| (**transaction).insert(schema, activity);

    [] &mut tokio_postgres::Client, |this, schema, activity| (&*this).insert(schema, activity);
    [] &mut tokio_postgres::Transaction<'_>, |this, schema, activity| (&*this).insert(schema, activity);
    [] &mut deadpool_postgres::ClientWrapper, |this, schema, activity| (&*this).insert(schema, activity);
    [] &mut deadpool_postgres::Client, |this, schema, activity| (&*this).insert(schema, activity);
    [] &mut deadpool_postgres::Transaction<'_>, |this, schema, activity| (&*this).insert(schema, activity);
}
