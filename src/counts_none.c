/*
 * counts_none - the responder that serves one request reads no database: it stays small.
 */
#include "counts.h"
#include "errors.h"

#include <string.h>

const char *const counts_groups[GROUPS] = {"all", "event_name", "event_date", "event_id", "source"};

enum counts_group counts_group_find(const char *name, size_t len)
{
	(void)name;
	(void)len;
	return GROUP_ALL;
}

enum status counts_reader_new(struct counts_reader **out, const struct config *config)
{
	(void)config;
	*out = NULL;
	return ST_NOT_FOUND;
}

void counts_reader_free(struct counts_reader *reader)
{
	(void)reader;
}

enum status counts_json(struct counts_reader *reader, const struct counts_question *question,
			struct buf *out, struct reason *why)
{
	(void)reader;
	(void)question;
	(void)out;
	return reason_set(why, ST_NOT_FOUND, "this responder reads no counts");
}

enum status counts_csv(struct counts_reader *reader, const struct counts_question *question,
		       struct buf *out, struct reason *why)
{
	return counts_json(reader, question, out, why);
}

enum status errors_json(struct counts_reader *reader, const struct counts_question *question,
			struct buf *out, struct reason *why)
{
	return counts_json(reader, question, out, why);
}

enum status errors_csv(struct counts_reader *reader, const struct counts_question *question,
		       struct buf *out, struct reason *why)
{
	return counts_json(reader, question, out, why);
}
