//! The connections and transactions of `rusqlite`.

use std::future::ready;

use super::client;
use crate::store::sqlite::client::insert;

client! {
    [] &rusqlite::Connection,
    |connection, _schema, activity| Box::pin(ready(insert(connection, &activity)));
    [] &rusqlite::Transaction<'_>,
    |transaction, schema, activity| (**transaction).insert(schema, activity);

    [] &mut rusqlite::Connection, |this, schema, activity| (&*this).insert(schema, activity);
    [] &mut rusqlite::Transaction<'_>, |this, schema, activity| (&*this).insert(schema, activity);
}
