/*
 * released_none - the responder that serves one request reads no database: it stays small.
 */
#include "released.h"

enum status released_reader_new(struct released_reader **out, const struct config *config)
{
	(void)config;
	*out = NULL;
	return ST_NOT_FOUND;
}

void released_reader_free(struct released_reader *reader)
{
	(void)reader;
}

enum status released_answer(struct released_reader *reader,
			    const struct released_question *question, struct buf *out,
			    struct buf *promise, const char **fault, struct reason *why)
{
	(void)question;
	(void)promise;
	*fault = NULL;
	return released_health(reader, out, why);
}

enum status released_health(struct released_reader *reader, struct buf *out, struct reason *why)
{
	(void)reader;
	(void)out;
	return reason_set(why, ST_NOT_FOUND, "this responder reads no releases");
}

enum status released_snapshot(const struct config *config, int32_t day, struct released_job *job,
			      struct reason *why)
{
	(void)config;
	(void)day;
	*job = (struct released_job){0};
	return reason_set(why, ST_NOT_FOUND, "this responder makes no releases");
}
