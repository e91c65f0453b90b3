/*
 * san_calls - nanoseconds of one san_clean() call, for strings as the gateway has them.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sanitizer.h"

#define CALLS 300000

static const struct sample {
	const char *name;
	enum san_mode mode;
	const char *text;
} samples[] = {
    {"clean URL, 100 bytes", SAN_URL,
     "https://shop.example.com/pricing/compare/"
     "plans?utm_source=news&utm_medium=mail&lang=en&page=2#top-of-it"},
    {"URL with an address and a token, 100 bytes", SAN_URL,
     "https://shop.example.com/user/john@example.com/"
     "reset?token=abc123&utm_source=newsletter&lang=en#top"},
    {"title, 40 bytes", SAN_TEXT, "Pricing and plans - the shop of examples"},
    {"event data, 120 bytes", SAN_JSON,
     "{\"plan\":\"pro\",\"price\":9.99,\"currency\":\"EUR\",\"items\":[1,2,3],\"source\":"
     "\"homepage\",\"label\":\"a longer label of it\"}"},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double one(struct san_scanner *scanner, const struct sample *sample)
{
	char out[4096];
	size_t len = strlen(sample->text), out_len;
	double best = 1e18;

	for (int round = 0; round < 5; round++) {
		double begin = now();
		for (int i = 0; i < CALLS; i++)
			if (san_clean(scanner, sample->mode, sample->text, len, out, sizeof(out),
				      &out_len) < 0)
				return -1;
		double took = (now() - begin) / CALLS;
		best = took < best ? took : best;
	}
	return best;
}

int main(void)
{
	struct san_options options;
	struct san_rules *rules;
	struct san_scanner *scanner;

	san_options_init(&options);
	options.action[SAN_IP] = SAN_TRUNCATE;
	if (san_rules_new(&rules, &options, NULL, 0) || san_rules_compile(rules) ||
	    san_scanner_new(&scanner, rules))
		return 1;
	printf("| one san_clean() call (%s) | ns |\n|---|---|\n", san_isa());
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		printf("| %s | %.0f |\n", samples[i].name, one(scanner, &samples[i]));
	san_scanner_free(scanner);
	san_rules_free(rules);
	return 0;
}
