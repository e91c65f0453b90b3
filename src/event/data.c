/*
 * data - what Umami flattens into rows of (key path, string or number or date).
 *
 * Facts: string values and key paths are varchar(500), arrays are stored as their
 * JSON text in the same column, numbers as numeric(19,4), dates pass through
 * Date.toISOString(), which throws. revenue (> 0) and currency go to a table of
 * their own with a varchar(10).
 */
#include "data.h"

#include <math.h>
#include <string.h>

#include "ascii.h"
#include "number.h"

#define NUMBER_LIMIT 1e15 /* numeric(19,4) holds less */
#define CURRENCY_LONGEST 10
#define DATE_LONGEST 40

void repair_count(uint8_t *n)
{
	*n = (uint8_t)(*n + (*n < UINT8_MAX));
}

struct text without_nul(struct arena *arena, struct text text, uint8_t *n)
{
	char *copy;
	size_t len = 0;

	if (!text.len || !memchr(text.data, '\0', text.len))
		return text;
	repair_count(n);
	copy = arena_alloc(arena, text.len);
	if (!copy)
		return (struct text){NULL, 0};
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i])
			copy[len++] = text.data[i];
	return (struct text){copy, len};
}

struct text without_escaped_nul(struct arena *arena, struct text text, uint8_t *n)
{
	char *copy;
	size_t len = 0;

	if (!text.len || !memchr(text.data, '%', text.len) ||
	    !memmem(text.data, text.len, "%00", 3))
		return text;
	repair_count(n);
	copy = arena_alloc(arena, text.len);
	if (!copy)
		return (struct text){NULL, 0};
	for (size_t i = 0; i < text.len; i++) {
		copy[len++] = text.data[i];
		if (len >= 3 && memcmp(copy + len - 3, "%00", 3) == 0)
			len -= 3; /* what now stands together is looked at again */
	}
	return (struct text){copy, len};
}

static int two_digits(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* Does text begin with the shape, in which 0 stands for any digit? */
static bool has_shape(struct text text, const char *shape)
{
	size_t len = strlen(shape);

	if (text.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (shape[i] == '0' ? !ascii_is_digit(text.data[i]) : text.data[i] != shape[i])
			return false;
	return true;
}

/* "+25:00" behind a time and its fraction. */
static bool is_impossible_zone(struct text text)
{
	size_t i = 19;

	if (i < text.len && text.data[i] == '.')
		for (i++; i < text.len && ascii_is_digit(text.data[i]); i++)
			;
	text = (struct text){text.data + i, text.len - i};
	return (has_shape(text, "+00:00") || has_shape(text, "-00:00")) &&
	       (two_digits(text.data + 1) > 23 || two_digits(text.data + 4) > 59);
}

/* Looks like "2026-01-02T03:04:05…" but JavaScript's Date knows no such time. */
static bool is_impossible_date(struct text text)
{
	int month, day, hour, minute, second;

	if (text.len > DATE_LONGEST || !has_shape(text, "0000-00-00T00:00:00"))
		return false;
	month = two_digits(text.data + 5);
	day = two_digits(text.data + 8);
	hour = two_digits(text.data + 11);
	minute = two_digits(text.data + 14);
	second = two_digits(text.data + 17);
	return month < 1 || month > 12 || day < 1 || day > 31 || minute > 59 || second > 59 ||
	       hour > 24 || (hour == 24 && minute + second > 0) || is_impossible_zone(text);
}

static void write_string(struct writer *writer, struct text text, uint8_t *repairs)
{
	char *copy;

	text = without_nul(writer->arena, text, &repairs[REPAIR_NUL]);
	if (text.data && is_impossible_date(text)) {
		repair_count(&repairs[REPAIR_DATE]);
		copy = arena_copy(writer->arena, text.data, text.len);
		if (copy)
			copy[10] = ' ';
		text.data = copy;
	}
	if (text.data)
		writer_json(writer, text);
	else
		writer->failed = true;
}

void number_json(struct writer *writer, const struct json *number)
{
	char text[NUMBER_TEXT_MAX];

	if (number_is_canonical(number->text, number->len))
		writer_add(writer, number->text, number->len);
	else
		writer_add(writer, text,
			   number_write(text, number_read(number->text, number->len)));
}

static void write_number(struct writer *writer, const struct json *number, uint8_t *repairs)
{
	bool fits = number->len < 15 && number_is_canonical(number->text, number->len);

	fits = fits || fabs(number_read(number->text, number->len)) < NUMBER_LIMIT;
	if (fits) {
		number_json(writer, number);
		return;
	}
	repair_count(&repairs[REPAIR_NUMBER]);
	writer_addc(writer, '"');
	number_json(writer, number);
	writer_addc(writer, '"');
}

static void write_value(struct writer *writer, const struct json *value, uint8_t *repairs);

static void write_members(struct writer *writer, const struct json *parent,
			  const struct json *without, uint8_t *repairs)
{
	bool object = parent->type == JSON_OBJECT, first = true;

	writer_addc(writer, object ? '{' : '[');
	for (const struct json *member = parent->child; member; member = member->next) {
		if (without && member->key_len == without->key_len &&
		    memcmp(member->key, without->key, without->key_len) == 0)
			continue;
		if (!first)
			writer_addc(writer, ',');
		first = false;
		if (object) {
			write_string(writer, (struct text){member->key, member->key_len}, repairs);
			writer_addc(writer, ':');
		}
		write_value(writer, member, repairs);
	}
	writer_addc(writer, object ? '}' : ']');
}

static void write_value(struct writer *writer, const struct json *value, uint8_t *repairs)
{
	switch (value->type) {
	case JSON_STRING:
		write_string(writer, (struct text){value->text, value->len}, repairs);
		break;
	case JSON_NUMBER:
		write_number(writer, value, repairs);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		write_members(writer, value, NULL, repairs);
		break;
	default:
		writer_add(writer, value->text, value->len);
	}
}

/* revenue > 0 in JavaScript, and a number that a decimal column takes. */
static bool is_bookable(const struct json *revenue)
{
	double number = (double)NAN;

	if (revenue->type == JSON_NUMBER)
		number = number_read(revenue->text, revenue->len);
	else if (revenue->type == JSON_STRING && revenue->len &&
		 strspn(revenue->text, "0123456789.") >= revenue->len)
		number = number_coerce(revenue->text, revenue->len);
	else if (revenue->type == JSON_NULL)
		number = 0;
	return number < NUMBER_LIMIT;
}

/* The currency that would make Umami fail, or NULL. */
static const struct json *bad_currency(const struct json *object)
{
	const struct json *currency = json_member(object, "currency"), *revenue;

	revenue = currency ? json_member(object, "revenue") : NULL;
	if (!revenue)
		return NULL;
	if (currency->type == JSON_STRING && is_bookable(revenue) &&
	    text_length((struct text){currency->text, currency->len}, TEXT_CODE_POINTS) <=
		CURRENCY_LONGEST)
		return NULL;
	return currency;
}

void data_write(struct writer *writer, const struct json *object, uint8_t *repairs)
{
	const struct json *currency = bad_currency(object);

	if (currency)
		repair_count(&repairs[REPAIR_CURRENCY]);
	write_members(writer, object, currency, repairs);
}

static bool write_cut_string(struct writer *writer, struct text text, size_t longest)
{
	struct text cut = text_cut(text, longest, TEXT_CODE_POINTS);

	writer_json(writer, cut);
	return cut.len < text.len;
}

/* As many elements as the text of an array has room for. */
static bool write_cut_array(struct writer *writer, const struct json *array)
{
	uint8_t ignored[REPAIRS] = {0};
	size_t start = writer->len, end;

	writer_addc(writer, '[');
	for (const struct json *value = array->child; value; value = value->next) {
		struct text so_far;

		end = writer->len;
		if (value != array->child)
			writer_addc(writer, ',');
		write_value(writer, value, ignored);
		so_far = (struct text){writer->data + start, writer->len - start};
		if (!writer_ok(writer) || text_length(so_far, TEXT_CODE_POINTS) < DATA_LONGEST)
			continue;
		writer->len = end;
		writer_addc(writer, ']');
		return true;
	}
	writer_addc(writer, ']');
	return false;
}

/* What is left of a member's name behind a path of so many characters; data NULL: nothing. */
static struct text cut_key(const struct json *member, size_t used)
{
	struct text key = {member->key, member->key_len}, rest;

	if (used > DATA_LONGEST)
		return (struct text){NULL, 0};
	rest = text_cut(key, DATA_LONGEST - used, TEXT_CODE_POINTS);
	return rest.len == 0 && key.len > 0 ? (struct text){NULL, 0} : rest;
}

static void write_cut_object(struct writer *writer, const struct json *object, size_t path,
			     uint8_t *repairs);

static bool write_cut_value(struct writer *writer, const struct json *value, size_t path,
			    uint8_t *repairs)
{
	switch (value->type) {
	case JSON_OBJECT:
		write_cut_object(writer, value, path, repairs);
		return false;
	case JSON_ARRAY:
		return write_cut_array(writer, value);
	case JSON_STRING:
		return write_cut_string(writer, (struct text){value->text, value->len},
					DATA_LONGEST);
	default:
		write_value(writer, value, repairs);
		return false;
	}
}

static void write_cut_object(struct writer *writer, const struct json *object, size_t path,
			     uint8_t *repairs)
{
	bool first = true, cut;

	writer_addc(writer, '{');
	for (const struct json *member = object->child; member; member = member->next) {
		size_t used = path + (path > 0);
		struct text key = cut_key(member, used);

		cut = key.len < member->key_len || !key.data;
		if (key.data) {
			if (!first)
				writer_addc(writer, ',');
			first = false;
			writer_json(writer, key);
			writer_addc(writer, ':');
			used += text_length(key, TEXT_CODE_POINTS);
			cut |= write_cut_value(writer, member, used, repairs);
		}
		if (cut)
			repair_count(&repairs[REPAIR_DATA]);
	}
	writer_addc(writer, '}');
}

void data_write_cut(struct writer *writer, const struct json *object, uint8_t *repairs)
{
	write_cut_object(writer, object, 0, repairs);
}
