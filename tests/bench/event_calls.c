/*
 * event_calls - what one event costs between body and record, µs of CPU a call.
 *
 * Prints "cjson", "parse", "bot", "view" and "data" with their numbers: cJSON over the
 * same body for comparison, event_parse, event_fate, and the whole way (parse, verdict,
 * straining, repair, record) of a page view and of an event with data.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clean.h"
#include "event.h"
#include "strainer.h"

#define CALLS 200000
#define ROUNDS 5
#define PAYLOAD                                                                                    \
	"{\"type\":\"event\",\"payload\":{\"website\":\"9b379b11-cd77-4afa-995e-06e009cab81c\","   \
	"\"screen\":\"1920x1080\",\"language\":\"en-US\",\"title\":\"Pricing\","                   \
	"\"hostname\":\"shop.example.com\",\"url\":\"/user/john@example.com/"                      \
	"reset?token=abc123&lang=en\","                                                            \
	"\"referrer\":\"https://www.example.org/search?q=x\""

struct bench {
	struct arena *arena;
	struct strainer *strainer;
	struct sender sender;
	const char *body;
};

typedef int call(struct bench *bench);

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_cjson(struct bench *bench)
{
	cJSON *tree = cJSON_ParseWithLength(bench->body, strlen(bench->body));

	cJSON_Delete(tree);
	return tree != NULL;
}

static struct event *parsed(struct bench *bench)
{
	struct problem problem;
	struct event *event = NULL;

	arena_reset(bench->arena);
	return event_parse(&event, bench->arena, bench->body, strlen(bench->body), &problem) ==
		       ST_OK
		   ? event
		   : NULL;
}

static int by_parse(struct bench *bench)
{
	return parsed(bench) != NULL;
}

static int by_verdict(struct bench *bench)
{
	struct event *event = parsed(bench);

	return event && event_fate(event, bench->strainer, &bench->sender) == EVENT_KEPT;
}

static int whole(struct bench *bench)
{
	struct event *event = parsed(bench);
	struct clean *clean;

	return event && event_fate(event, bench->strainer, &bench->sender) == EVENT_KEPT &&
	       event_sanitize(&clean, bench->arena, bench->strainer, event, &bench->sender) ==
		   ST_OK;
}

/* The best of some rounds: what is measured is the code, not its neighbours. */
static double best(struct bench *bench, call *run)
{
	double least = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double start = cpu_us(), took;

		for (int i = 0; i < CALLS; i++)
			if (!run(bench))
				exit(1);
		took = (cpu_us() - start) / CALLS;
		least = round == 0 || took < least ? took : least;
	}
	return least;
}

int main(void)
{
	struct config config = {.sanitize = true,
				.sanitize_emails = true,
				.sanitize_tokens = true,
				.sanitize_api_keys = true,
				.sanitize_uuids = true,
				.sanitize_phones = true,
				.sanitize_cards = true,
				.sanitize_hex = true,
				.sanitize_ips = true,
				.identity_key_dir = ""};
	struct bench bench = {.body = PAYLOAD "}}"};
	struct strainer_rules *rules;
	struct reason why;
	double parse;

	bench.sender = (struct sender){
	    .address = "203.0.113.7",
	    .user_agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
			  "Chrome/126.0.0.0 Safari/537.36",
	    .received_us = (int64_t)time(NULL) * 1000000};
	bench.arena = arena_new(1u << 20);
	if (strainer_rules_new(&rules, &config, 1, &why) != ST_OK) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	if (!bench.arena || strainer_new(&bench.strainer, rules) != ST_OK)
		return 1;
	printf("cjson %.3f\n", best(&bench, by_cjson));
	parse = best(&bench, by_parse);
	printf("parse %.3f\nbot %.3f\n", parse, best(&bench, by_verdict) - parse);
	printf("view %.3f\n", best(&bench, whole));
	bench.body =
	    PAYLOAD ",\"name\":\"buy\",\"data\":{\"plan\":\"pro\",\"qty\":2,\"price\":9.99,"
		    "\"mail\":\"a@example.com\"}}}";
	printf("data %.3f\n", best(&bench, whole));
	return 0;
}
