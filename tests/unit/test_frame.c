/*
 * frame: where records end does not depend on how the buffer grew.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "frame.h"

struct row {
	enum framing framing;
	const char *text; /* '|' stands behind every record's end */
};

static const struct row rows[] = {
    {FRAME_LINES, "a\n|\n|b\r\n|c"},
    {FRAME_LINES, ""},
    {FRAME_LINES, "no end"},
    {FRAME_LINES, "{\n|}\n|"},
    {FRAME_JSON, "{\n}\n|[1,\n2]\n|\n|3\n|"},
    {FRAME_JSON, "{\"a\":\"}\\\"\n\"\n}\n|{}\n|"},
    {FRAME_JSON, "{\"a\":\"\\\\\"}\n|{"},
    {FRAME_JSON, "]]}}\n|{}\n|"},
    {FRAME_JSON, "\"open\n{}\n"},
    {FRAME_JSON, "{} {}\n|"},
    {FRAME_CSV, "a,b\n|1,\"x\ny\"\n|\"\"\n|\"a\"\"b\n\"\n|"},
    {FRAME_CSV, "\"open\n1,2\n"},
    {FRAME_CSV, "1,\"stray,x\n|2,\"a\nb\"\n|"},
    {FRAME_CSV, "1,\"stray,\"a\nb\",2\n|"},
    {FRAME_CSV, "5\" pipe\n|a, \"b\nc\" \r\n|\"d\" e\n|"},
    {FRAME_CSV, "\"stray\n|\"\",\"\"\"x\n|\"a\",b\n|"},
};

#define MAX_TEXT 128

/* Take the bars out; returns the length, sets ends[]. */
static size_t read_row(const struct row *row, char *text, size_t *ends, size_t *n)
{
	size_t len = 0;

	*n = 0;
	for (const char *p = row->text; *p; p++) {
		if (*p == '|')
			ends[(*n)++] = len;
		else
			text[len++] = *p;
	}
	return len;
}

static void test_first_finds_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[MAX_TEXT];
		size_t ends[MAX_TEXT], n, len = read_row(&rows[i], text, ends, &n);
		struct framer framer = {.framing = rows[i].framing};
		for (size_t k = 0; k < n; k++)
			assert_int_equal(frame_first(&framer, text, len), ends[k]);
		assert_int_equal(frame_first(&framer, text, len), 0);
		assert_int_equal(framer.pos, len);
	}
}

/* Feed the text in steps of `step` bytes, taking records off as they come. */
static void grow(const struct row *row, size_t step)
{
	char text[MAX_TEXT];
	size_t ends[MAX_TEXT], n, len = read_row(row, text, ends, &n);
	struct framer framer = {.framing = row->framing};
	size_t taken = 0, last = 0;

	for (size_t upto = step; taken < len; upto += step) {
		size_t have = upto < len ? upto : len;
		size_t cut = frame_last(&framer, text + taken, have - taken);
		assert_int_equal(framer.pos, have - taken);
		if (cut) {
			frame_shift(&framer, cut);
			taken += cut;
			last = taken;
		}
		if (have == len)
			break;
	}
	assert_int_equal(last, n ? ends[n - 1] : 0);
}

static void test_last_however_it_grows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t step = 1; step < MAX_TEXT; step++)
			grow(&rows[i], step);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_finds_each),
	    cmocka_unit_test(test_last_however_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
