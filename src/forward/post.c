/*
 * post - curl's options per request, its error codes and HTTP's in five words.
 */
#include "post.h"

#include <stdlib.h>

/* Umami's stack traces are long; beyond this an answer counts as unreadable. */
#define TOKEN_BYTES_MAX 4096
#define ANSWER_BYTES_FIXED ((size_t)64 * 1024)
#define ANSWER_BYTES_EACH ((size_t)16 * 1024)
#define BODY_BYTES_MAX ((size_t)1 << 30)
/* A buffer that grew beyond this for one request is given back after it. */
#define BUFFER_KEPT_BYTES ((size_t)1 << 20)

static size_t take_answer(char *data, size_t size, size_t n, void *context)
{
	struct post *post = context;

	if (size * n > ANSWER_BYTES_FIXED + post->n * ANSWER_BYTES_EACH - post->answer.len)
		return 0;
	buf_add(&post->answer, data, size * n);
	return buf_ok(&post->answer) ? size * n : 0;
}

enum status post_open(struct post *post, const struct sink *sink, size_t max_batch)
{
	*post = (struct post){.easy = curl_easy_init()};
	buf_init(&post->body, BODY_BYTES_MAX);
	buf_init(&post->token, TOKEN_BYTES_MAX);
	buf_init(&post->answer, ANSWER_BYTES_FIXED + max_batch * ANSWER_BYTES_EACH);
	post->items = calloc(max_batch, sizeof(struct item *));
	post->outcomes = calloc(max_batch, sizeof(struct outcome));
	if (!post->easy || !post->items || !post->outcomes)
		return ST_NO_MEMORY;
	if (curl_easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, take_answer) != CURLE_OK ||
	    curl_easy_setopt(post->easy, CURLOPT_WRITEDATA, post) != CURLE_OK ||
	    curl_easy_setopt(post->easy, CURLOPT_PRIVATE, post) != CURLE_OK)
		return ST_NO_MEMORY;
	return sink_dress(sink, post->easy);
}

void post_close(struct post *post)
{
	for (size_t i = 0; i < post->n; i++)
		item_free(post->items[i]);
	curl_easy_cleanup(post->easy);
	buf_free(&post->body);
	buf_free(&post->token);
	buf_free(&post->answer);
	free(post->items);
	free(post->outcomes);
	*post = (struct post){0};
}

static bool build_body(struct post *post, enum sink_way way)
{
	if (way == SINK_SEND) {
		buf_reset(&post->body);
		buf_add(&post->body, post->items[0]->json, post->items[0]->json_len);
		return buf_ok(&post->body);
	}
	batch_start(&post->body);
	for (size_t i = 0; i < post->n; i++)
		batch_add(&post->body, post->items[i]->json, post->items[i]->json_len);
	batch_end(&post->body);
	return buf_ok(&post->body);
}

/* The session that the page echoed goes along, so that the visit goes on. */
static bool set_headers(struct post *post, const struct sink *sink, enum sink_way way)
{
	struct curl_slist *headers = sink_headers(sink);
	const char *token = way == SINK_SEND ? post->items[0]->token : NULL;

	if (token) {
		buf_reset(&post->token);
		buf_adds(&post->token, "x-umami-cache: ");
		buf_adds(&post->token, token);
		if (!buf_ok(&post->token))
			return false;
		post->header = (struct curl_slist){post->token.data, headers};
		headers = &post->header;
	}
	return curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
}

enum status post_start(struct post *post, CURLM *multi, const struct sink *sink, enum sink_way way,
		       long timeout_ms, int64_t now_us)
{
	CURL *easy = post->easy;

	post->way = way;
	buf_reset(&post->answer);
	if (!build_body(post, way) || !set_headers(post, sink, way) ||
	    curl_easy_setopt(easy, CURLOPT_URL, sink_url(sink, way)) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post->body.data) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body.len) !=
		CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) != CURLE_OK ||
	    curl_multi_add_handle(multi, easy) != CURLM_OK)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < post->n; i++) {
		post->items[i]->before_us = post->items[i]->sent_us;
		post->items[i]->sent_us = now_us;
	}
	post->started_us = now_us;
	post->busy = true;
	return ST_OK;
}

static enum post_end judge_transport(struct post *post, CURLcode code)
{
	post->said = curl_easy_strerror(code);
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
		return POST_MISTAKE;
	case CURLE_WRITE_ERROR:
		post->said = "the answer is too long";
		return POST_AGAIN;
	default:
		return POST_AGAIN;
	}
}

static bool is_refusal(int code)
{
	return code == 400 || code == 413 || code == 414 || code == 415 || code == 422 ||
	       code == 431;
}

enum post_end post_judge(enum sink_way way, size_t n, int code, bool readable)
{
	if (code >= 200 && code < 300)
		return readable ? POST_ANSWERED : POST_AGAIN;
	/* Umami's own failure on this event; 502, 503, 504 are what stands in front of it. */
	if (way == SINK_SEND && code == 500)
		return POST_ANSWERED;
	if (code == 408 || code == 429 || code >= 500)
		return POST_AGAIN;
	if (way == SINK_BATCH && (code == 404 || code == 405))
		return POST_NO_BATCH;
	/* A 400 that is not Umami's may be any server that does not know what it got. */
	if (is_refusal(code) && (n > 1 || readable || code != 400))
		return POST_REFUSED;
	return POST_MISTAKE;
}

static const char *words(enum post_end end, int code)
{
	if (code >= 200 && code < 300)
		return "the answer is not Umami's";
	if (code >= 300 && code < 400)
		return "redirects are not followed";
	if (code == 401 || code == 403)
		return "access denied: is umami.api_key right?";
	if (end == POST_MISTAKE)
		return "that is no Umami: is umami.api_url right?";
	return "the upstream cannot take events now";
}

static bool read_outcomes(struct post *post)
{
	bool good = post->code >= 200 && post->code < 300;

	if (post->way == SINK_SEND || (post->n == 1 && !good))
		return batch_outcome(&post->outcomes[0], post->code, post->answer.data,
				     post->answer.len) == ST_OK;
	return good && batch_outcomes(post->outcomes, post->n, post->answer.data,
				      post->answer.len) == ST_OK;
}

static void shrink(struct buf *buf)
{
	if (buf->cap > BUFFER_KEPT_BYTES)
		buf_free(buf);
}

enum post_end post_end(struct post *post, CURLM *multi, CURLcode code)
{
	curl_off_t retry_after_s = 0;
	enum post_end end;
	long http = 0, request_bytes = 0;

	(void)curl_easy_getinfo(post->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
	(void)curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &http);
	(void)curl_easy_getinfo(post->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	(void)curl_multi_remove_handle(multi, post->easy);
	post->busy = false;
	post->code = code == CURLE_OK ? (int)http : 0;
	post->retry_after_s = retry_after_s;
	post->heard = request_bytes > 0 && post->code != 429;
	if (code != CURLE_OK) {
		end = judge_transport(post, code);
	} else {
		end = post_judge(post->way, post->n, post->code, read_outcomes(post));
		post->said = words(end, post->code);
	}
	shrink(&post->body);
	shrink(&post->answer);
	return end;
}
