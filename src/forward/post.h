/*
 * post - one request to the upstream, and what its end means.
 *
 * The easy handle and the buffers are used again and again. An answer's bytes are
 * read by batch.h and thrown away.
 */
#ifndef TAMIS_POST_H
#define TAMIS_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "batch.h"
#include "buf.h"
#include "lane.h"
#include "sink.h"
#include "status.h"

enum post_end {
	POST_ANSWERED, /* outcomes hold what became of each event */
	POST_REFUSED,  /* the request as a whole is not taken and never will be */
	POST_AGAIN,    /* the upstream is out or overloaded */
	POST_MISTAKE,  /* nothing is taken until a person mends something */
	POST_NO_BATCH, /* an older Umami, without /api/batch */
};

struct post {
	CURL *easy;
	struct curl_slist header; /* in front of the sink's, of an event with a token */
	struct buf token;
	struct buf body, answer;
	struct item **items;
	struct outcome *outcomes;
	size_t n;
	enum sink_way way;
	bool busy;
	bool apart; /* the one item stood apart */
	int64_t started_us;
	/* After post_end(): */
	int code; /* HTTP, 0 without an answer */
	int64_t retry_after_s;
	const char *said; /* the failure in tamis' own words */
	bool heard;	  /* the upstream saw the request, so the events may be to blame */
};

MUST_CHECK enum status post_open(struct post *post, const struct sink *sink, size_t max_batch);
/* Frees the items too. */
void post_close(struct post *post);
/*
 * Start sending items[0..n) (n is 1 for SINK_SEND). ST_NO_MEMORY: not started.
 * timeout_ms: for the whole of it.
 */
MUST_CHECK enum status post_start(struct post *post, CURLM *multi, const struct sink *sink,
				  enum sink_way way, long timeout_ms, int64_t now_us);
/* The transfer is over with this code; the items are still the post's. */
enum post_end post_end(struct post *post, CURLM *multi, CURLcode code);

/* The rule behind post_end(): readable says that the answer is Umami's. */
enum post_end post_judge(enum sink_way way, size_t n, int code, bool readable);

#endif
