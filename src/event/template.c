/*
 * template - segment by segment; what is folded is guessed from the shape of its words.
 *
 * The guess errs towards folding: a route too coarse costs a detail, one template
 * for every order number costs the table of routes.
 */
#include "template.h"

#include <stdbool.h>
#include <string.h>

#include "ascii.h"
#include "url.h"

#define SEGMENT_MAX 48
#define WORD_MAX 20 /* a longer run without a break is no word of a language */

struct template
{
	char *out;
	size_t len;
	unsigned segments;
};

static bool put(struct template *template, const char *data, size_t len)
{
	if (len > TEMPLATE_MAX - template->len)
		return false;
	memcpy(template->out + template->len, data, len);
	template->len += len;
	return true;
}

/* Behind '[': "REDACTED_EMAIL]" or "EMAIL:…]". The class's name, or data NULL. */
static struct text class_of(const char *p, const char *end, const char **behind)
{
	static const char redacted[] = "REDACTED";
	const char *close = memchr(p, ']', (size_t)(end - p)), *colon;
	size_t len = sizeof(redacted) - 1;

	if (!close)
		return (struct text){NULL, 0};
	*behind = close + 1;
	if ((size_t)(close - p) >= len && memcmp(p, redacted, len) == 0) {
		p += len;
		if (p == close)
			return TEXT("redacted");
		return *p == '_' ? (struct text){p + 1, (size_t)(close - p - 1)}
				 : (struct text){NULL, 0};
	}
	colon = memchr(p, ':', (size_t)(close - p));
	return colon ? (struct text){p, (size_t)(colon - p)} : (struct text){NULL, 0};
}

static bool put_class(struct template *template, struct text class)
{
	if (!put(template, "{", 1))
		return false;
	for (size_t i = 0; i < class.len; i++) {
		char c = class.data[i];

		if (!ascii_is_alpha(c) && c != '_')
			break; /* last digits of a card */
		c = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
		if (!put(template, &c, 1))
			return false;
	}
	if (template->out[template->len - 1] == '_')
		template->len--;
	return put(template, "}", 1);
}

/* A run of letters and digits that a person would not have chosen for a name. */
static bool is_made(const char *p, size_t len)
{
	size_t digits = 0, hex = 0, changes = 0, upper = 0;

	for (size_t i = 0; i < len; i++) {
		digits += ascii_is_digit(p[i]);
		hex += ascii_is_digit(p[i]) || (ascii_is_alpha(p[i]) && (p[i] | 0x20) <= 'f');
		upper += p[i] >= 'A' && p[i] <= 'Z';
		changes += i > 0 && ascii_is_digit(p[i]) != ascii_is_digit(p[i - 1]);
	}
	if (digits == len)
		return len >= 5;
	if (hex == len && digits > 0)
		return len >= 7;
	if (digits > 0 && changes >= 3)
		return len >= 6;
	return (digits > 0 && upper > 0 && upper + digits < len && len >= 10) || len > WORD_MAX;
}

/* stem: a segment without its extension. */
static bool is_id(const char *p, size_t len)
{
	size_t digits = 0, start = 0;

	for (size_t i = 0; i < len; i++)
		digits += ascii_is_digit(p[i]);
	if (digits == len)
		return len > 0;
	if (digits == 0 && len <= WORD_MAX) /* as most are: see is_made() */
		return false;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && (ascii_is_digit(p[i]) || ascii_is_alpha(p[i])))
			continue;
		if (is_made(p + start, i - start))
			return true;
		start = i + 1;
	}
	return len > SEGMENT_MAX;
}

/* Of "report.v2.pdf" that is "report.v2": where its last dot is. */
static size_t stem_length(const char *p, size_t len)
{
	size_t i = len;

	while (i > 1 && len - i < 6 && (ascii_is_digit(p[i - 1]) || ascii_is_alpha(p[i - 1])))
		i--;
	return i > 1 && p[i - 1] == '.' && i < len && ascii_is_alpha(p[i]) ? i - 1 : len;
}

static bool put_with_classes(struct template *template, const char *p, const char *end, bool *any)
{
	const char *behind = p;

	*any = false;
	while (p < end) {
		struct text class = {NULL, 0};

		if (*p == '[')
			class = class_of(p + 1, end, &behind);
		if (class.data) {
			*any = true;
			if (!put_class(template, class))
				return false;
			p = behind;
		} else if (!put(template, p++, 1)) {
			return false;
		}
	}
	return true;
}

static bool put_segment(struct template *template, const char *p, size_t len)
{
	size_t stem, start = template->len;
	bool any;

	if (!put(template, "/", 1))
		return false;
	if (memchr(p, '[', len)) {
		if (put_with_classes(template, p, p + len, &any) && any)
			return true;
		template->len = start + 1;
	}
	stem = stem_length(p, len);
	if (is_id(p, stem))
		return put(template, "{id}", 4) && put(template, p + stem, len - stem);
	return put(template, p, len);
}

static bool put_next(struct template *template, const char *p, size_t len)
{
	size_t before = template->len;

	if (template->segments++ < TEMPLATE_SEGMENTS_MAX && put_segment(template, p, len))
		return true;
	template->len = before;
	put(template, "/\xe2\x80\xa6", 4);
	return false;
}

size_t template_make(char out[TEMPLATE_MAX], struct text url)
{
	struct template template = {.out = out};
	struct text path = url_path(url);
	const char *p = path.data, *end = path.data + path.len, *slash;

	if (url.len == 0)
		return 0;
	for (; p < end; p = slash + 1) {
		slash = memchr(p, '/', (size_t)(end - p));
		if (!slash)
			slash = end;
		if (slash > p && !put_next(&template, p, (size_t)(slash - p)))
			break;
	}
	if (template.len == 0)
		put(&template, "/", 1);
	return template.len;
}
