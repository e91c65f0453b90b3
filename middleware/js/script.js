/*
 * script.js - Umami's tracker interface, written for tamis.
 *
 * Counts a page once it has loaded, or when it is left before that, and again when the page
 * moves to another URL by itself; never holds a visitor up, never throws into the page.
 *
 * The next line is the one that the responder writes anew where tracker.* names other paths:
 * from the script to the top of where tamis is mounted, and the path below it that takes events.
 * pack.py takes comments and blanks out; every statement ends with a semicolon for that.
 */
{
	const up = ".", collect = "/api/send";

	/* A module does not know its own element. */
	const script = document.currentScript || document.querySelector("script[data-website-id]");
	const attribute = name => script.getAttribute("data-" + name);
	const isSet = name => attribute(name) == "true";

	const website = attribute("website-id");
	const host = attribute("host-url");
	const domains = attribute("domains");
	const endpoint = host ? host.replace(/\/+$/, "") + collect : new URL(up + collect, script.src).href;
	const {hostname, origin} = location;

	const bare = url => url.split("#")[0];
	const clean = text => {
		const url = new URL(text);
		if (isSet("exclude-search")) url.search = "";
		if (isSet("exclude-hash")) url.hash = "";
		return url.href;
	};
	const here = () => clean(location.href);

	/* page: the URL that was counted last; referrer: where the visitor came from to it. */
	let page = here();
	let referrer = document.referrer;
	referrer = referrer && new URL(referrer).origin != origin ? clean(referrer) : "";
	let id, cache, disabled, started, pending;

	const isOff = () => {
		const dnt = navigator.doNotTrack || window.doNotTrack;
		if (attribute("do-not-track") != "false" && (navigator.globalPrivacyControl || dnt == 1 || dnt == "yes")) return true;
		if (domains && !domains.split(/[\s,]+/).includes(hostname)) return true;
		try {
			if (localStorage.getItem("umami.disabled")) return true;
		} catch {} /* a page that may not have storage */
		return disabled || !website;
	};

	/* Between a move and its page view the page that is left is the referrer. */
	const payload = (url = here()) => ({
		website,
		screen: screen.width + "x" + screen.height,
		language: navigator.language,
		title: document.title,
		hostname,
		url,
		referrer: bare(url) == bare(page) ? referrer : page,
		tag: attribute("tag") || undefined,
		id
	});

	/*
	 * keepalive: the request outlives the page, so nobody waits for it. The page's URL stays out
	 * of the Referer header, which servers log. A reply to what was sent before identify() tells
	 * of the visit before it.
	 */
	const send = async (data, type = "event") => {
		if (isOff()) return;
		const hook = window[attribute("before-send")];
		if (typeof hook == "function") data = await hook(type, data);
		if (!data) return;
		const sender = id;
		const headers = {"Content-Type": "application/json"};
		if (cache) headers["x-umami-cache"] = cache;
		try {
			const response = await fetch(endpoint, {
				method: "POST",
				headers,
				body: JSON.stringify({type, payload: data}),
				keepalive: true,
				credentials: attribute("fetch-credentials") || "omit",
				referrerPolicy: "no-referrer"
			});
			const reply = await response.json();
			disabled = disabled || reply.disabled;
			if (sender == id) cache = reply.cache || cache;
		} catch {} /* no gateway, no count */
	};

	const track = (what, data) => {
		if (typeof what == "string") return send({...payload(), name: what, data});
		if (typeof what == "function") return send(what(payload()));
		return send(what ? {website, ...what} : payload());
	};

	const identify = (who, data) => {
		if (typeof who == "string") id = who;
		else data = who || data;
		cache = "";
		return send({...payload(), data}, "identify");
	};

	/* Web vitals of the page that was counted last, sent once: when it is first hidden or left. */
	let vitals = {}, reported;
	const report = () => {
		if (reported || !Object.keys(vitals).length) return;
		reported = true;
		send({...payload(page), ...vitals}, "performance");
	};

	const observe = (type, note) =>
		new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type, buffered: true, durationThreshold: 16});

	const measure = () => {
		let first = 0, last = 0, sum = 0;
		observe("navigation", entry => vitals.ttfb = entry.responseStart);
		observe("paint", entry => {
			if (entry.name == "first-contentful-paint") vitals.fcp = entry.startTime;
		});
		observe("largest-contentful-paint", entry => vitals.lcp = entry.startTime);
		observe("event", entry => {
			if (entry.interactionId) vitals.inp = Math.max(vitals.inp || 0, entry.duration);
		});
		observe("layout-shift", entry => {
			const now = entry.startTime;
			if (entry.hadRecentInput) return;
			if (now - last > 1e3 || now - first > 5e3) first = now, sum = 0;
			last = now;
			sum += entry.value;
			vitals.cls = Math.max(vitals.cls || 0, sum);
		});
	};

	/* However often a router pushed since, one page view. */
	const view = () => {
		const url = here();
		pending = false;
		if (url == page) return;
		report();
		vitals = {};
		reported = false;
		referrer = page;
		page = url;
		send(payload());
	};
	const moved = () => {
		pending = true;
		setTimeout(view, 300);
	};

	/* A page that the browser renders beforehand is nobody's view until it is shown. */
	const start = () => {
		if (started || document.prerendering) return;
		started = true;
		page = here();
		send(payload());
	};

	const follow = () => {
		for (const name of ["pushState", "replaceState"]) {
			const original = history[name];
			history[name] = (...change) => {
				original.apply(history, change);
				if (started) moved();
			};
		}
		addEventListener("popstate", () => {
			if (started && bare(here()) != bare(page)) moved();
		});
		addEventListener("pageshow", event => {
			if (!event.persisted) return;
			page = here();
			referrer = "";
			send(payload());
		});
		addEventListener("pagehide", () => {
			start();
			if (pending) view();
			report();
		});
		document.addEventListener("visibilitychange", () => {
			if (document.visibilityState == "hidden") report();
		});
		document.addEventListener("click", event => {
			const element = event.target.closest?.("[data-umami-event]");
			const name = element?.getAttribute("data-umami-event");
			const data = {};
			if (!name) return;
			for (const {name, value} of element.attributes) {
				if (name.startsWith("data-umami-event-")) data[name.slice(17)] = value;
			}
			start();
			track(name, data);
		}, true);
		document.addEventListener("prerenderingchange", start);
		addEventListener("load", start);
		if (document.readyState == "complete") start();
		if (isSet("performance")) measure();
	};

	window.umami = window.umami || {track, identify};
	if (attribute("auto-track") != "false") follow();
}
