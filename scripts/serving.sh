# Serves nine activities of `project_7` to a script, which sources this file. `$url` is then where they are, `$scratch` is a
# folder, and both are gone with the script.

scratch=$(mktemp -d)
server=

finish() {
    local status=$?
    if [[ -n $server ]]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
    return "$status"
}
trap finish EXIT

cargo build --quiet --package tracker-cli --locked
tracker=${CARGO_TARGET_DIR:-target}/debug/tracker
export TRACKER_STORE=sqlite:$scratch/tracker.db
"$tracker" migrate
for number in 1 2 3 4 5 6 7 8 9; do
    printf '{"action_id":"action-%s","project_id":"project_7","action_type":"deployment","status":"success","action_details":"deployed","reference_ids":{"deployment_id":"deploy_%s"},"created_at":17955072910%s}\n' \
        "$number" "$number" "0$number"
done >"$scratch/activities.jsonl"
"$tracker" import "$scratch/activities.jsonl"
# With keys, since a server without them makes no links for viewers.
echo "main $(openssl rand -hex 32)" >"$scratch/viewer-keys"
"$tracker" serve --listen 127.0.0.1:0 --rate-limit 1000000 --viewer-keys "$scratch/viewer-keys" 2>"$scratch/log" &
server=$!

url=
for ((attempt = 0; attempt < 200 && ${#url} == 0; attempt++)); do
    url=$(sed -n 's|.*\(http://127.0.0.1:[0-9]*\).*|\1|p' "$scratch/log" | head -n 1)
    kill -0 "$server" || { cat "$scratch/log"; exit 1; }
    sleep 0.05
done
