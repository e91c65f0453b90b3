/*
 * warrant - see warrant.h.
 *
 * The journal is written first: between the two it is of a generation that the store does not
 * know yet, which is taken for the store's where that has none, and refused where it has another.
 */
#include "warrant.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "day.h"
#include "state.h"

void warrant_dir(char *path, const struct config *config)
{
	if (*config->releases_journal_dir)
		snprintf(path, STATE_PATH_BYTES, "%s", config->releases_journal_dir);
	else
		state_path(path, config, STATE_RELEASED);
}

static enum status take_text(void *context, const char *const *columns)
{
	snprintf(context, GENERATION_BYTES, "%s", columns[0]);
	return ST_OK;
}

static enum status read_generation(struct store *store, char generation[GENERATION_BYTES],
				   struct reason *why)
{
	generation[0] = '\0';
	return store_run(store, QUERY_GENERATION, NULL, take_text, generation, why);
}

static enum status write_generation(struct store *store, const char *generation, struct reason *why)
{
	return store_run(store, QUERY_GENERATION_SET, &STORE_TEXT(generation), NULL, NULL, why);
}

static enum status begin_generation(struct store *store, struct annals *annals, struct reason *why)
{
	char generation[GENERATION_BYTES];
	unsigned char bytes[GENERATION_BYTES / 2];
	enum status status;

	if (sodium_init() < 0)
		return reason_set(why, ST_IO, "no randomness: nothing is released");
	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(generation, sizeof(generation), bytes, sizeof(bytes));
	status = annals_renew(annals, generation, why);
	return status == ST_OK ? write_generation(store, generation, why) : status;
}

static bool is_none(const char *dir)
{
	return strcmp(dir, WARRANT_NONE) == 0;
}

/* The journal and what the store says of it. */
static enum status open_both(struct annals **annals, struct store *store, const char *dir,
			     char generation[GENERATION_BYTES], struct reason *why)
{
	enum status status = annals_open(annals, dir, why);

	if (status == ST_OK)
		status = read_generation(store, generation, why);
	if (status != ST_OK) {
		annals_close(*annals);
		*annals = NULL;
	}
	return status;
}

enum status warrant_begin(struct store *store, const char *dir, struct reason *why)
{
	char generation[GENERATION_BYTES];
	struct annals *annals;
	enum status status;

	if (is_none(dir))
		return ST_OK;
	status = open_both(&annals, store, dir, generation, why);
	if (status == ST_OK && !*generation && !*annals_generation(annals))
		status = begin_generation(store, annals, why);
	annals_close(annals);
	return status;
}

/* What speaks against the two, or NULL. */
static const char *objection(const struct annals *annals, const char *generation)
{
	const char *its = annals_generation(annals);

	if (*generation && !*its)
		return "is missing";
	if (annals_is_copy(annals))
		return "is a copy, as from a backup";
	return *generation && strcmp(its, generation) != 0 ? "is of another store" : NULL;
}

enum status warrant_open(struct annals **out, struct store *store, const char *dir,
			 struct reason *why)
{
	char generation[GENERATION_BYTES];
	enum status status;

	*out = NULL;
	if (is_none(dir))
		return ST_OK;
	status = open_both(out, store, dir, generation, why);
	if (status != ST_OK)
		return status;
	const char *wrong = objection(*out, generation);
	if (wrong)
		status =
		    reason_set(why, ST_DENIED,
			       "the journal of releases %s: what was released since nobody "
			       "knows; say what happened: tamis snapshot --restored, or --moved",
			       wrong);
	else if (!*annals_generation(*out))
		status = begin_generation(store, *out, why);
	else
		status = annals_renew(*out, annals_generation(*out), why);
	if (status == ST_OK && !*generation)
		status = write_generation(store, annals_generation(*out), why);
	if (status != ST_OK) {
		annals_close(*out);
		*out = NULL;
	}
	return status;
}

enum status warrant_restored(struct store *store, const char *dir, int32_t day, struct reason *why)
{
	char generation[GENERATION_BYTES], text[DAY_BYTES];
	struct annals *annals;
	enum status status;

	if (is_none(dir))
		return reason_set(why, ST_USAGE,
				  "releases.journal_dir is none: there is no journal");
	status = open_both(&annals, store, dir, generation, why);
	if (status == ST_OK) {
		annals_shut(annals, day);
		status = begin_generation(store, annals, why);
	}
	if (status == ST_OK)
		status = store_run(store, QUERY_REPORTS_SHUT, &STORE_TEXT(day_text(text, day)),
				   NULL, NULL, why);
	annals_close(annals);
	return status;
}

enum status warrant_moved(struct store *store, const char *dir, struct reason *why)
{
	char generation[GENERATION_BYTES];
	struct annals *annals;
	enum status status;

	if (is_none(dir))
		return ST_OK;
	status = open_both(&annals, store, dir, generation, why);
	if (status == ST_OK && (!*generation || strcmp(annals_generation(annals), generation) != 0))
		status = reason_set(why, ST_DENIED, "there is no journal of this store's releases");
	if (status == ST_OK)
		status = annals_renew(annals, generation, why);
	annals_close(annals);
	return status;
}
