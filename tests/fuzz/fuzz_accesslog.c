/*
 * fuzz_accesslog - any bytes as a line of an access log: refused, or every field is a
 * string inside the line.
 */
#include <string.h>

#include "fuzz.h"
#include "import_line.h"
#include "import_rule.h"

static void inside(const char *field, const char *line, size_t len)
{
	if (!field || !*field)
		return;
	MUST(field >= line && field < line + len);
	MUST(field + strlen(field) <= line + len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct import_line line;

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (import_line_parse(&line, text, size)) {
		inside(line.address, text, size);
		inside(line.host, text, size);
		inside(line.method, text, size);
		inside(line.url, text, size);
		inside(line.referrer, text, size);
		inside(line.agent, text, size);
		MUST(line.method && line.url && line.address && *line.address);
		MUST(line.status >= 0 && line.status <= 999);
		MUST(line.time_s >= -14 * 3600 && line.time_s < INT64_C(7289654400));
		MUST(import_rule(&line, true) != IMPORT_ASSET);
		(void)import_rule(&line, false);
	}
	free(text);
	return 0;
}
