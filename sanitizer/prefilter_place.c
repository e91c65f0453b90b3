/*
 * prefilter_place - which literals share a bucket.
 *
 * A bucket of Teddy lets everything through that has at each position a byte of one of its
 * literals, or, of which a nibble is like that of one, the other like that of another. So it
 * matters which share one: each is put where it costs least on a sample of what logs hold, and
 * moved again when all have a place; of several orders the best counts. The sample is looked
 * at as the prefilter does with a text, by bitmaps: a bit for each of its bytes.
 */
#pragma GCC optimize("O3") /* loops over bitmaps */
#include "chars.h"
#include "prefilter_build.h"
#include "prefilter_look.h"

#include <string.h>

#define ROUNDS 4
#define TWO_COST 3
#define NOWHERE 0xff

static const char sample[] =
    "198.51.100.23 - - [17/May/2015:10:05:03 +0000] \"GET /presentations/logs-2013/images/k"
    "ibana.png HTTP/1.1\" 200 203023 \"http://www.example.com/presentations/logs-2013/\" \""
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/32.0.1700.77 Safari/537.36\"\n"
    "203.0.113.9 - - [03/Feb/2024:21:17:55 +0100] \"GET /blog/tags/linux?utm_source=feed&ut"
    "m_medium=rss HTTP/2.0\" 304 0 \"https://www.google.com/url?sa=t&rct=j&q=&esrc=s&source"
    "=web&cd=5&url=http%3A%2F%2Fexample.com%2Farticles%2F&ei=w\" \"Mozilla/5.0 (Windows NT "
    "10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0\"\n"
    "192.0.2.77 - - [29/Nov/2025:06:48:12 +0000] \"POST /api/items/1423 HTTP/1.1\" 201 512 "
    "\"-\" \"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (K"
    "HTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1\"\n"
    "198.51.100.7 - admin [12/Dec/2026:00:00:01 +0000] \"GET /robots.txt HTTP/1.1\" 404 162"
    " \"-\" \"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\"\n"
    "203.0.113.40 - - [01/Jan/2023:12:30:45 +0000] \"GET /projects/style.css HTTP/1.1\" 200"
    " 4877 \"https://shop.example.org/search?page=2&sort=price\" \"Mozilla/5.0 (X11; Ubuntu"
    "; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\"\n"
    "192.0.2.10 - - [30/Jun/2022:08:15:27 +0200] \"GET /favicon.ico HTTP/1.1\" 200 3638 \"-"
    "\" \"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) C"
    "hrome/126.0.0.0 Mobile Safari/537.36 Edg/126.0.0.0\"\n"
    "Oct 11 22:14:15 mail sshd[4721]: Failed password for invalid user test from 203.0.113."
    "5 port 53122 ssh2\n"
    "Jul  3 04:05:06 web-2 systemd[1]: Started Session 1432 of user deploy.\n"
    "2026-03-14T09:26:53.589Z INFO  [main] c.e.shop.OrderService - order 48213 accepted in "
    "12 ms\n"
    "{\"timestamp\":\"2025-08-19T13:37:00Z\",\"level\":\"warn\",\"msg\":\"request failed\","
    "\"status\":502,\"path\":\"/v1/users\",\"duration_ms\":31.4,\"host\":\"app-7\"}\n"
    "2024/05/05 17:01:59 [error] 1198#0: *5021 connect() failed (111: Connection refused) w"
    "hile connecting to upstream, client: 192.0.2.4\n"
    "time=2026-01-02T03:04:05Z level=info component=worker msg=\"job done\" id=99182 queue="
    "default attempt=1\n"
    "2025-06-02 11:45:19 status installed libssl3:amd64 3.0.11-1~deb12u2\n"
    "2025-06-02 11:45:20 configure man-db:amd64 2.11.2-2 <none>\n"
    "Exception in thread \"main\" java.lang.IllegalStateException: connection pool is close"
    "d\n"
    "\tat org.springframework.web.servlet.DispatcherServlet.doService(DispatcherServlet.jav"
    "a:897)\n"
    "\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.ja"
    "va:1136)\n"
    "Traceback (most recent call last):\n"
    "  File \"/usr/lib/python3/dist-packages/flask/app.py\", line 2073, in wsgi_app\n"
    "    response = self.full_dispatch_request()\n"
    "I0811 14:02:33.417623       1 reconciler.go:224] \"operationExecutor.VerifyControllerA"
    "ttachedVolume started\" volume=\"config\" pod=\"default/web-5d59d67564-x2x4b\"\n"
    "[ 1234.567890] usb 1-1: new high-speed USB device number 4 using xhci_hcd\n"
    "SELECT id, name, created_at FROM orders WHERE customer_id = $1 AND status IN ('open', "
    "'paid') ORDER BY created_at DESC LIMIT 50\n"
    "The quick brown fox jumps over the lazy dog, as people used to write when they tried a"
    " new font or an old machine.\n"
    "host=db-3.internal method=PUT route=/orders/:id content_type=application/json; charset"
    "=utf-8 bytes_out=1834 cache=miss\n";

#define WORDS ((sizeof(sample) + 62) / 64)

/* Where in the sample a byte has such a half, or such lower six bits; a zero word behind. */
struct sight {
	uint64_t low[16][WORDS + 1], high[16][WORDS + 1], six[64][WORDS + 1], all[WORDS + 1];
	uint64_t begin[WORDS]; /* words */
	uint64_t two[WORDS];   /* where two bytes begin any literal: such places cost more */
};

/* By position and half: where the sample has one of a bucket's literals. */
struct bucket {
	uint64_t seen[WINDOW_BYTES][2][WORDS + 1];
	size_t cost;
};

struct placing {
	struct sight sight;
	struct bucket buckets[BUCKETS];
	enum way way;
};

static void sight_make(struct sight *sight, const struct prefilter *prefilter)
{
	bool word = false;

	memset(sight, 0, sizeof(*sight));
	for (size_t i = 0; i < sizeof(sample) - 1; i++) {
		unsigned char c = (unsigned char)sample[i];
		uint64_t bit = (uint64_t)1 << i % 64;
		sight->low[c & 15][i / 64] |= bit;
		sight->high[c >> 4][i / 64] |= bit;
		sight->six[c & 63][i / 64] |= bit;
		sight->all[i / 64] |= bit;
		sight->begin[i / 64] |= word ? 0 : bit;
		sight->two[i / 64] |=
		    prefilter_two(prefilter, (const unsigned char *)sample + i) ? bit : 0;
		word = is_alnum(c);
	}
}

/* Where the sample has what is looked at of a literal's byte k: its halves, or six bits. */
static const uint64_t *half_seen(const struct placing *p, const struct literal *l, size_t k,
				 unsigned half)
{
	if (k >= l->n || (half && (p->way == SIX || k == WHOLE_BYTES)))
		return p->sight.all;
	if (p->way == SIX)
		return p->sight.six[l->s[k] & 63];
	return half ? p->sight.high[l->s[k] >> 4] : p->sight.low[l->s[k] & 15];
}

static void bucket_add(struct placing *p, struct bucket *bucket, const struct literal *l)
{
	for (size_t k = 0; k < WINDOW_BYTES; k++)
		for (unsigned half = 0; half < 2; half++) {
			const uint64_t *seen = half_seen(p, l, k, half);
			for (size_t i = 0; i < WORDS; i++)
				bucket->seen[k][half][i] |= seen[i];
		}
}

/* What the places of the sample cost that a bucket lets through with the literal in it. */
static size_t bucket_cost(const struct placing *p, const struct bucket *bucket,
			  const struct literal *l)
{
	uint64_t passes[WORDS];
	size_t n = 0;

	memcpy(passes, l->word ? p->sight.begin : p->sight.all, sizeof(passes));
	for (size_t k = 0; k < WINDOW_BYTES; k++)
		for (unsigned half = 0; half < 2; half++) {
			const uint64_t *own = bucket->seen[k][half],
				       *more = half_seen(p, l, k, half);
			for (size_t i = 0; i < WORDS; i++) {
				uint64_t now = own[i] | more[i], next = own[i + 1] | more[i + 1];
				passes[i] &= k ? now >> k | next << (64 - k) : now;
			}
		}
	for (size_t i = 0; i < WORDS; i++)
		n += (size_t)__builtin_popcountll(passes[i]) +
		     TWO_COST * (size_t)__builtin_popcountll(passes[i] & p->sight.two[i]);
	return n;
}

static void bucket_leave(struct placing *p, struct literal *literals, size_t n, struct literal *l)
{
	struct bucket *bucket = &p->buckets[l->bucket];
	const struct literal *last = NULL;
	unsigned left = l->bucket;

	memset(bucket, 0, sizeof(*bucket));
	l->bucket = NOWHERE;
	for (size_t i = 0; i < n; i++) {
		if (literals[i].bucket != left)
			continue;
		bucket_add(p, bucket, &literals[i]);
		last = &literals[i];
	}
	bucket->cost = last ? bucket_cost(p, bucket, last) : 0;
}

static void bucket_enter(struct placing *p, struct literal *l)
{
	unsigned to = l->word ? BUCKETS : WORD_BUCKET, best = NOWHERE;
	size_t least = 0, most = 0;

	for (unsigned i = l->word ? WORD_BUCKET : 0; i < to; i++) {
		size_t passes = bucket_cost(p, &p->buckets[i], l);
		if (best != NOWHERE && passes - p->buckets[i].cost >= least)
			continue;
		best = i;
		most = passes;
		least = passes - p->buckets[i].cost;
	}
	l->bucket = (unsigned char)best;
	p->buckets[best].cost = most;
	bucket_add(p, &p->buckets[best], l);
}

/* All from anew, in this order; what that costs. */
static size_t literals_enter(struct placing *p, struct literal *literals, size_t n)
{
	size_t cost = 0;

	memset(p->buckets, 0, sizeof(p->buckets));
	for (size_t i = 0; i < n; i++)
		literals[i].bucket = NOWHERE;
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < n; i++) {
			if (round > 0)
				bucket_leave(p, literals, n, &literals[i]);
			bucket_enter(p, &literals[i]);
		}
	for (size_t i = 0; i < BUCKETS; i++)
		cost += p->buckets[i].cost;
	return cost;
}

/* Always the same orders: the library's tables are the same wherever it is built. */
static void shuffle(struct literal *literals, size_t n, uint32_t *seed)
{
	for (size_t i = n; i > 1; i--) {
		*seed = *seed * 1664525 + 1013904223;
		size_t k = (*seed >> 8) % i;
		struct literal l = literals[k];
		literals[k] = literals[i - 1];
		literals[i - 1] = l;
	}
}

void prefilter_place(struct prefilter_build *b, enum way way, int tries)
{
	struct placing p = {.way = way};
	struct literal best[LITERALS_MAX];
	size_t least = SIZE_MAX;
	uint32_t seed = 1;

	sight_make(&p.sight, b->prefilter);
	for (; tries > 0; tries--) {
		size_t cost = literals_enter(&p, b->literals, b->n);
		if (cost < least) {
			least = cost;
			memcpy(best, b->literals, b->n * sizeof(*best));
		}
		shuffle(b->literals, b->n, &seed);
	}
	memcpy(b->literals, best, b->n * sizeof(*best));
}
