#!/usr/bin/env bash
# Postgres 15.20: a transaction that does nothing but NOTIFY is committed without waiting for the
# disk, and its ID is given out again after a crash.
#
# NOTIFY gives its transaction an ID. It writes nothing to the log before the commit, so the commit
# is asynchronous, whatever `synchronous_commit` says. If the server crashes before the next turn of
# the log writer (`wal_writer_delay`, 200 ms), it does not remember the ID.
#
# `pg_snapshot_xmin(pg_current_snapshot())` counts that ID as settled. A follower that keeps this
# number as the place up to which it has read all rows (an outbox, or change capture by polling) is
# therefore ahead after the crash: the next row gets the ID, which it takes for read. By the time
# that it looks, further transactions may have made the number great enough again.
#
# Source: `PreCommit_Notify` in src/backend/commands/async.c and `RecordTransactionCommit` in
# src/backend/access/transam/xact.c of Postgres 15. Seen:
#
#     after a row: the next transaction is at the place
#     after a notification: the next transaction is 1 before the place
#
# Needs apt-get of Debian 12: the server is unpacked into a folder that is removed. Its other
# libraries are those that a Debian with a Postgres has. Exits with 0 while this holds, and with 1
# once it has changed.
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

(cd "$folder" && apt-get download --quiet=2 postgresql-15=15.20-0+deb12u1 postgresql-client-15=15.20-0+deb12u1 2>/dev/null)
for package in "$folder"/*.deb; do
    dpkg -x "$package" "$folder/root"
done
bin=$folder/root/usr/lib/postgresql/15/bin
mkdir "$folder/data"
((EUID != 0)) || chown nobody "$folder/data"
"${as_user[@]}" "$bin/initdb" --pgdata "$folder/data/db" --username postgres --auth trust --no-sync >"$folder/log"

start() {
    # The log writer has its longest pause, so that the crash is in one.
    "${as_user[@]}" "$bin/postgres" -D "$folder/data/db" -c listen_addresses= -c wal_writer_delay=10s \
        -c unix_socket_directories="$folder/data" 2>>"$folder/log" &
    server=$!
    until "$bin/pg_isready" --quiet --host "$folder/data"; do
        kill -0 "$server"
    done
}

# All processes end as in a crash of the server: at once, and without a word to the disk.
crash() {
    "${as_user[@]}" "$bin/pg_ctl" --pgdata "$folder/data/db" --mode immediate --wait stop >>"$folder/log"
    wait "$server" || true
    server=
}

sql() {
    "$bin/psql" --no-psqlrc --quiet --tuples-only --no-align --host "$folder/data" --username postgres postgres "$@"
}

start
sql --command "CREATE TABLE rows (n int)"
seen=
for case in row notification; do
    sql --command "INSERT INTO rows VALUES (1)" --command CHECKPOINT
    if [[ $case == row ]]; then
        sql --command "INSERT INTO rows VALUES (2)"
    else
        sql --command "NOTIFY news"
    fi
    place=$(sql --command "SELECT pg_snapshot_xmin(pg_current_snapshot())")
    crash
    start
    next=$(sql --command "INSERT INTO rows VALUES (3) RETURNING pg_current_xact_id()")
    if ((next == place)); then
        seen+="after a $case: the next transaction is at the place"$'\n'
    else
        seen+="after a $case: the next transaction is $((place - next)) before the place"$'\n'
    fi
done
echo -n "$seen"
[[ $seen == 'after a row: the next transaction is at the place
after a notification: the next transaction is 1 before the place
' ]]
