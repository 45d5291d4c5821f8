#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The figures of bench/README.md, in one run on one machine: ./ironwood bench [SECONDS]
# Everything listens on loopback; the load ends by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-8}
bin=$PWD/build/bin
scratch=$(mktemp -d)
pids=()
cleanup() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

# CPU time (user and system) in microseconds that a process has used; all its threads.
cpu_us() {
    local total=0 pid fields
    for pid in "$@"; do
        fields=$(sed 's/.*) //' "/proc/$pid/stat")
        # shellcheck disable=SC2086
        set -- $fields
        total=$((total + ${12} + ${13}))
    done
    echo $((total * 1000000 / $(getconf CLK_TCK)))
}
rss_kib() { awk '/^VmRSS/ {print $2}' "/proc/$1/status"; }
wait_for() { # FILE PID
    until [ -s "$1" ]; do
        kill -0 "$2" 2>/dev/null || { cat "$scratch"/*.err >&2; exit 1; }
        sleep 0.02
    done
}

# load NAME URL PID...: wrk with 64 connections; prints requests/s and server CPU per request.
load() {
    local name=$1 url=$2 before after line
    shift 2
    wrk -t1 -c64 -d1s -s bench/authorize.lua "$url" >/dev/null
    before=$(cpu_us "$@")
    line=$(wrk -t1 -c64 -d"${seconds}s" -s bench/authorize.lua "$url" | grep '^RESULT')
    after=$(cpu_us "$@")
    read -r _ requests duration p50 p99 errors <<<"$line"
    [ "$errors" = 0 ] || { echo "$name: $errors requests failed" >&2; exit 1; }
    awk -v n="$name" -v r="$requests" -v d="$duration" -v c=$((after - before)) -v a="$p50" -v b="$p99" \
        'BEGIN {printf "%-28s %9.0f requests/s   %6.2f us CPU/request   p50 %d us   p99 %d us\n", n, r / d, c / r, a, b}'
}

echo "machine: $(nproc) cores, $(sed -n 's/model name.*: //p' /proc/cpuinfo | head -n 1), $(uname -r)"
echo "in process: $(build/bench/decide demo/policies 3)"

"$bin/auth-service" --data-dir "$scratch/data" --port 0 --port-file "$scratch/auth.port" \
    >"$scratch/auth.log" 2>"$scratch/auth.err" &
pids+=($!)
auth_pid=$!
wait_for "$scratch/auth.port" $auth_pid
auth=http://127.0.0.1:$(cat "$scratch/auth.port")
"$bin/policy-service" --policy-dir demo/policies --port 0 --port-file "$scratch/policy.port" \
    --issuer "$(curl -s "$auth/.well-known/openid-configuration" | sed 's/.*"issuer":"\([^"]*\)".*/\1/')" \
    --jwks-url "$auth/.well-known/jwks.json" >"$scratch/policy.log" 2>"$scratch/policy.err" &
pids+=($!)
policy_pid=$!
wait_for "$scratch/policy.port" $policy_pid
policy=http://127.0.0.1:$(cat "$scratch/policy.port")
until curl -fs -o /dev/null "$policy/health/ready"; do sleep 0.02; done
sleep 1 # idle memory is read from a process at rest
echo "idle memory: auth-service $(rss_kib $auth_pid) KiB, policy-service $(rss_kib $policy_pid) KiB"
start_of() { sed -n 's/.*"event":"service_ready".*"start_us":\([0-9.]*\).*/\1/p' "$1"; }
echo "start to ready: auth-service $(start_of "$scratch/auth.log") us (first start, with migrations and keys), policy-service $(start_of "$scratch/policy.log") us"

curl -s -o /dev/null "$auth/api/v1/auth/register" -H 'Content-Type: application/json' \
    -d '{"email":"bench@example.com","password":"correct horse battery","name":"Bench"}'
BENCH_TOKEN=$(curl -s "$auth/api/v1/auth/login" -H 'Content-Type: application/json' \
    -d '{"email":"bench@example.com","password":"correct horse battery"}' |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/')
export BENCH_TOKEN

cat >"$scratch/nginx.conf" <<EOF
worker_processes $(nproc);
pid $scratch/nginx.pid;
error_log $scratch/nginx.err;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path $scratch/body;
    proxy_temp_path $scratch/proxy; fastcgi_temp_path $scratch/fastcgi;
    uwsgi_temp_path $scratch/uwsgi; scgi_temp_path $scratch/scgi;
    server {
        listen 127.0.0.1:18980 reuseport;
        default_type application/json;
        location / { return 200 '{"decision":"Allow","reasons":["public-documents"],"errors":[],"request_id":"00000000000000000000000000000000"}'; }
    }
}
EOF
nginx -c "$scratch/nginx.conf" -p "$scratch"
nginx_pids=$(pgrep -P "$(cat "$scratch/nginx.pid")" | tr '\n' ' ')
pids+=("$(cat "$scratch/nginx.pid")")

# Alternating, so that a change of the machine's mood hits both.
for _ in 1 2 3; do
    # shellcheck disable=SC2086
    load "nginx return 200" http://127.0.0.1:18980/v1/authorize $nginx_pids
    load "policy-service /v1/authorize" "$policy/v1/authorize" "$policy_pid"
done
echo "after the load: policy-service $(rss_kib $policy_pid) KiB"
