/*
 * report - see report.h. JSON is written as it is found: a log full of addresses
 * has more findings than memory.
 */
#include "report.h"

#include <inttypes.h>
#include <string.h>

static const char *class_of(const struct finding *finding)
{
	return finding->san_class < 0 ? "field" : san_class_name(finding->san_class);
}

/* Length of the UTF-8 character at text, 0 if it is none. */
static size_t utf8_length(const unsigned char *text)
{
	size_t n = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;

	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return n;
}

/* A file's name may be any bytes; JSON is UTF-8. */
static void put_json(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	fputc('"', out);
	while (*p) {
		size_t n = *p < 0x80 ? 1 : utf8_length(p);
		if (!n)
			fputs("\\ufffd", out);
		else if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (*p < ' ' || *p == 127)
			fprintf(out, "\\u%04x", *p);
		else
			fwrite(p, 1, n, out);
		p += n ? n : 1;
	}
	fputc('"', out);
}

void report_begin(struct report *report, enum report_kind kind, FILE *out)
{
	*report = (struct report){.kind = kind, .out = out};
	if (kind == REPORT_JSON)
		fputs("{\"findings\":[", out);
}

void report_file(struct report *report, const char *path)
{
	report->file = path;
	report->line = 0;
	report->files++;
}

static void put_finding(const struct report *report, const struct finding *finding, uint64_t line,
			size_t column, bool first)
{
	if (report->kind == REPORT_TEXT) {
		put_name(report->out, report->file);
		fprintf(report->out, ":%" PRIu64 ":%zu: %s (%s)", line, column, class_of(finding),
			finding->rule);
		if (finding->count > 1)
			fprintf(report->out, ", %" PRIu64 " times", finding->count);
		fputc('\n', report->out);
		return;
	}
	fprintf(report->out, "%s\n{\"file\":", first ? "" : ",");
	put_json(report->out, report->file);
	fprintf(report->out,
		",\"line\":%" PRIu64 ",\"column\":%zu,\"class\":\"%s\",\"rule\":", line, column,
		class_of(finding));
	put_json(report->out, finding->rule);
	if (finding->count > 1)
		fprintf(report->out, ",\"count\":%" PRIu64, finding->count);
	fputc('}', report->out);
}

int report_block(struct report *report, const struct findings *findings, const char *data,
		 uint64_t bytes, size_t lines, struct cause *cause)
{
	const char *line_start = data, *p = data;
	uint64_t line = report->line + 1;

	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *finding = &findings->items[i];
		const char *at = data + finding->at, *newline;
		bool first = !tally_total(&report->tally);

		while (p < at && (newline = memchr(p, '\n', (size_t)(at - p)))) {
			p = line_start = newline + 1;
			line++;
		}
		p = at;
		if (finding->san_class < 0)
			report->tally.fields += finding->count;
		else
			report->tally.classes[finding->san_class] += finding->count;
		if (report->kind != REPORT_NONE)
			put_finding(report, finding, line, (size_t)(at - line_start) + 1, first);
	}
	report->line += lines;
	report->bytes += bytes;
	return ferror(report->out) ? cause_errno(cause, "cannot write the report") : 0;
}

static void put_counts(const struct report *report)
{
	const char *comma = "";

	fputs("\n],\"counts\":{", report->out);
	for (int i = 0; i < SAN_CLASSES; i++) {
		if (!report->tally.classes[i])
			continue;
		fprintf(report->out, "%s\"%s\":%" PRIu64, comma, san_class_name(i),
			report->tally.classes[i]);
		comma = ",";
	}
	if (report->tally.fields)
		fprintf(report->out, "%s\"field\":%" PRIu64, comma, report->tally.fields);
	fprintf(report->out,
		"},\"total\":%" PRIu64 ",\"files\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n",
		tally_total(&report->tally), report->files, report->bytes);
}

int report_end(struct report *report, struct cause *cause)
{
	if (report->kind == REPORT_JSON) {
		put_counts(report);
	} else if (report->kind == REPORT_TEXT) {
		fprintf(report->out, "%" PRIu64 " found", tally_total(&report->tally));
		if (tally_total(&report->tally)) {
			fputs(": ", report->out);
			tally_print(report->out, &report->tally);
		}
		fputc('\n', report->out);
	}
	if (fflush(report->out) || ferror(report->out))
		return cause_errno(cause, "cannot write the report");
	return 0;
}
