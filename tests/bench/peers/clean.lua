-- The peer of nginx_lua.conf. take() does what tamis does at the least: it reads the event, cleans
-- each of its strings (over the whole body the same expressions would eat the website's UUID and
-- quotes), says whose it is, as Umami wants to be told of each event of a batch, and appends it. A
-- timer sends on what was appended and goes back to where it was when the upstream fails.
local cjson = require("cjson.safe")

local M = {}
local BATCH = 100
local rules = {
	{ [[[\w.+-]+@[\w-]+\.[\w.-]+]], "[REDACTED_EMAIL]" },
	{ [[\b(token|key|secret|password|code)=[^&"\s]+]], "$1=[REDACTED]" },
	{ [[\beyJ[\w-]+\.[\w-]+\.[\w-]+]], "[REDACTED_JWT]" },
	{ [[\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b]], "[REDACTED_CARD]" },
	{ [[\+\d[\d ()-]{7,}\d]], "[REDACTED_PHONE]" },
}
local out

local function cleaned(value)
	if type(value) == "string" then
		for _, rule in ipairs(rules) do
			value = ngx.re.gsub(value, rule[1], rule[2], "jo")
		end
	elseif type(value) == "table" then
		for name, member in pairs(value) do
			value[name] = cleaned(member)
		end
	end
	return value
end

function M.take()
	ngx.req.read_body()
	local event = cjson.decode(ngx.req.get_body_data() or "")
	local payload = type(event) == "table" and event.payload
	if type(payload) ~= "table" or type(payload.website) ~= "string" then
		return ngx.exit(400)
	end
	local website = payload.website
	cleaned(payload)
	payload.website = website
	payload.ip = payload.ip or ngx.re.sub(ngx.var.remote_addr, [[\.\d+$]], ".0", "jo")
	payload.userAgent = payload.userAgent or ngx.var.http_user_agent
	payload.timestamp = payload.timestamp or ngx.time()
	out:write(cjson.encode(event), "\n")
	out:flush() -- to the page cache, before the answer
	ngx.header["Content-Type"] = "application/json"
	ngx.print('{"cache":"none","sessionId":"0","visitId":"0"}')
end

-- Was the batch taken?
local function post(socket, lines)
	local body = "[" .. table.concat(lines, ",") .. "]"
	socket:send("POST /api/batch HTTP/1.1\r\nHost: x\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
	local length = 0
	local line = socket:receive("*l")
	local taken = line and line:find(" 200", 1, true)
	while line and line ~= "" do
		length = tonumber(line:match("^Content%-Length: (%d+)")) or length
		line = socket:receive("*l")
	end
	return socket:receive(length) and taken
end

local function forward(path, port)
	local input = io.open(path, "r")
	local function run()
		local socket = ngx.socket.tcp()
		if not socket:connect("127.0.0.1", port) then return end
		while true do
			local from, lines = input:seek("cur", 0), {}
			for line in input:lines() do
				lines[#lines + 1] = line
				if #lines == BATCH then break end
			end
			if #lines == 0 then break end
			if not post(socket, lines) then
				input:seek("set", from)
				break
			end
		end
		socket:close()
	end
	local function again(premature)
		if premature then return end
		run()
		ngx.timer.at(1, again)
	end
	ngx.timer.at(1, again)
end

function M.start(path, port)
	out = assert(io.open(path, "a"))
	out:setvbuf("full", 65536)
	forward(path, port)
end

return M
