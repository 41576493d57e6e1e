-- Sends the requests of a file in turn. Each line of it is a method, a path and perhaps a body, with tabs between.
-- At the end it prints one line of JSON. With "count refusals" behind the file, answers of 503 with Retry-After aren't failures.

local requests, last, threads = {}, 0, {}
refused = 0  -- global, so that `done` can ask each thread for it

function setup(thread)
  threads[#threads + 1] = thread
end

local function count_refusal(status, headers)
  if status ~= 503 then
    return
  end
  for name in pairs(headers) do
    if name:lower() == "retry-after" then
      refused = refused + 1
    end
  end
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, body = line:match("^([^\t]+)\t([^\t]+)\t?(.*)$")
    requests[#requests + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
  end
  if arguments[2] then
    response = count_refusal  -- only then, for wrk parses the head of every answer for it
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency)
  local errors, n_refused = summary.errors, 0
  for _, thread in ipairs(threads) do
    n_refused = n_refused + thread:get("refused")
  end
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout - n_refused
  print(string.format(
    '{"requests": %d, "seconds": %.6f, "failed": %d, "refused": %d, "p50_ms": %.4f, "p95_ms": %.4f, "p99_ms": %.4f}',
    summary.requests - n_refused, summary.duration / 1e6, failed, n_refused,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000
  ))
end
