-- Sends another request each time. In path and body, `{n}` becomes the next number, `{reference}` the next line of a
-- file, and `{one|other}` these by turns. Arguments: method, path, body, the first number, after how many answers to
-- stop (0: never), and the file or nothing.

local method, path, body, number, remaining
local references = {}

local function filled(text)
  text = text:gsub("{n}", number):gsub("{(%w+)|(%w+)}", number % 2 == 0 and "%1" or "%2")
  if #references > 0 then
    text = text:gsub("{reference}", references[number % #references + 1])
  end
  return text
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
  if arguments[6] ~= "" then
    for line in io.lines(arguments[6]) do
      references[#references + 1] = line
    end
  end
end

function request()
  number = number + 1
  return wrk.format(method, filled(path), nil, body and filled(body))
end
