#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "file.h"
#include "import_input.h"

static char path[] = "/tmp/tamis-test-input-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_gzip(const char *mode, const char *text)
{
	gzFile file = gzopen(path, mode);

	assert_non_null(file);
	assert_int_equal(gzputs(file, text), strlen(text));
	assert_int_equal(gzclose(file), Z_OK);
}

/* "a|b|c" of the lines, with ~ behind one without end and ! behind one that was cut. */
static enum status lines_of(struct buf *out, struct reason *why)
{
	struct import_input *input;
	struct import_text text;
	enum status status = import_open(&input, path, why);

	if (status != ST_OK)
		return status;
	while ((status = import_next(input, &text, why)) == ST_OK) {
		assert_int_equal(text.data[text.len], 0);
		buf_addf(out, "%.3s%s%s|", text.data, text.ended ? "" : "~", text.cut ? "!" : "");
	}
	import_close(input);
	return status;
}

static void plain_and_gzip_give_the_same(void **state)
{
	struct reason why;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	assert_int_equal(file_replace(path, "a\n\nb\nc", 6, 0600), ST_OK);
	assert_int_equal(lines_of(&out, &why), ST_END);
	assert_string_equal(out.data, "a||b|c~|");
	buf_reset(&out);
	write_gzip("wb", "a\n\nb");
	write_gzip("ab", "\nc"); /* a second member */
	assert_int_equal(lines_of(&out, &why), ST_END);
	assert_string_equal(out.data, "a||b|c~|");
	buf_reset(&out);
	assert_int_equal(file_replace(path, "", 0, 0600), ST_OK);
	assert_int_equal(lines_of(&out, &why), ST_END);
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

static void long_lines_are_cut_and_skipped_over(void **state)
{
	struct buf file, out;
	struct reason why;

	(void)state;
	buf_init(&file, 1 << 24);
	buf_init(&out, 1000);
	buf_adds(&file, "first\n");
	for (size_t i = 0; i < 5 * IMPORT_LINE_MAX + 17; i++)
		buf_addc(&file, 'x');
	buf_adds(&file, "\nsecond\n");
	for (size_t i = 0; i < IMPORT_LINE_MAX; i++)
		buf_addc(&file, 'y');
	buf_adds(&file, "\n");
	for (size_t i = 0; i < IMPORT_LINE_MAX + 1; i++)
		buf_addc(&file, 'z');
	buf_adds(&file, "\nlast\n");
	assert_int_equal(file_replace(path, file.data, file.len, 0600), ST_OK);
	assert_int_equal(lines_of(&out, &why), ST_END);
	assert_string_equal(out.data, "fir|xxx~!|sec|yyy|zzz!|las|");
	buf_reset(&out);
	assert_int_equal(file_replace(path, file.data, 6 + 3 * IMPORT_LINE_MAX, 0600), ST_OK);
	assert_int_equal(lines_of(&out, &why), ST_END);
	assert_string_equal(out.data, "fir|xxx~!|");
	buf_free(&file);
	buf_free(&out);
}

static void damage_is_told(void **state)
{
	struct buf bytes, out;
	struct reason why;

	(void)state;
	buf_init(&bytes, 1 << 20);
	buf_init(&out, 1 << 20);
	write_gzip("wb", "a line that is long enough to be compressed\nanother line\n");
	assert_int_equal(file_read(path, &bytes), ST_OK);
	assert_int_equal(file_replace(path, bytes.data, bytes.len - 12, 0600), ST_OK);
	assert_int_equal(lines_of(&out, &why), ST_CORRUPT);
	assert_non_null(strstr(why.text, path));
	bytes.data[bytes.len - 6] = (char)~bytes.data[bytes.len - 6]; /* the CRC */
	assert_int_equal(file_replace(path, bytes.data, bytes.len, 0600), ST_OK);
	assert_int_equal(lines_of(&out, &why), ST_CORRUPT);
	buf_free(&bytes);
	buf_free(&out);
}

static void what_cannot_be_read_is_told(void **state)
{
	struct import_input *input;
	struct import_text text;
	struct reason why;

	(void)state;
	assert_int_equal(import_open(&input, "/nonexistent/log", &why), ST_NOT_FOUND);
	assert_string_equal(why.text, "/nonexistent/log: No such file or directory");
	assert_int_equal(import_open(&input, "/", &why), ST_OK);
	assert_int_equal(import_next(input, &text, &why), ST_IO);
	assert_string_equal(why.text, "/: Is a directory");
	import_close(input);
	import_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_and_gzip_give_the_same),
	    cmocka_unit_test(long_lines_are_cut_and_skipped_over),
	    cmocka_unit_test(damage_is_told),
	    cmocka_unit_test(what_cannot_be_read_is_told),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
