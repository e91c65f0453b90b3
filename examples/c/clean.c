/*
 * clean - standard input without personal data and secrets.
 *
 * cc clean.c $(pkg-config --cflags --libs libsanitizer) -o clean
 */
#include <sanitizer.h>
#include <stdio.h>

static int write_out(void *context, const char *data, size_t len)
{
	return fwrite(data, 1, len, context) != len;
}

int main(void)
{
	struct san_rules *rules;
	struct san_scanner *scanner;
	char piece[65536];
	size_t len;

	if (san_rules_new(&rules, NULL, NULL, 0) || san_scanner_new(&scanner, rules) ||
	    san_stream_begin(scanner, SAN_TEXT, write_out, stdout))
		return 2;
	while ((len = fread(piece, 1, sizeof(piece), stdin)) > 0)
		if (san_stream_feed(scanner, piece, len))
			return 2;
	int pieces = san_stream_end(scanner);
	san_scanner_free(scanner);
	san_rules_free(rules);
	return pieces < 0 || fflush(stdout) ? 2 : 0;
}
