-- Sends a request that names another record each time: `{n}` in path and body becomes the next number.
-- Arguments: method, path, body, the first number, and after how many answers to stop (0: never).

local method, path, body, number, remaining

local function with_number(text)
  return (text:gsub("{n}", number))
end

local function count()
  remaining = remaining - 1
  if remaining == 0 then
    wrk.thread:stop()
  end
end

function init(arguments)
  method, path = arguments[1], arguments[2]
  body = arguments[3] ~= "" and arguments[3] or nil
  number, remaining = tonumber(arguments[4]) - 1, tonumber(arguments[5])
  response = remaining > 0 and count or nil
end

function request()
  number = number + 1
  return wrk.format(method, with_number(path), nil, body and with_number(body))
end
