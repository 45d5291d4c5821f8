-- SPDX-License-Identifier: Apache-2.0
-- wrk: the same POST for policy-service and for nginx; the token comes from the environment.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")
wrk.body = '{"action":"Action::\\"view\\"","resource":"Document::\\"handbook\\""}'
function done(summary, latency, requests)
  io.write(string.format("RESULT %d %.3f %d %d %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
