/*
 * analytics.mjs - counts for releases: declared metrics, a budget a day, nothing of a person.
 *
 * What a metric is comes from the registry, by the wrappers that `tamis registry client` writes.
 * Where it says krr, the answer is replaced at random before it leaves the device, in integers
 * and from crypto.getRandomValues: the same algorithm as src/privacy/krr.c. Of the day only a
 * number a metric is kept here, of how many counted. Nothing is sent under DNT or GPC.
 */
const MICRO = 1000000;
const BATCH_MAX = 100;
const OTHER = "__other__";
const KEPT = "tamis.budget";

const words = new Uint32Array(256);
let left = 0;

const word = () => {
	if (left == 0) {
		crypto.getRandomValues(words);
		left = words.length;
	}
	const value = words[--left];
	words[left] = 0;
	return value;
};

/* Uniform in [0, n), n below 2^32: what lies beyond the last whole multiple of n is drawn anew. */
const below = n => {
	const end = 4294967296 - 4294967296 % n;
	let value = word();
	while (value >= end) value = word();
	return value % n;
};

/* True with exp(-num/den), 0 <= num <= den <= 10^6; the 4096th round is out of reach. */
const chanceExpPart = (num, den) => {
	let k = 1;
	while (k < 4096 && below(den * k) < num) k++;
	return k % 2 == 1;
};

const chanceExp = (num, den) => {
	for (; num > den; num -= den) if (!chanceExpPart(1, 1)) return false;
	return chanceExpPart(num, den);
};

/* The index to report instead of `truth`, of k. */
export const respond = (truth, k, epsilonMicro) => {
	for (;;) {
		const value = below(k);
		if (value == truth || chanceExp(epsilonMicro, MICRO)) return value;
	}
};

const upperTwo = text => text.slice(0, 2).toUpperCase();

/* Finer places are cut to the state, as the server would: after the draw it is too late. */
const coarse = {
	us_states: text => {
		const place = /^us-./i.test(text) ? text.slice(3) : text;
		return /^[\s\S]{2}(?:[-,/ _]|$)/.test(place) ? upperTwo(place) : OTHER;
	},
};

const indexOf = (dimension, value) => {
	const text = dimension.coarsen ? coarse[dimension.coarsen](String(value)) : String(value);
	const index = dimension.values.indexOf(text);
	return index < 0 ? dimension.values.length - 1 : index; /* the last is OTHER */
};

/* What leaves the device instead of these values. */
const randomise = (metric, indices) => {
	const sizes = metric.dimensions.map(d => d.values.length);
	if (metric.split) {
		const part = Math.floor(metric.clientEpsilonMicro / sizes.length);
		return indices.map((index, i) => respond(index, sizes[i], part));
	}
	const joint = indices.reduce((sum, index, i) => sum * sizes[i] + index, 0);
	let answer = respond(joint, sizes.reduce((a, b) => a * b, 1), metric.clientEpsilonMicro);
	return sizes.map(size => size).reverse().map(size => {
		const index = answer % size;
		answer = Math.floor(answer / size);
		return index;
	}).reverse();
};

const today = () => new Date().toISOString().slice(0, 10);

const metrics = new Map();
const settings = {endpoint: "/api/analytics/increment", jitterMs: 10000};
let queue = [], timer, spent = {day: "", counts: {}};

const off = () => navigator.globalPrivacyControl || navigator.doNotTrack == "1" || window.doNotTrack == "1";

/* Today's numbers; where the page may not keep any they last as long as the page. */
const readSpent = () => {
	try {
		spent = JSON.parse(localStorage.getItem(KEPT)) || spent;
	} catch {}
	if (spent.day != today() || !spent.counts) spent = {day: today(), counts: {}};
	return spent.counts;
};

const spend = name => {
	const counts = readSpent();
	counts[name] = (counts[name] || 0) + 1;
	try {
		localStorage.setItem(KEPT, JSON.stringify(spent));
	} catch {}
};

const used = name => readSpent()[name] || 0;
const allowed = metric => metric.cells * metric.each;

const post = increments => fetch(settings.endpoint, {
	method: "POST",
	headers: {"Content-Type": "application/json"},
	body: JSON.stringify({increments}),
	credentials: "omit",
	referrerPolicy: "no-referrer",
	keepalive: true,
}).catch(() => {}); /* what is lost is lost: sent again it might count twice */

const send = () => {
	clearTimeout(timer);
	timer = undefined;
	const all = queue;
	queue = [];
	const sent = [];
	for (let i = 0; i < all.length; i += BATCH_MAX) sent.push(post(all.slice(i, i + BATCH_MAX)));
	return Promise.all(sent).then(() => {});
};

/* In an order and at a time that say nothing of when each was counted. */
const enqueue = item => {
	const at = below(queue.length + 1);
	queue.splice(at, 0, item);
	if (queue.length >= BATCH_MAX) send();
	else timer ??= setTimeout(send, below(settings.jitterMs + 1));
};

export const analytics = {
	/* Where to; {endpoint, jitterMs}. */
	configure(options) {
		Object.assign(settings, options);
	},

	/* Metrics by their names, as `tamis registry client` writes them. */
	declare(declared) {
		for (const [name, metric] of Object.entries(declared)) metrics.set(name, metric);
	},

	/* true: it is on its way. false: asked not to, or the day's budget is used up. */
	increment(name, dimensions = {}) {
		const metric = metrics.get(name);
		if (!metric) throw new TypeError("this metric is not declared");
		const given = Object.keys(dimensions);
		if (given.length != metric.dimensions.length || !metric.dimensions.every(d => given.includes(d.name)))
			throw new TypeError("these are not the metric's dimensions");
		if (off() || used(name) >= allowed(metric)) return false;
		let indices = metric.dimensions.map(d => indexOf(d, dimensions[d.name]));
		if (metric.clientEpsilonMicro) indices = randomise(metric, indices);
		spend(name);
		enqueue({
			metric: name,
			dimensions: Object.fromEntries(metric.dimensions.map((d, i) => [d.name, d.values[indices[i]]])),
			domain_version: metric.domainVersion,
		});
		return true;
	},

	/* What this device has told today, and what it may: {metric: {used, allowed, epsilon}}. */
	budget() {
		const told = {};
		for (const [name, metric] of metrics)
			told[name] = {
				used: used(name),
				allowed: allowed(metric),
				epsilon: used(name) * (metric.clientEpsilonMicro || 0) / MICRO,
			};
		return told;
	},

	/* Send what waits, now. */
	flush: () => queue.length ? send() : Promise.resolve(),
};

addEventListener("pagehide", send);
document.addEventListener("visibilitychange", () => {
	if (document.visibilityState == "hidden") send();
});
