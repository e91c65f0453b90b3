/*
 * witness - see witness.h. The website's id is made anew for each process.
 */
#include "witness.h"

#include "backoff.h"
#include "batch.h"

#define QUESTION_BYTES 512
#define ANSWER_BYTES ((size_t)64 * 1024)

static size_t take_answer(char *data, size_t size, size_t n, void *context)
{
	struct witness *witness = context;

	buf_add(&witness->answer, data, size * n);
	return buf_ok(&witness->answer) ? size * n : 0;
}

static void write_question(struct buf *question)
{
	unsigned long long high = backoff_random(), low = backoff_random();

	buf_addf(question,
		 "{\"type\":\"event\",\"payload\":{\"website\":\"%08llx-%04llx-4%03llx-8%03llx-%"
		 "012llx\","
		 "\"hostname\":\"tamis.invalid\",\"url\":\"/\",\"ip\":\"127.0.0.1\"}}",
		 high >> 32, high >> 16 & 0xffff, high & 0xfff, low >> 52, low & 0xffffffffffff);
}

enum status witness_open(struct witness *witness, const struct sink *sink)
{
	*witness = (struct witness){.easy = curl_easy_init()};
	buf_init(&witness->question, QUESTION_BYTES);
	buf_init(&witness->answer, ANSWER_BYTES);
	write_question(&witness->question);
	if (!witness->easy || !buf_ok(&witness->question) ||
	    curl_easy_setopt(witness->easy, CURLOPT_URL, sink_url(sink, SINK_SEND)) != CURLE_OK ||
	    curl_easy_setopt(witness->easy, CURLOPT_POSTFIELDS, witness->question.data) !=
		CURLE_OK ||
	    curl_easy_setopt(witness->easy, CURLOPT_WRITEFUNCTION, take_answer) != CURLE_OK ||
	    curl_easy_setopt(witness->easy, CURLOPT_WRITEDATA, witness) != CURLE_OK)
		return ST_NO_MEMORY;
	return sink_dress(sink, witness->easy);
}

void witness_close(struct witness *witness, CURLM *multi)
{
	if (witness->busy)
		(void)curl_multi_remove_handle(multi, witness->easy);
	curl_easy_cleanup(witness->easy);
	buf_free(&witness->question);
	buf_free(&witness->answer);
}

void witness_ask(struct witness *witness, CURLM *multi, long timeout_ms, int64_t now_us)
{
	if (witness->busy)
		return;
	buf_reset(&witness->answer);
	if (curl_easy_setopt(witness->easy, CURLOPT_TIMEOUT_MS, timeout_ms) != CURLE_OK ||
	    curl_multi_add_handle(multi, witness->easy) != CURLM_OK)
		return;
	witness->busy = true;
	witness->asked_us = now_us;
}

bool witness_hear(struct witness *witness, CURLM *multi, CURLcode code)
{
	struct outcome outcome;
	long http = 0;

	(void)curl_easy_getinfo(witness->easy, CURLINFO_RESPONSE_CODE, &http);
	(void)curl_multi_remove_handle(multi, witness->easy);
	witness->busy = false;
	return code == CURLE_OK && http == 400 && witness->answer.len &&
	       batch_outcome(&outcome, (int)http, witness->answer.data, witness->answer.len) ==
		   ST_OK &&
	       outcome.unknown_website;
}
