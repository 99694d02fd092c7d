# Guards one driver and its browsers: makes a directory, runs the driver there, waits until nobody holds the pipe
# on standard input any more, then kills all of them and removes the directory.
#
# The arguments are the driver's command. The directory is told on standard output; it is the driver's home, so nothing
# is taken from anybody's settings or left with them, and what the driver says is in its file driver.log.

# Whatever ends the tests must not end their clean-up.
trap '' HUP INT PIPE TERM

directory=$(mktemp -d "${TMPDIR:-/tmp}/tracker-browser.XXXXXX") || exit 1

# Its process ID is its session's too: a process in the background leads no group, so `setsid` forks none.
(
    trap - HUP INT PIPE TERM
    cd "$directory" || exit 1
    exec env -u XDG_CONFIG_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR -u DBUS_SESSION_BUS_ADDRESS \
        HOME="$directory" TMPDIR="$directory" TZ=Etc/UTC LC_ALL=C.UTF-8 \
        setsid "$@" </dev/null >driver.log 2>&1
) &
driver=$!

echo "$directory"
exec >/dev/null 2>&1

while read -r _; do :; done

# The processes of the driver's session, and those that left it but not their home: reporters of crashes. Zombies have
# ended: to collect them is their parents' affair.
left() {
    for stat in /proc/[0-9]*/stat; do
        read -r line <"$stat" || continue
        # `12 (name) S parent group session …`: the name may hold anything.
        set -- ${line##*) }
        case $1 in
        [ZX]) continue ;;
        esac
        if [ "$4" = "$driver" ]; then
            echo "${line%% *}"
        fi
    done
    grep -lsxzF "HOME=$directory" /proc/[0-9]*/environ | cut -d / -f 3
}

# A display is asked to end, as it has a lock and a socket elsewhere. Until it is collected, its process ID is its own.
if display=$(cat "$directory/display.pid") && kill -TERM "$display"; then
    looks=100
    while left | grep -qx "$display" && [ "$looks" -gt 0 ]; do
        looks=$((looks - 1))
        sleep 0.05
    done
fi

# One that is killed may have started another just before.
looks=200
while ids=$(left) && [ -n "$ids" ] && [ "$looks" -gt 0 ]; do
    looks=$((looks - 1))
    kill -KILL $ids
    sleep 0.05
done

# A process that is still ending may put a last file there while the others go.
tries=100
until rm -rf "$directory"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 0.05
done
