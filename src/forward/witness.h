/*
 * witness - does the upstream's database answer, while it fails on event after event?
 *
 * Asked with a page view of a website that does not exist: Umami looks for it in its database
 * and says 400 "Website not found."; without a database it says 500 to that as well. Nothing
 * is stored, and nobody's data is in it.
 */
#ifndef TAMIS_WITNESS_H
#define TAMIS_WITNESS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "sink.h"
#include "status.h"

struct witness {
	CURL *easy;
	struct buf question, answer;
	bool busy;
	int64_t asked_us;
};

MUST_CHECK enum status witness_open(struct witness *witness, const struct sink *sink);
/* Its request is taken off the multi handle where one is under way. */
void witness_close(struct witness *witness, CURLM *multi);
/* Unless a question is under way; where there is no memory none is asked. */
void witness_ask(struct witness *witness, CURLM *multi, long timeout_ms, int64_t now_us);
/* The transfer is over: true where it was well at witness->asked_us. */
MUST_CHECK bool witness_hear(struct witness *witness, CURLM *multi, CURLcode code);

#endif
