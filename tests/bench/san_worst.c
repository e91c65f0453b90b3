/*
 * san_worst - the slowest inputs: what every row of the tables looks for, its
 * beginning, all but its end, and whole, again and again; MB/s of CPU time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "san_input.h"
#include "sanitizer.h"

#define SIZE (300 * 1024)
#define FLOOR 100.0 /* MB/s, the project's aim */
#define SLOWEST 10
#define RESULTS 30000

static const char *const modes[] = {"text", "url", "json"};

/* A match of each pattern of detector.def; the compiler misses the row that has none. */
static const char *const detectors[] = {
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "4111111111111111",
    "6212 3456 7890 1234 562",
    "4111 1111 1111 1111",
    "41111111 11111111",
    "3782 822463 10005",
    "+14155550132",
    "+49 (30) 901-820",
    "+49+30+901820",
    "(415) 555-0132",
    "phone: 030 1234567",
    "tel 030 1234567",
    "DE44 5001 0517 5407 3249 31",
    "aa:bb:cc:dd:ee:ff",
    "aabb.ccdd.eeff",
    "123-45-6789",
};

enum {
#define DETECTOR(name, san_class, pattern, check) ROW_##name,
#include "detector.def"
#undef DETECTOR
	ROWS
};
_Static_assert(sizeof(detectors) / sizeof(*detectors) == ROWS, "an example for every detector");

static const char *const names[] = {
#define LAST(word, kind) word,
#define GLUED(word, kind) word,
#define PAIR(before, last, kind) before "_" last,
#include "name.def"
#undef LAST
#undef GLUED
#undef PAIR
};

struct result {
	double speed;
	const char *mode;
	int pieces;
	char of[64];
};

struct worst {
	struct san_scanner *scanner;
	char in[SIZE], out[8 * SIZE];
	struct result results[RESULTS];
	size_t n;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void fill(char *in, const char *unit, size_t n)
{
	for (size_t at = 0; at < SIZE; at += n)
		memcpy(in + at, unit, n < SIZE - at ? n : SIZE - at);
}

/* Where it is slow the best of a few: a shared machine interrupts. */
static double speed(struct worst *w, enum san_mode mode, int *pieces)
{
	double best = 0;

	for (int round = 0; round < 3; round++) {
		size_t len;
		double begin = now();
		*pieces = san_clean(w->scanner, mode, w->in, SIZE, w->out, sizeof(w->out), &len);
		double rate = SIZE * 1e3 / (now() - begin);
		best = rate > best ? rate : best;
		if (best > 1.3 * FLOOR)
			break;
	}
	return best;
}

static void measure(struct worst *w, const char *unit, size_t n)
{
	for (int mode = 0; n > 0 && mode < 3; mode++) {
		struct result *r = &w->results[w->n++];
		if (w->n == RESULTS) {
			fprintf(stderr, "san_worst: there are more than %d inputs\n", RESULTS);
			exit(1);
		}
		fill(w->in, unit, n);
		r->speed = speed(w, (enum san_mode)mode, &r->pieces);
		r->mode = modes[mode];
		size_t len = n < sizeof(r->of) - 1 ? n : sizeof(r->of) - 1;
		memcpy(r->of, unit, len);
		r->of[len] = 0;
	}
}

/* The anchor in a row; the match without its end, glued and apart; the match; half of it. */
static void measure_row(struct worst *w, const char *anchor, const char *example, size_t n)
{
	char unit[8400];
	int len;

	measure(w, anchor, strlen(anchor));
	len = snprintf(unit, sizeof(unit), "-%s", anchor);
	measure(w, unit, (size_t)len);
	measure(w, example, n - 1);
	measure(w, example, n / 2);
	len = snprintf(unit, sizeof(unit), "%.*s ", (int)n - 1, example);
	measure(w, unit, (size_t)len);
	len = snprintf(unit, sizeof(unit), "%s %.*s", anchor, (int)n, example);
	measure(w, unit, (size_t)len);
	len = snprintf(unit, sizeof(unit), "%.*s,", (int)n, example);
	measure(w, unit, (size_t)len);
	len = snprintf(unit, sizeof(unit), "%.*s\n", (int)n, example);
	measure(w, unit, (size_t)len);
}

static void measure_name(struct worst *w, const char *name)
{
	static const char *const forms[] = {
	    "%s",	 "%s=",		  "%s=,",  "%s: ",	    "%s=x&",	 "%s=a b ",
	    "\"%s\":\"", "\"%s\":\"x\",", "--%s ", "<%s>",	    "%s: word ", "%s=<",
	    "%s: abc ",	 "%s: {\"a\":",	  "%s=[",  "%s=0123456789 "};
	char unit[100];

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		int len = snprintf(unit, sizeof(unit), forms[i], name);
#pragma GCC diagnostic pop
		measure(w, unit, (size_t)len);
	}
}

static int by_speed(const void *a, const void *b)
{
	double x = ((const struct result *)a)->speed, y = ((const struct result *)b)->speed;

	return x < y ? -1 : x > y;
}

static void print_unit(const char *unit)
{
	for (; *unit; unit++) {
		if (*unit == '|' || *unit == '`')
			printf("\\%c", *unit);
		else
			printf(*unit < ' ' || *unit > '~' ? "\\x%02x" : "%c", (unsigned char)*unit);
	}
}

static void print(struct worst *w, size_t most)
{
	size_t below = 0;

	qsort(w->results, w->n, sizeof(*w->results), by_speed);
	while (below < w->n && w->results[below].speed < FLOOR)
		below++;
	printf("| again and again (%s) | mode | MB/s | redactions |\n|---|---|---|---|\n",
	       san_isa());
	for (size_t i = 0; i < w->n && i < most; i++) {
		printf("| ");
		print_unit(w->results[i].of);
		printf(" | %s | %.0f | %d |\n", w->results[i].mode, w->results[i].speed,
		       w->results[i].pieces);
	}
	printf("\n%zu of %zu inputs of %d KB below %.0f MB/s.\n", below, w->n, SIZE / 1024, FLOOR);
}

static void measure_all(struct worst *w)
{
	uint64_t seed = 99;
	char key[8192], anchor[16];
	size_t len;

	for (size_t i = 0; (len = san_key_example(i, &seed, key, sizeof(key))) > 0; i++)
		measure_row(w, san_key_anchor(i), key, len);
	for (size_t i = 0; i < sizeof(detectors) / sizeof(*detectors); i++) {
		len = (size_t)snprintf(anchor, sizeof(anchor), "%.4s", detectors[i]);
		measure_row(w, anchor, detectors[i], strlen(detectors[i]));
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		measure_name(w, names[i]);
	for (size_t i = 0; san_pieces[i]; i++)
		measure(w, san_pieces[i], strlen(san_pieces[i]));
}

int main(int argc, char **argv)
{
	struct worst *w = calloc(1, sizeof(*w));
	struct san_options options;
	struct san_rules *rules;

	san_options_init(&options);
	options.action[SAN_IP] = SAN_TRUNCATE;
	if (!w || san_rules_new(&rules, &options, NULL, 0) || san_rules_compile(rules) ||
	    san_scanner_new(&w->scanner, rules))
		return 1;
	measure_all(w);
	print(w, argc > 1 ? strtoul(argv[1], NULL, 10) : SLOWEST);
	san_scanner_free(w->scanner);
	san_rules_free(rules);
	free(w);
	return 0;
}
