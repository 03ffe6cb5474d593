-- One FILE_COMMENT of about 700 bytes per request, each with an id of its own. Arguments: passcode, run.
local threads = 0

function setup(thread)
    thread:set("place", threads)
    threads = threads + 1
end

function init(args)
    passcode, run, number = args[1], args[2], 0
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
end

function request()
    number = number + 1
    local id = run .. "-" .. place .. "-" .. number
    return wrk.format(nil, nil, nil, '{"event_type":"FILE_COMMENT","webhook_id":"1001","passcode":"' .. passcode
        .. '","timestamp":"2026-11-22T10:00:00Z","protocol_version":"2","retries":0,"file_key":"BENCHFILE",'
        .. '"file_name":"Checkout flow, second round","comment":[{"text":"@buddy "},'
        .. '{"mention":"811724164054158337"},{"text":" is the contrast of this button text ok for the new brand? "},'
        .. '{"text":":eyes:"}],"comment_id":"' .. id .. '","parent_id":"","order_id":"23 ","resolved_at":"",'
        .. '"created_at":"2026-11-22T10:00:00Z","mentions":[{"id":"811724164054158337","handle":"Evan Wallace"}],'
        .. '"triggered_by":{"id":"813845097374535682","handle":"Dylan Field"}}')
end

function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format(
        'RESULT {"rps": %.1f, "p50_ms": %.1f, "p95_ms": %.1f, "p99_ms": %.1f, "errors": %d}\n',
        summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(95) / 1000,
        latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
