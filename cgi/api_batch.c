/*
 * api_batch - POST /api/batch, an array of events, in Umami's own shapes.
 *
 * 200 even where elements failed: "details" tells which and why. A whole batch is refused
 * with 503 only when none of it was kept, so that sending it again repeats nothing.
 */
#include "api_error.h"
#include "endpoint.h"

struct tally {
	size_t processed;
	size_t accepted;
	size_t errors;
	const struct session *session; /* of the last element that was taken, where it is known */
	const struct verdict *unkept;  /* the first that may be sent again */
};

/* Dropped, and counted as processed as Umami does. */
static bool is_quiet(enum fate fate)
{
	return fate >= FATE_BOT && fate <= FATE_REFERRER;
}

static bool is_error(const struct verdict *verdict)
{
	return verdict->fate != FATE_ACCEPTED && !is_quiet(verdict->fate) &&
	       verdict->fate != FATE_DISABLED;
}

static struct tally tally_of(const struct verdicts *verdicts)
{
	struct tally tally = {0};

	for (size_t i = 0; i < verdicts->n; i++) {
		const struct verdict *verdict = &verdicts->items[i];

		if (verdict->fate == FATE_ACCEPTED) {
			tally.accepted++;
			tally.session = verdict->session;
		}
		tally.errors += is_error(verdict);
		if (!tally.unkept && verdict->fate == FATE_REFUSED &&
		    response_code(verdict->status) == 503)
			tally.unkept = verdict;
	}
	tally.processed = verdicts->n - tally.errors;
	return tally;
}

/* Only where http.max_batch was raised: "errors" still counts those that are not told. */
#define DETAILS_MAX (RESPONSE_BODY_MAX / 2)

static void write_details(const struct verdicts *verdicts, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < verdicts->n && out->len < DETAILS_MAX; i++) {
		if (!is_error(&verdicts->items[i]))
			continue;
		buf_addf(out, "%s{\"index\":%zu,\"response\":", comma, i);
		(void)api_error_write(&verdicts->items[i], out);
		buf_addc(out, '}');
		comma = ",";
	}
}

void api_batch(struct exchange *exchange)
{
	struct response *response = exchange->response;
	struct buf *out = &response->body;
	struct verdicts verdicts;
	struct tally tally;

	if (!exchange_submit(exchange, true, &verdicts))
		return;
	if (verdicts.whole.fate == FATE_DISABLED) {
		response_set(response, 200, "{\"disabled\":true}");
		return;
	}
	if (verdicts.whole.fate != FATE_ACCEPTED) {
		api_error_answer(&verdicts.whole, response);
		return;
	}
	tally = tally_of(&verdicts);
	if (tally.unkept && !tally.accepted) {
		api_error_answer(tally.unkept, response);
		return;
	}
	buf_addf(out, "{\"size\":%zu,\"processed\":%zu,\"errors\":%zu,\"details\":[", verdicts.n,
		 tally.processed, tally.errors);
	write_details(&verdicts, out);
	buf_addc(out, ']');
	if (verdicts.n == 0)
		buf_adds(out, ",\"cache\":null");
	else if (tally.accepted)
		buf_addf(out, ",\"cache\":\"%s\"",
			 tally.session ? tally.session->token : SESSION_TOKEN);
	buf_addc(out, '}');
}
