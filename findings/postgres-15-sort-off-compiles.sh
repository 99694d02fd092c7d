#!/usr/bin/env bash
# Postgres 15.20: with `enable_sort = off`, each query that has to sort is compiled by LLVM.
#
# `enable_sort = off` makes the planner prefer an index that has the order. Where a sort remains, a
# fixed 10,000,000,000 is added to the costs. These are then above `jit_above_cost`,
# `jit_inline_above_cost` and `jit_optimize_above_cost`, whose defaults are 100,000 and 500,000. So a
# query that reads ten rows is compiled, inlined and optimized before it runs. A query over many
# partitions has many functions, and takes seconds.
#
# Whoever switches off a kind of plan for a transaction therefore switches off `jit` as well.
#
# Source: `disable_cost` in src/backend/optimizer/path/costsize.c of Postgres 15, and
# "When to JIT?" in its documentation. Postgres 18 counts such plan nodes apart from the costs.
# Seen:
#
#     enable_sort = on: not compiled
#     enable_sort = off: compiled (Options: Inlining true, Optimization true, Expressions true, Deforming true)
#
# Needs apt-get of Debian 12: the server and LLVM are unpacked into a folder that is removed. Their
# other libraries are those that a Debian with a Postgres has. Exits with 0 while this holds, and
# with 1 once it has changed.
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

(cd "$folder" && apt-get download --quiet=2 postgresql-15=15.20-0+deb12u1 postgresql-client-15=15.20-0+deb12u1 \
    libllvm14=1:14.0.6-12 2>/dev/null)
for package in "$folder"/*.deb; do
    dpkg -x "$package" "$folder/root"
done
bin=$folder/root/usr/lib/postgresql/15/bin
export LD_LIBRARY_PATH=$folder/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
mkdir "$folder/data"
((EUID != 0)) || chown nobody "$folder/data"
"${as_user[@]}" "$bin/initdb" --pgdata "$folder/data/db" --username postgres --auth trust --no-sync >"$folder/log"
"${as_user[@]}" "$bin/postgres" -D "$folder/data/db" -c listen_addresses= -c unix_socket_directories="$folder/data" 2>>"$folder/log" &
server=$!
until "$bin/pg_isready" --quiet --host "$folder/data"; do
    kill -0 "$server"
done

sql() {
    "$bin/psql" --no-psqlrc --quiet --tuples-only --no-align --host "$folder/data" --username postgres postgres "$@"
}

sql --command "CREATE TABLE rows AS SELECT n, n::text AS name FROM generate_series(1, 1000) AS n; ANALYZE rows"
seen=$(
    for setting in on off; do
        plan=$(sql --command "SET enable_sort = $setting" \
            --command "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) SELECT * FROM rows ORDER BY name LIMIT 10")
        if [[ $plan == *JIT:* ]]; then
            echo "enable_sort = $setting: compiled ($(grep -o 'Options:.*' <<<"$plan"))"
        else
            echo "enable_sort = $setting: not compiled"
        fi
    done
)
echo "$seen"
[[ $seen == 'enable_sort = on: not compiled
enable_sort = off: compiled (Options: Inlining true, Optimization true, Expressions true, Deforming true)' ]]
