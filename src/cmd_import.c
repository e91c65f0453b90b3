/*
 * cmd_import - `tamis import`: page views of web servers' access logs, through the same
 * pipeline as events that come in over HTTP.
 *
 * Each line that is a page view becomes a submission; once the gateway has it on the
 * spool the ledger remembers the line. Nothing else is kept between runs.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "arena.h"
#include "bot.h"
#include "clock.h"
#include "command.h"
#include "gateway.h"
#include "host.h"
#include "import_input.h"
#include "import_ledger.h"
#include "import_line.h"
#include "import_progress.h"
#include "import_rule.h"
#include "log.h"
#include "state.h"
#include "url.h"

#define BODY_BYTES ((size_t)1024 * 1024)
#define LINE_ARENA_BYTES (4 * IMPORT_LINE_MAX)
#define CONFIRM_EVERY_US (5 * US_PER_S) /* longer than the spool's sync interval */
#define FULL_POLL_NS 200000000L

enum import_count {
	COUNT_LINES,
	COUNT_TAKEN,
	COUNT_KNOWN,
	COUNT_MALFORMED,
	COUNT_METHOD,
	COUNT_STATUS,
	COUNT_ASSET,
	COUNT_BOT,
	COUNT_REFUSED,
	COUNTS
};

struct importer {
	const struct config *config;
	const volatile sig_atomic_t *stopping;
	char website[37];
	char hostname[256]; /* empty: the log's virtual host */
	bool bots, assets;
	bool waited; /* it was said that the spool is full */
	struct gateway *gateway;
	struct gateway_worker *worker;
	struct import_ledger *ledger;
	struct import_progress progress;
	uint64_t done_bytes; /* of the inputs before this one */
	int64_t confirmed_us;
	struct buf body;
	struct arena *arena; /* of one line */
	uint64_t counts[COUNTS];
};

/* In lower case: a line is the same however the options were written. */
static bool lower(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size)
		return false;
	for (size_t i = 0; i <= len; i++)
		out[i] = (char)tolower((unsigned char)text[i]);
	return true;
}

/* What no event may have as its hostname would silently be left out of each. */
static bool take_hostname(struct importer *importer, const char *name)
{
	return host_is_valid(name, name + strlen(name), true) &&
	       lower(importer->hostname, sizeof(importer->hostname), name);
}

static enum status read_options(struct importer *importer, const struct invocation *call,
				struct reason *why)
{
	static const struct option options[] = {
	    {"website", required_argument, NULL, 'w'},
	    {"hostname", required_argument, NULL, 'h'},
	    {"bots", no_argument, NULL, 'b'},
	    {"assets", no_argument, NULL, 'a'},
	    {NULL, 0, NULL, 0},
	};
	enum status status = ST_OK;
	int option;

	(void)lower(importer->website, sizeof(importer->website),
		    importer->config->umami_website_id);
	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == 'w' && !lower(importer->website, sizeof(importer->website), optarg))
			return reason_set(why, ST_USAGE, "import: --website wants a UUID");
		if (option == 'h' && !take_hostname(importer, optarg))
			return reason_set(why, ST_USAGE, "import: --hostname wants a host's name");
		if (option == 'b')
			importer->bots = true;
		if (option == 'a')
			importer->assets = true;
		if (option == '?')
			return status;
	}
	if (!importer->config->umami_enabled)
		return reason_set(why, ST_CONFIG, "umami.enabled is false: nothing would be kept");
	if (!*importer->website)
		return reason_set(why, ST_USAGE,
				  "import: --website=UUID is needed (umami.website_id is not set)");
	if (optind >= call->argc)
		return reason_set(why, ST_USAGE, "import: name a log, or - for standard input");
	return ST_OK;
}

/* Umami refuses an event whose referrer is no URL; the view is worth more than that. */
static bool is_url(struct importer *importer, const char *referrer)
{
	struct text text;

	arena_reset(importer->arena);
	text = text_utf8(importer->arena, referrer, strlen(referrer));
	return text.data && url_is_valid(text);
}

static void build_body(struct importer *importer, const struct import_line *line)
{
	const char *hostname = *importer->hostname ? importer->hostname : line->host;
	struct buf *body = &importer->body;

	buf_reset(body);
	buf_adds(body, "{\"type\":\"event\",\"payload\":{\"website\":");
	buf_add_json(body, importer->website, strlen(importer->website));
	buf_adds(body, ",\"hostname\":");
	buf_add_json(body, hostname, strlen(hostname));
	buf_adds(body, ",\"url\":");
	buf_add_json(body, line->url, strlen(line->url));
	if (line->referrer && is_url(importer, line->referrer)) {
		buf_adds(body, ",\"referrer\":");
		buf_add_json(body, line->referrer, strlen(line->referrer));
	}
	buf_addf(body, ",\"timestamp\":%" PRId64 "}}", line->time_s);
}

/* Until the spool has room again, or somebody stops us. */
static void wait_for_room(struct importer *importer)
{
	const struct timespec pause = {0, FULL_POLL_NS};

	progress_clear(&importer->progress);
	if (!importer->waited)
		log_notice("import: the spool is full, waiting for the forwarder to make room%s",
			   counters_forwarder_moves(gateway_counters(importer->gateway))
			       ? ""
			       : "; no forwarder is seen: is \"tamis forward\" running?");
	importer->waited = true;
	while (!*importer->stopping && gateway_ready(importer->gateway) == ST_FULL)
		(void)nanosleep(&pause, NULL);
}

static bool is_bot(const struct import_line *line)
{
	return line->agent &&
	       bot_is((struct text){.data = line->agent, .len = strlen(line->agent)});
}

/* The gateway's answer to one line; a full spool is waited for. */
static struct verdict submit(struct importer *importer, const struct import_line *line)
{
	struct submission submission = {
	    .address = line->address,
	    /* Umami drops what comes from a bot; a line of one is here by --bots. */
	    .user_agent = importer->bots && is_bot(line) ? NULL : line->agent,
	    .imported = true,
	};
	struct verdicts verdicts;

	build_body(importer, line);
	if (!buf_ok(&importer->body))
		return (struct verdict){.fate = FATE_REFUSED, .status = ST_TOO_LARGE};
	submission.body = importer->body.data;
	submission.len = importer->body.len;
	for (;;) {
		gateway_accept(importer->worker, &submission, &verdicts);
		if (verdicts.whole.fate != FATE_REFUSED || verdicts.whole.status != ST_FULL ||
		    *importer->stopping)
			return verdicts.whole;
		wait_for_room(importer);
	}
}

static bool is_about(const struct problem *problem, const char *place)
{
	for (size_t i = 0; i < problem->n; i++)
		if (strcmp(problem->items[i].place, place) == 0)
			return true;
	return false;
}

/* A view that no earlier run had. */
static enum status take_view(struct importer *importer, const struct import_line *line,
			     uint64_t hash, struct reason *why)
{
	struct stamp stamp = gateway_stamp(importer->worker);
	struct verdict verdict;
	enum status status;

	status = ledger_intend(importer->ledger, line->time_s, hash, &stamp, why);
	if (status != ST_OK)
		return status;
	verdict = submit(importer, line);
	switch (verdict.fate) {
	case FATE_ACCEPTED:
		importer->counts[COUNT_TAKEN]++;
		if (importer->config->umami_debug) /* printed, not kept */
			return ST_OK;
		return ledger_add(importer->ledger, line->time_s, hash, why);
	case FATE_INVALID:
		if (is_about(verdict.problem, "payload.website"))
			return reason_set(why, ST_USAGE, "import: --website wants a UUID");
		importer->counts[COUNT_REFUSED]++;
		return ST_OK;
	case FATE_BOT:
	case FATE_NETWORK:
	case FATE_HOSTNAME:
	case FATE_REFERRER:
		importer->counts[COUNT_REFUSED]++;
		return ST_OK;
	case FATE_DISABLED:
		return reason_set(why, ST_CONFIG, "events are not kept now");
	case FATE_WEBSITE:
		return reason_set(why, ST_DENIED, "website %.64s is not one of umami.websites",
				  importer->website);
	case FATE_REFUSED:
		break;
	}
	if (verdict.status == ST_FULL) {
		/* And stopped while waiting: the line is for the next run. */
		importer->counts[COUNT_LINES]--;
		return ST_OK;
	}
	if (verdict.status == ST_TOO_LARGE) {
		importer->counts[COUNT_REFUSED]++;
		return ST_OK;
	}
	return reason_set(why, verdict.status, "an event was not taken: %s",
			  status_text(verdict.status));
}

static enum status take_line(struct importer *importer, struct import_text *text,
			     struct reason *why)
{
	static const enum import_count left_out[] = {
	    [IMPORT_METHOD] = COUNT_METHOD,
	    [IMPORT_STATUS] = COUNT_STATUS,
	    [IMPORT_ASSET] = COUNT_ASSET,
	};
	enum import_verdict verdict;
	struct import_line line;
	enum status status;
	bool known;
	uint64_t hash;

	importer->counts[COUNT_LINES]++;
	/* Parsing changes the line, so it is hashed before. */
	hash = ledger_hash(importer->ledger, importer->website, importer->hostname, text->data,
			   text->len);
	/* A last line without an end may be half-written, unless its quotes say it is whole. */
	if (text->cut || !import_line_parse(&line, text->data, text->len) ||
	    (!text->ended && !line.combined)) {
		importer->counts[COUNT_MALFORMED]++;
		return ST_OK;
	}
	verdict = import_rule(&line, importer->assets);
	if (verdict != IMPORT_VIEW) {
		importer->counts[left_out[verdict]]++;
		return ST_OK;
	}
	if (!importer->bots && is_bot(&line)) {
		importer->counts[COUNT_BOT]++;
		return ST_OK;
	}
	if (!*importer->hostname && !line.host)
		return reason_set(
		    why, ST_USAGE,
		    "import: this log names no virtual host: --hostname=NAME is needed");
	status = ledger_see(importer->ledger, line.time_s, hash, &known, why);
	if (status == ST_OK && known)
		importer->counts[COUNT_KNOWN]++;
	return status == ST_OK && !known ? take_view(importer, &line, hash, why) : status;
}

static enum status confirm_now_and_then(struct importer *importer, struct reason *why)
{
	int64_t now = clock_mono_us();

	if (now - importer->confirmed_us < CONFIRM_EVERY_US)
		return ST_OK;
	importer->confirmed_us = now;
	return ledger_confirm(importer->ledger, false, why);
}

static enum status take_input(struct importer *importer, const char *path, struct reason *why)
{
	struct import_input *input;
	struct import_text text;
	enum status status = import_open(&input, path, why);

	if (status != ST_OK)
		return status;
	ledger_begin(importer->ledger);
	while (!*importer->stopping && (status = import_next(input, &text, why)) == ST_OK) {
		status = take_line(importer, &text, why);
		if (status == ST_OK)
			status = confirm_now_and_then(importer, why);
		if (status != ST_OK)
			break;
		if (progress_is_due(&importer->progress))
			progress_show(&importer->progress,
				      importer->done_bytes + import_offset(input),
				      importer->counts[COUNT_LINES]);
	}
	importer->done_bytes += import_size(input);
	import_close(input);
	return status == ST_END ? ST_OK : status;
}

/* Sizes of all logs together; 0 where one has none. */
static uint64_t size_of_all(char *const *paths, int n)
{
	uint64_t total = 0;
	struct stat st;

	for (int i = 0; i < n; i++) {
		if (strcmp(paths[i], "-") == 0 || stat(paths[i], &st) < 0 || !S_ISREG(st.st_mode))
			return 0;
		total += (uint64_t)st.st_size;
	}
	return total;
}

/* A killed run may have left one event on the spool that the ledger does not know. */
static enum status enter_pending(struct importer *importer, struct reason *why)
{
	struct import_intent intent;
	enum status status;
	bool pending;

	status = ledger_pending(importer->ledger, &pending, &intent, why);
	if (status != ST_OK || !pending ||
	    !counters_counted(gateway_counters(importer->gateway), &intent.stamp))
		return status;
	return ledger_add(importer->ledger, intent.time_s, intent.hash, why);
}

static enum status open_all(struct importer *importer, struct reason *why)
{
	char dir[STATE_PATH_BYTES];
	enum status status;

	importer->arena = arena_new(LINE_ARENA_BYTES);
	if (!importer->arena)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	state_path(dir, importer->config, STATE_IMPORT);
	status = gateway_open(&importer->gateway, importer->config, why);
	if (status == ST_OK)
		status = gateway_worker_new(&importer->worker, importer->gateway);
	if (status == ST_OK)
		status = ledger_open(&importer->ledger, dir, why);
	/* Only now: opening the gateway has settled what was counted. */
	if (status == ST_OK)
		status = enter_pending(importer, why);
	return status;
}

/* The spool first: its closing makes durable what the ledger then confirms. */
static enum status close_all(struct importer *importer, enum status status, struct reason *why)
{
	enum status confirmed = ST_OK;

	gateway_worker_free(importer->worker);
	gateway_close(importer->gateway);
	if (importer->ledger)
		confirmed = ledger_confirm(importer->ledger, true, status == ST_OK ? why : NULL);
	ledger_close(importer->ledger);
	buf_free(&importer->body);
	arena_free(importer->arena);
	return status == ST_OK ? confirmed : status;
}

static void print_counts(const struct importer *importer)
{
	const uint64_t *n = importer->counts;

	printf("%" PRIu64 " lines: %" PRIu64 " views taken, %" PRIu64 " already imported, %" PRIu64
	       " malformed; left out: %" PRIu64 " by method, %" PRIu64 " by status, %" PRIu64
	       " assets, %" PRIu64 " bots, %" PRIu64 " refused\n",
	       n[COUNT_LINES], n[COUNT_TAKEN], n[COUNT_KNOWN], n[COUNT_MALFORMED], n[COUNT_METHOD],
	       n[COUNT_STATUS], n[COUNT_ASSET], n[COUNT_BOT], n[COUNT_REFUSED]);
}

enum status cmd_import(const struct invocation *call, struct reason *why)
{
	struct importer importer = {.config = call->config};
	enum status status = read_options(&importer, call, why);

	if (status != ST_OK)
		return status;
	command_warn(call);
	if (!call->config->umami_websites.n)
		log_notice("import: no website id is set: the spool is a ring, and when it is full "
			   "its oldest events go");
	importer.stopping = command_stop_flag();
	importer.confirmed_us = clock_mono_us();
	buf_init(&importer.body, BODY_BYTES);
	status = open_all(&importer, why);
	progress_start(&importer.progress, size_of_all(call->argv + optind, call->argc - optind));
	for (int i = optind; status == ST_OK && !*importer.stopping && i < call->argc; i++)
		status = take_input(&importer, call->argv[i], why);
	progress_clear(&importer.progress);
	status = close_all(&importer, status, why);
	if (importer.counts[COUNT_LINES] && (status == ST_OK || importer.counts[COUNT_TAKEN]))
		print_counts(&importer);
	if (*importer.stopping) {
		fputs("tamis: import: stopped; run it again to take the rest\n", stderr);
		(void)fflush(stdout);
		(void)raise(*importer.stopping); /* the handler is gone after its first use */
	}
	if (status == ST_OK && importer.counts[COUNT_LINES] &&
	    importer.counts[COUNT_LINES] == importer.counts[COUNT_MALFORMED])
		return reason_set(why, ST_INVALID, "import: no line of an access log was found");
	return status;
}
