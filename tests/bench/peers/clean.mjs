// Node as people write it: five regexes for each string, append, an interval that forwards.  node clean.mjs PORT SPOOL UPSTREAM
import http from "node:http";
import fs from "node:fs";

const [port, path, upstream] = process.argv.slice(2);
const rules = [
	[/[\w.+-]+@[\w-]+\.[\w.-]+/g, "[REDACTED_EMAIL]"],
	[/\b(token|key|secret|password|code)=[^&"\s]+/g, "$1=[REDACTED]"],
	[/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "[REDACTED_JWT]"],
	[/\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b/g, "[REDACTED_CARD]"],
	[/\+\d[\d ()-]{7,}\d/g, "[REDACTED_PHONE]"],
];
const cleaned = (value) => {
	if (typeof value === "string")
		for (const [pattern, by] of rules) value = value.replace(pattern, by);
	else if (value !== null && typeof value === "object")
		for (const name in value) value[name] = cleaned(value[name]);
	return value;
};
const out = fs.openSync(path, "a");
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const queue = [];
let busy = false;

const post = (lines) => new Promise((done, fail) => {
	const body = `[${lines.join(",")}]`;
	const request = http.request({ agent, host: "127.0.0.1", port: upstream, path: "/api/batch", method: "POST",
		headers: { "Content-Length": Buffer.byteLength(body) } }, (answer) => answer.resume().on("end", done));
	request.on("error", fail).end(body);
});

setInterval(async () => {
	if (busy) return;
	busy = true;
	while (queue.length) await post(queue.splice(0, 100));
	busy = false;
}, 1000);

http.createServer((request, response) => {
	const pieces = [];
	request.on("data", (piece) => pieces.push(piece)).on("end", () => {
		const event = JSON.parse(Buffer.concat(pieces).toString());
		const website = event.payload.website;
		event.payload = { ip: request.socket.remoteAddress.replace(/\.\d+$/, ".0"),
			userAgent: request.headers["user-agent"], timestamp: Math.floor(Date.now() / 1000),
			...cleaned(event.payload), website };
		const body = JSON.stringify(event);
		fs.writeSync(out, body + "\n"); // to the page cache, before the answer
		queue.push(body);
		response.setHeader("Content-Type", "application/json");
		response.end('{"cache":"none","sessionId":"0","visitId":"0"}');
	});
}).listen(Number(port), "127.0.0.1");
