-- Creates a record in each request, each thread in the sandbox of its own key. Arguments: path, body, and the keys. In
-- the body, `{n}` becomes the number of the request.

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("client", threads)
end

function init(arguments)
  path, body = arguments[1], arguments[2]
  wrk.headers["x-api-key"] = arguments[2 + client]
  number = 0
end

function request()
  number = number + 1
  return wrk.format("POST", path, nil, (body:gsub("{n}", number)))
end
