/*
 * increment - field by field; the first that is wrong is told.
 */
#include "increment.h"

#include <stdlib.h>
#include <string.h>

enum increment_field {
#define INCREMENT(name) INCREMENT_##name,
#define REFUSED(name)
#include "increment.def"
#undef INCREMENT
#undef REFUSED
	INCREMENT_FIELDS
};

static const char *const names[INCREMENT_FIELDS] = {
#define INCREMENT(name) #name,
#define REFUSED(name)
#include "increment.def"
#undef INCREMENT
#undef REFUSED
};

static const char *const refused[] = {
#define INCREMENT(name)
#define REFUSED(name) #name,
#include "increment.def"
#undef INCREMENT
#undef REFUSED
};

static enum status wrong(struct fault *fault, enum status status, const char *field,
			 const char *text)
{
	*fault = (struct fault){field, text};
	return status;
}

static bool is_key(const struct json *member, const char *name)
{
	return strlen(name) == member->key_len && !memcmp(member->key, name, member->key_len);
}

enum status increment_unknown(const struct json *member, struct fault *fault)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (is_key(member, refused[i]))
			return wrong(fault, ST_INVALID, refused[i],
				     "is not taken: nothing of a person is");
	return wrong(fault, ST_INVALID, "", "has a field that is not taken");
}

static enum status collect(const struct json *object, const struct json *fields[INCREMENT_FIELDS],
			   struct fault *fault)
{
	if (!object || object->type != JSON_OBJECT)
		return wrong(fault, ST_INVALID, "", "is no object");
	for (const struct json *m = object->len ? object->child : NULL; m; m = m->next) {
		size_t i = 0;
		while (i < INCREMENT_FIELDS && !is_key(m, names[i]))
			i++;
		if (i == INCREMENT_FIELDS)
			return increment_unknown(m, fault);
		if (fields[i])
			return wrong(fault, ST_INVALID, names[i], "is said twice");
		fields[i] = m;
	}
	return ST_OK;
}

static enum status read_name(struct increment *out, const struct registry *registry,
			     const struct json *field, int32_t today, struct fault *fault)
{
	const char *step;

	if (!field || field->type != JSON_STRING)
		return wrong(fault, ST_INVALID, "event_name", "is missing, or no string");
	if (field->len >= INCREMENT_NAME_BYTES || memchr(field->text, '\0', field->len))
		return wrong(fault, ST_NOT_FOUND, "event_name", "is not in the registry");
	memcpy(out->name, field->text, field->len);
	out->name[field->len] = '\0';
	out->measure = registry_find(registry, out->name, &step);
	if (!out->measure)
		return wrong(fault, ST_NOT_FOUND, "event_name", "is not in the registry");
	if (out->measure->expires <= today)
		return wrong(fault, ST_DENIED, "event_name", "has expired");
	if (out->measure->dimensions.n || out->measure->mechanism != MECHANISM_NONE)
		return wrong(fault, ST_INVALID, "event_name",
			     "is counted for releases: /api/analytics/increment");
	if (*out->measure->from_sql)
		return wrong(fault, ST_DENIED, "event_name", "is counted from the database alone");
	return ST_OK;
}

static enum status read_id(struct increment *out, const struct json *field, struct fault *fault)
{
	unsigned kind = out->measure->event_id;

	out->id[0] = '\0';
	if (kind == EVENT_ID_NONE)
		return field ? wrong(fault, ST_INVALID, "event_id", "is not taken by this metric")
			     : ST_OK;
	if (!field)
		return wrong(fault, ST_INVALID, "event_id", "is missing");
	if ((field->type == JSON_STRING ||
	     (field->type == JSON_NUMBER && kind == EVENT_ID_INTEGER)) &&
	    thing_read(out->id, kind, field->text, field->len))
		return ST_OK;
	return wrong(fault, ST_INVALID, "event_id",
		     kind == EVENT_ID_UUID ? "is no UUID" : "is no integer from 0 to 2^63 - 1");
}

static enum status read_date(struct increment *out, const struct json *field, int32_t today,
			     int32_t past, struct fault *fault)
{
	int32_t day = today;

	if (field &&
	    (field->type != JSON_STRING || day_parse(&day, field->text, field->len) != ST_OK))
		return wrong(fault, ST_INVALID, "event_date", "is no date YYYY-MM-DD");
	/* East of Greenwich tomorrow has begun. */
	if (day > today + 1 || day < today - past)
		return wrong(fault, ST_INVALID, "event_date",
			     "lies in the future, or too long ago");
	day_text(out->day, day);
	return ST_OK;
}

static enum status read_count(struct increment *out, const struct json *field, struct fault *fault)
{
	char digits[8];

	out->count = 1;
	if (!field)
		return ST_OK;
	if (field->type != JSON_NUMBER || field->len >= sizeof(digits))
		return wrong(fault, ST_INVALID, "count", "is no integer from 1 to 1000000");
	memcpy(digits, field->text, field->len);
	digits[field->len] = '\0';
	out->count = strtoull(digits, NULL, 10);
	if (strspn(digits, "0123456789") != field->len || !out->count ||
	    out->count > INCREMENT_COUNT_MAX)
		return wrong(fault, ST_INVALID, "count", "is no integer from 1 to 1000000");
	return ST_OK;
}

static enum status read_source(struct increment *out, const struct json *field, struct fault *fault)
{
	const struct values *sources = &out->measure->sources;

	out->source = "";
	if (!field)
		return ST_OK;
	for (size_t i = 0; field->type == JSON_STRING && i < sources->n; i++) {
		if (json_is(field, sources->items[i])) {
			out->source = sources->items[i];
			return ST_OK;
		}
	}
	return wrong(fault, ST_INVALID, "source", "is none of this metric's sources");
}

enum status increment_read(struct increment *out, const struct registry *registry,
			   const struct json *object, int32_t today, int32_t past,
			   struct fault *fault)
{
	const struct json *fields[INCREMENT_FIELDS] = {NULL};
	enum status status = collect(object, fields, fault);

	if (status == ST_OK)
		status = read_name(out, registry, fields[INCREMENT_event_name], today, fault);
	if (status == ST_OK)
		status = read_id(out, fields[INCREMENT_event_id], fault);
	if (status == ST_OK)
		status = read_date(out, fields[INCREMENT_event_date], today, past, fault);
	if (status == ST_OK)
		status = read_count(out, fields[INCREMENT_count], fault);
	if (status == ST_OK)
		status = read_source(out, fields[INCREMENT_source], fault);
	return status;
}
