-- Sends the same request again and again. Arguments: method, path, body.

function init(arguments)
  wrk.method, wrk.path = arguments[1], arguments[2]
  wrk.body = arguments[3] ~= "" and arguments[3] or nil
end
