# Guards one throw-away server: makes its directory, waits until nobody holds the pipe on standard input any more, then
# stops the server and removes the directory.
#
# The argument is the server's name, which the directory's has in it. Standard input carries the ID of the process that
# runs in the directory, one a line, the last one counting; an empty line says that none runs. The directory is told on
# standard output.

# Whatever ends the tests must not end their clean-up.
trap '' HUP INT PIPE TERM

directory=$(mktemp -d "${TMPDIR:-/tmp}/tracker-$1.XXXXXX") || exit 1
echo "$directory"
exec >/dev/null 2>&1

server=
while read -r line; do
    server=$line
done

# A zombie has ended: its parent is gone, and when the system collects it is the system's affair.
running() {
    read -r state <"/proc/$server/stat" && case $state in *") Z "*) false ;; esac
}

# Waits for the server to end: 10 seconds at most.
ended() {
    looks=200
    while running; do
        looks=$((looks - 1))
        [ "$looks" -gt 0 ] || return 1
        sleep 0.05
    done
}

if [ -n "$server" ]; then
    # To Postgres the first is the immediate shutdown, which ends its other processes too: nothing in there is worth a
    # checkpoint. The other servers end at the second; they have the first ignored where a shell started the tests in its
    # background.
    kill -QUIT "$server"
    kill -TERM "$server"
    ended || kill -KILL "$server"
fi

# A Postgres that was killed leaves its lock file and its System V segment; the file's seventh line names the segment.
lock=$directory/data/postmaster.pid
if [ -e "$lock" ]; then
    ipcrm -m "$(sed -n '7s/^ *[0-9]* *//p' "$lock")"
fi

# A process that is still ending may put a last file there while the others go.
tries=100
until rm -rf "$directory"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 0.05
done
