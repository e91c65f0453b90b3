/*
 * config_nearest - the key somebody meant: one with the same last part, else the one
 * with the fewest edits (Levenshtein), if they are few; or what took its place.
 */
#include "config_rows.h"

#include <string.h>

#define KEY_MAX 64

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Of strings of at most KEY_MAX bytes. */
static size_t edits(const char *a, const char *b)
{
	size_t row[KEY_MAX + 1];
	size_t n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; *a; i++, a++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (*a != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

static const char *last_part(const char *key)
{
	const char *dot = strrchr(key, '.');

	return dot ? dot + 1 : key;
}

const struct config_gone config_gone_rows[] = {
#define GONE(key, instead) {key, instead},
#include "config_gone.def"
#undef GONE
    {NULL, NULL}};

const char *config_gone(const char *key)
{
	size_t len = strlen(key);

	for (const struct config_gone *gone = config_gone_rows; gone->key; gone++)
		if (strncmp(gone->key, key, len) == 0 && (!gone->key[len] || gone->key[len] == '.'))
			return gone->instead;
	return NULL;
}

const char *config_nearest(const char *key)
{
	size_t best = strlen(key) / 3 + 2; /* more edits than this is another word */
	const char *nearest = NULL;

	if (strlen(key) > KEY_MAX)
		return NULL;
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		size_t n = edits(key, config_rows[i].key);

		if (n < best) {
			best = n;
			nearest = config_rows[i].key;
		}
	}
	for (size_t i = 0; !nearest && i < CONFIG_KEYS; i++)
		if (strcmp(last_part(key), last_part(config_rows[i].key)) == 0)
			nearest = config_rows[i].key;
	return nearest;
}
