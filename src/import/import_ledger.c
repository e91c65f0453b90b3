/*
 * import_ledger - key, lock and the months that the inputs touch.
 */
#include "import_ledger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "file.h"
#include "import_month.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define MESSAGE_BYTES ((size_t)256 * 1024)

struct import_ledger {
	int lock, intent;
	char dir[PATH_MAX];
	char boot[37];
	unsigned char key[crypto_shorthash_KEYBYTES];
	struct buf message;	     /* what is hashed */
	struct import_month *months; /* the last used first */
};

static enum status take_lock(struct import_ledger *ledger, struct reason *why)
{
	char path[PATH_MAX + 8];

	(void)snprintf(path, sizeof(path), "%s/lock", ledger->dir);
	ledger->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (ledger->lock < 0)
		return reason_set(why, ST_IO, "%s: %s", path, strerror(errno));
	if (flock(ledger->lock, LOCK_EX | LOCK_NB) == 0)
		return ST_OK;
	if (errno == EWOULDBLOCK)
		return reason_set(why, ST_BUSY, "another tamis import is running");
	return reason_set(why, ST_IO, "%s: %s", path, strerror(errno));
}

static bool has_months(const char *dir)
{
	DIR *entries = opendir(dir);
	const struct dirent *entry;
	bool found = false;

	while (entries && (entry = readdir(entries)) != NULL)
		found = found || strstr(entry->d_name, ".ledger") != NULL;
	if (entries)
		(void)closedir(entries);
	return found;
}

/* Read the key, or make one where nothing was hashed under another. */
static enum status take_key(struct import_ledger *ledger, struct reason *why)
{
	char path[PATH_MAX + 8];
	enum status status;
	struct buf key;

	(void)snprintf(path, sizeof(path), "%s/key", ledger->dir);
	buf_init(&key, sizeof(ledger->key));
	status = file_read(path, &key);
	if (status == ST_OK && key.len == sizeof(ledger->key)) {
		memcpy(ledger->key, key.data, key.len);
	} else if (status == ST_NOT_FOUND && !has_months(ledger->dir)) {
		crypto_shorthash_keygen(ledger->key);
		status = file_replace(path, ledger->key, sizeof(ledger->key), 0600);
		if (status != ST_OK)
			(void)reason_set(why, status, "%s: %s", path, strerror(errno));
	} else {
		status =
		    reason_set(why, ST_CORRUPT,
			       "%s: the ledger's key is missing or damaged; without it nobody "
			       "can tell what was imported before (removing all of %s forgets it)",
			       path, ledger->dir);
	}
	if (key.data)
		sodium_memzero(key.data, key.cap);
	buf_free(&key);
	return status;
}

/* An unknown boot is none that was ever written: entries count as far as confirmed. */
static void read_boot(struct import_ledger *ledger)
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	size_t got = 0;

	if (fd < 0 || file_read_full(fd, ledger->boot, sizeof(ledger->boot) - 1, &got) != ST_OK ||
	    got != sizeof(ledger->boot) - 1)
		(void)snprintf(ledger->boot, sizeof(ledger->boot), "unknown %lld",
			       (long long)time(NULL));
	if (fd >= 0)
		(void)close(fd);
}

enum status ledger_open(struct import_ledger **out, const char *dir, struct reason *why)
{
	struct import_ledger *ledger = calloc(1, sizeof(*ledger));
	enum status status;

	if (!ledger || sodium_init() < 0) {
		free(ledger);
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	}
	ledger->lock = ledger->intent = -1;
	buf_init(&ledger->message, MESSAGE_BYTES);
	(void)snprintf(ledger->dir, sizeof(ledger->dir), "%s", dir);
	read_boot(ledger);
	status = file_mkdirs(dir, 0700);
	if (status != ST_OK)
		(void)reason_set(why, status, "%s: %s", dir, strerror(errno));
	if (status == ST_OK)
		status = take_lock(ledger, why);
	if (status == ST_OK)
		status = take_key(ledger, why);
	if (status == ST_OK) {
		status = intent_open(&ledger->intent, dir);
		if (status != ST_OK)
			(void)reason_set(why, status, "%s/intent: %s", dir, strerror(errno));
	}
	if (status != ST_OK) {
		ledger_close(ledger);
		return status;
	}
	*out = ledger;
	return ST_OK;
}

void ledger_close(struct import_ledger *ledger)
{
	if (!ledger)
		return;
	while (ledger->months) {
		struct import_month *month = ledger->months;

		ledger->months = month->next;
		month_close(month);
	}
	if (ledger->lock >= 0)
		(void)close(ledger->lock);
	if (ledger->intent >= 0)
		(void)close(ledger->intent);
	buf_free(&ledger->message);
	sodium_memzero(ledger->key, sizeof(ledger->key));
	free(ledger);
}

void ledger_begin(struct import_ledger *ledger)
{
	for (struct import_month *month = ledger->months; month; month = month->next)
		for (size_t i = 0; i < month->cells; i++)
			month->table[i].seen = 0;
}

uint64_t ledger_hash(struct import_ledger *ledger, const char *website, const char *hostname,
		     const char *line, size_t len)
{
	struct buf *message = &ledger->message;
	uint64_t hash = 0;

	buf_reset(message);
	buf_add(message, website, strlen(website) + 1);
	buf_add(message, hostname, strlen(hostname) + 1);
	buf_add(message, line, len);
	(void)crypto_shorthash((unsigned char *)&hash, (const unsigned char *)message->data,
			       message->len, ledger->key);
	return hash;
}

/* The month of a time, opened at its first line and moved to the list's front. */
static enum status month_of(struct import_ledger *ledger, int64_t time_s, struct import_month **out,
			    struct reason *why)
{
	time_t time = (time_t)time_s;
	struct import_month *month;
	enum status status;
	struct tm tm;
	int number;

	(void)gmtime_r(&time, &tm);
	number = (tm.tm_year + 1900) * 12 + tm.tm_mon;
	for (struct import_month **at = &ledger->months; *at; at = &(*at)->next)
		if ((*at)->number == number) {
			month = *at;
			*at = month->next;
			month->next = ledger->months;
			ledger->months = month;
			*out = month;
			return ST_OK;
		}
	status = month_open(&month, ledger->dir, number, ledger->boot, why);
	if (status != ST_OK)
		return status;
	month->next = ledger->months;
	ledger->months = month;
	*out = month;
	return ST_OK;
}

static enum status find(struct import_ledger *ledger, int64_t time_s, uint64_t hash,
			struct import_month **month, struct month_cell **cell, struct reason *why)
{
	enum status status = month_of(ledger, time_s, month, why);

	if (status != ST_OK)
		return status;
	*cell = month_cell(*month, hash);
	if (!*cell)
		return reason_set(why, ST_NO_MEMORY, "the import's ledger: %s",
				  status_text(ST_NO_MEMORY));
	return ST_OK;
}

enum status ledger_see(struct import_ledger *ledger, int64_t time_s, uint64_t hash, bool *imported,
		       struct reason *why)
{
	struct import_month *month;
	struct month_cell *cell;
	enum status status = find(ledger, time_s, hash, &month, &cell, why);

	if (status != ST_OK)
		return status;
	*imported = cell->seen < cell->imported;
	cell->seen++;
	return ST_OK;
}

enum status ledger_intend(struct import_ledger *ledger, int64_t time_s, uint64_t hash,
			  const struct stamp *stamp, struct reason *why)
{
	struct import_intent intent = {.hash = hash, .time_s = time_s, .stamp = *stamp};
	struct import_month *month;
	enum status status = month_of(ledger, time_s, &month, why);

	if (status != ST_OK)
		return status;
	intent.entries = month->entries;
	status = intent_write(ledger->intent, &intent, ledger->boot);
	if (status != ST_OK)
		return reason_set(why, status, "%s/intent: %s", ledger->dir, strerror(errno));
	return ST_OK;
}

enum status ledger_pending(struct import_ledger *ledger, bool *pending,
			   struct import_intent *intent, struct reason *why)
{
	struct import_month *month;
	enum status status;

	*pending = false;
	if (!intent_read(ledger->intent, intent, ledger->boot))
		return ST_OK;
	status = month_of(ledger, intent->time_s, &month, why);
	if (status == ST_OK)
		*pending = month->entries == intent->entries;
	return status;
}

enum status ledger_add(struct import_ledger *ledger, int64_t time_s, uint64_t hash,
		       struct reason *why)
{
	struct import_month *month;
	struct month_cell *cell;
	enum status status = find(ledger, time_s, hash, &month, &cell, why);

	if (status == ST_OK)
		status = month_append(month, cell->hash);
	if (status == ST_IO)
		return reason_set(why, ST_IO, "%s: the ledger: %s", ledger->dir, strerror(errno));
	if (status == ST_OK)
		cell->imported++;
	return status;
}

enum status ledger_confirm(struct import_ledger *ledger, bool all, struct reason *why)
{
	for (struct import_month *month = ledger->months; month; month = month->next) {
		if (month_confirm(month, all ? month->entries : month->noted) != ST_OK)
			return reason_set(why, ST_IO, "%s: the ledger: %s", ledger->dir,
					  strerror(errno));
		month->noted = month->entries;
	}
	return ST_OK;
}
