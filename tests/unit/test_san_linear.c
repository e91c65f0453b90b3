/*
 * Work grows with the input, not faster, whatever it repeats: the beginning of every
 * row's tokens, whole ones, ones that fail at their last character, and every piece of
 * san_input.c.
 *
 * Work is counted, not timed. This program has a copy of the engine that calls
 * __sanitizer_cov_trace_pc() in every basic block; PCRE2 is wrapped to call out at
 * every item, and adds how far it looked; so are the functions that search memory.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "unit.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "san_input.h"
#include "sanitizer.h"

#define SMALL 6000
#define LARGE (4 * SMALL)

static uint64_t work;

/* Called by the compiler's instrumentation. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	work++;
}

/* --- PCRE2 --------------------------------------------------------------------- */

pcre2_code *__real_pcre2_compile_8(PCRE2_SPTR, PCRE2_SIZE, uint32_t, int *, PCRE2_SIZE *,
				   pcre2_compile_context *);
pcre2_code *__wrap_pcre2_compile_8(PCRE2_SPTR, PCRE2_SIZE, uint32_t, int *, PCRE2_SIZE *,
				   pcre2_compile_context *);
int __wrap_pcre2_jit_compile_8(pcre2_code *, uint32_t);
int __real_pcre2_match_8(const pcre2_code *, PCRE2_SPTR, PCRE2_SIZE, PCRE2_SIZE, uint32_t,
			 pcre2_match_data *, pcre2_match_context *);
int __wrap_pcre2_match_8(const pcre2_code *, PCRE2_SPTR, PCRE2_SIZE, PCRE2_SIZE, uint32_t,
			 pcre2_match_data *, pcre2_match_context *);
int __wrap_pcre2_jit_match_8(const pcre2_code *, PCRE2_SPTR, PCRE2_SIZE, PCRE2_SIZE, uint32_t,
			     pcre2_match_data *, pcre2_match_context *);

pcre2_code *__wrap_pcre2_compile_8(PCRE2_SPTR pattern, PCRE2_SIZE len, uint32_t options, int *error,
				   PCRE2_SIZE *offset, pcre2_compile_context *context)
{
	return __real_pcre2_compile_8(pattern, len, options | PCRE2_AUTO_CALLOUT, error, offset,
				      context);
}

/* The interpreter calls out, and does what the JIT does. */
int __wrap_pcre2_jit_compile_8(pcre2_code *code, uint32_t options)
{
	(void)code;
	(void)options;
	return 0;
}

static int called_out(pcre2_callout_block *block, void *farthest)
{
	size_t *far = farthest;

	work++;
	if (block->current_position > *far)
		*far = block->current_position;
	return 0;
}

int __wrap_pcre2_match_8(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE len,
			 PCRE2_SIZE start, uint32_t options, pcre2_match_data *data,
			 pcre2_match_context *context)
{
	size_t farthest = start;

	(void)pcre2_set_callout(context, called_out, &farthest);
	int rc = __real_pcre2_match_8(code, subject, len, start, options, data, context);
	work += farthest - start;
	return rc;
}

int __wrap_pcre2_jit_match_8(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE len,
			     PCRE2_SIZE start, uint32_t options, pcre2_match_data *data,
			     pcre2_match_context *context)
{
	return __wrap_pcre2_match_8(code, subject, len, start, options, data, context);
}

/* --- searching memory: 16 bytes are a unit --------------------------------------- */

void *__real_memchr(const void *s, int c, size_t n);
void *__wrap_memchr(const void *s, int c, size_t n);
void *__real_memrchr(const void *s, int c, size_t n);
void *__wrap_memrchr(const void *s, int c, size_t n);
void *__real_memmem(const void *s, size_t n, const void *what, size_t m);
void *__wrap_memmem(const void *s, size_t n, const void *what, size_t m);

void *__wrap_memchr(const void *s, int c, size_t n)
{
	const char *found = __real_memchr(s, c, n);

	work += (found ? (size_t)(found - (const char *)s) : n) / 16;
	return __real_memchr(s, c, n);
}

void *__wrap_memrchr(const void *s, int c, size_t n)
{
	const char *found = __real_memrchr(s, c, n);

	work += (found ? n - (size_t)(found - (const char *)s) : n) / 16;
	return __real_memrchr(s, c, n);
}

void *__wrap_memmem(const void *s, size_t n, const void *what, size_t m)
{
	const char *found = __real_memmem(s, n, what, m);

	work += (found ? (size_t)(found - (const char *)s) : n) / 16;
	return __real_memmem(s, n, what, m);
}

/* --- what is repeated -------------------------------------------------------------- */

struct bench {
	struct san_rules *rules;
	struct san_scanner *scanner;
	char in[LARGE];
	uint64_t worst; /* units of work per byte */
	char worst_of[80];
	int bad;
};

static uint64_t work_of(struct bench *b, enum san_mode mode, const char *piece, size_t n,
			size_t len)
{
	size_t out_len;

	for (size_t at = 0; at < len; at += n)
		memcpy(b->in + at, piece, n < len - at ? n : len - at);
	work = 0;
	/* No buffer: what the output is does not matter here. */
	(void)san_clean(b->scanner, mode, b->in, len, NULL, 0, &out_len);
	return work;
}

static void assert_linear(struct bench *b, enum san_mode mode, const char *piece, size_t n)
{
	uint64_t few, many;

	if (n == 0)
		return;
	(void)work_of(b, mode, piece, n, 2000); /* patterns are compiled now */
	few = work_of(b, mode, piece, n, SMALL);
	many = work_of(b, mode, piece, n, LARGE);
	if (many / LARGE > b->worst) {
		b->worst = many / LARGE;
		snprintf(b->worst_of, sizeof(b->worst_of), "mode %d: %.*s", (int)mode,
			 n < 60 ? (int)n : 60, piece);
	}
	/* Four times as much; a window that was not full at SMALL may add a little. */
	if (many > 6 * few || many / LARGE > 1500) {
		b->bad++;
		print_error("mode %d, %.*s: %llu units for %d bytes, %llu for %d\n", (int)mode,
			    n < 60 ? (int)n : 60, piece, (unsigned long long)few, SMALL,
			    (unsigned long long)many, LARGE);
	}
}

static int open_bench(void **state)
{
	struct san_options options;
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	san_options_init(&options);
	for (int class = 0; class < SAN_OWN; class ++)
		options.action[class] = SAN_REDACT;
	return b && san_rules_new(&b->rules, &options, NULL, 0) == 0 &&
		       san_scanner_new(&b->scanner, b->rules) == 0
		   ? 0
		   : -1;
}

static int close_bench(void **state)
{
	struct bench *b = *state;

	print_message("# worst: %llu units per byte, %s\n", (unsigned long long)b->worst,
		      b->worst_of);
	san_scanner_free(b->scanner);
	san_rules_free(b->rules);
	free(b);
	return 0;
}

static void every_piece_again_and_again(void **state)
{
	struct bench *b = *state;

	b->bad = 0;
	for (size_t i = 0; san_pieces[i]; i++)
		for (int mode = 0; mode < 3; mode++)
			assert_linear(b, (enum san_mode)mode, san_pieces[i], strlen(san_pieces[i]));
	assert_int_equal(b->bad, 0);
}

/* Lists, elements, directives and the like, as they begin and as nothing closes them. */
static void every_way_to_write_a_secret(void **state)
{
	static const char *const ways[] = {"auth:[Bearer f() ",
					   "Authorization:[Bearer {{x}} ",
					   "auth: [Basic true ",
					   "pw: ['a\", \"b', ",
					   "pw: [a, ",
					   "token = \"a\" + ",
					   "token = \"a\" + 'b' + ",
					   "Header set X-Api-Key \"a' ",
					   "RequestHeader always set X-Token",
					   "proxy_set_header X-Api-Key $x ",
					   "<key>token</key><string>a ",
					   "<name>pw</name><value>",
					   "<password><![CDATA[",
					   "a:b@tcp(",
					   "x[\"Auth:Token\"] = ",
					   "userPassword::a",
					   "bindpw ",
					   "token:&'aaaa",
					   "41111111 11111111 ",
					   "%3A%2F%2F",
					   "a%20b%2Fc",
					   "<x%20",
					   NULL};
	struct bench *b = *state;

	b->bad = 0;
	for (size_t i = 0; ways[i]; i++)
		for (int mode = 0; mode < 3; mode++)
			assert_linear(b, (enum san_mode)mode, ways[i], strlen(ways[i]));
	assert_int_equal(b->bad, 0);
}

static void pieces_in_pairs(void **state)
{
	struct bench *b = *state;
	uint64_t seed = 12345;
	size_t n = 0;
	char pair[200];

	b->bad = 0;
	while (san_pieces[n])
		n++;
	for (int i = 0; i < 500; i++) {
		const char *one = san_pieces[san_random(&seed) % n],
			   *two = san_pieces[san_random(&seed) % n];
		int len = snprintf(pair, sizeof(pair), "%s%s", one, two);
		assert_linear(b, (enum san_mode)(i % 3), pair, (size_t)len);
	}
	assert_int_equal(b->bad, 0);
}

static void every_key_its_beginning_and_its_near_miss(void **state)
{
	struct bench *b = *state;
	uint64_t seed = 99;
	char key[8192];
	size_t len;

	b->bad = 0;
	for (size_t i = 0; (len = san_key_example(i, &seed, key, sizeof(key))) > 0; i++) {
		assert_linear(b, SAN_TEXT, san_key_anchor(i), strlen(san_key_anchor(i)));
		assert_linear(b, SAN_TEXT, key, len - 1);
		key[len] = ' ';
		assert_linear(b, SAN_TEXT, key, len + 1);
	}
	assert_int_equal(b->bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_piece_again_and_again),
	    cmocka_unit_test(every_way_to_write_a_secret),
	    cmocka_unit_test(pieces_in_pairs),
	    cmocka_unit_test(every_key_its_beginning_and_its_near_miss),
	};

	return cmocka_run_group_tests(tests, open_bench, close_bench);
}
