/*
 * access - the file, a line a token:
 *
 *	ID SCOPES SUBJECT EXPIRES HASH
 *
 * SUBJECT "-" for all, EXPIRES a date or "-", HASH the BLAKE2b-256 of the token in hex. The
 * hash needs no salt: what is hashed is 256 random bits.
 */
#include "access.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "day.h"
#include "file.h"
#include "state.h"

#define PREFIX "tamis_"
#define HASH_BYTES 32
#define SECRET_BYTES 32
#define FILE_BYTES ((size_t)1024 * 1024)
#define PATH_BYTES 1024
#define LOOK_US US_PER_S

struct row {
	struct grant grant;
	unsigned char hash[HASH_BYTES];
};

struct rows {
	size_t n;
	struct row *rows;
};

struct access {
	char path[PATH_BYTES];
	pthread_rwlock_t lock; /* of all that follows */
	struct rows rows;
	struct stat seen; /* of the file that the rows are from */
	_Atomic int64_t looked_us;
};

static const struct {
	const char *name;
	unsigned bits;
} scopes[] = {
#define SCOPE(id, name, besides, help) {name, SCOPE_##id | (besides)},
#include "scope.def"
#undef SCOPE
};

unsigned scopes_parse(const char *text)
{
	unsigned bits = 0;

	for (;;) {
		size_t n = strcspn(text, ","), i = 0;
		while (i < SCOPES &&
		       (strlen(scopes[i].name) != n || memcmp(scopes[i].name, text, n)))
			i++;
		if (i == SCOPES)
			return 0;
		bits |= scopes[i].bits;
		if (!text[n])
			return bits;
		text += n + 1;
	}
}

void scopes_text(unsigned bits, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < SCOPES; i++) {
		bool inside = !(bits >> i & 1);
		for (size_t k = 0; k < SCOPES; k++)
			inside |= k != i && (bits >> k & 1) && (scopes[k].bits >> i & 1);
		if (inside)
			continue;
		buf_addf(out, "%s%s", comma, scopes[i].name);
		comma = ",";
	}
}

static bool subject_ok(const char *subject)
{
	size_t n = strlen(subject);

	if (n >= TOKEN_SUBJECT_BYTES)
		return false;
	for (size_t i = 0; i < n; i++)
		if (subject[i] <= ' ' || subject[i] > '~')
			return false;
	return strcmp(subject, "-") != 0;
}

static bool read_row(struct row *row, char *line)
{
	char *part[5], *rest = line;
	size_t n = 0, hash;

	while (n < 5 && rest)
		part[n++] = strsep(&rest, " ");
	if (n != 5 || rest || strlen(part[0]) != TOKEN_ID_BYTES - 1 ||
	    strlen(part[2]) >= TOKEN_SUBJECT_BYTES)
		return false;
	*row = (struct row){.grant = {.scopes = scopes_parse(part[1]), .expires = DAY_NEVER}};
	memcpy(row->grant.id, part[0], TOKEN_ID_BYTES);
	if (strcmp(part[2], "-") != 0)
		strcpy(row->grant.subject, part[2]);
	if (strcmp(part[3], "-") != 0 &&
	    day_parse(&row->grant.expires, part[3], strlen(part[3])) != ST_OK)
		return false;
	return row->grant.scopes && strlen(part[4]) == (size_t)2 * HASH_BYTES &&
	       sodium_hex2bin(row->hash, HASH_BYTES, part[4], (size_t)2 * HASH_BYTES, NULL, &hash,
			      NULL) == 0 &&
	       hash == HASH_BYTES;
}

static void rows_free(struct rows *rows)
{
	free(rows->rows);
	*rows = (struct rows){0};
}

static enum status parse(struct rows *rows, const char *path, struct buf *text, struct reason *why)
{
	char *rest = text->data, *line;
	size_t lines = 1;

	for (size_t i = 0; i < text->len; i++)
		lines += text->data[i] == '\n';
	rows->rows = calloc(lines, sizeof(*rows->rows));
	if (!rows->rows)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	for (size_t number = 1; text->len && (line = strsep(&rest, "\n")); number++) {
		if (!*line || *line == '#')
			continue;
		if (!read_row(&rows->rows[rows->n], line))
			return reason_set(why, ST_CONFIG, "%s:%zu: no line of `tamis token make`",
					  path, number);
		rows->n++;
	}
	return ST_OK;
}

/* A file that is not there holds no tokens. */
static enum status read_rows(struct rows *rows, const char *path, struct reason *why)
{
	struct buf text;
	enum status status;

	*rows = (struct rows){0};
	if (access(path, F_OK) && errno == ENOENT)
		return ST_OK;
	if (file_is_private(path, 1) == ST_DENIED)
		return reason_set(why, ST_DENIED, "%s: others can read it; chmod 640 it", path);
	buf_init(&text, FILE_BYTES);
	status = file_read(path, &text);
	if (status == ST_OK)
		status = parse(rows, path, &text, why);
	else
		status = reason_set_path(why, status, path);
	buf_free(&text);
	if (status != ST_OK)
		rows_free(rows);
	return status;
}

const char *access_path(char *path, const struct config *config)
{
	if (*config->tokens_file)
		snprintf(path, STATE_PATH_BYTES, "%s", config->tokens_file);
	else
		state_path(path, config, STATE_TOKENS);
	return path;
}

enum status access_open(struct access **out, const char *path, struct reason *why)
{
	struct access *access = calloc(1, sizeof(*access));
	enum status status;

	*out = NULL;
	if (!access || sodium_init() < 0 || pthread_rwlock_init(&access->lock, NULL)) {
		free(access);
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	}
	snprintf(access->path, sizeof(access->path), "%s", path);
	if (stat(path, &access->seen))
		access->seen = (struct stat){0};
	access->looked_us = clock_mono_us();
	status = read_rows(&access->rows, path, why);
	if (status == ST_OK)
		*out = access;
	else
		access_close(access);
	return status;
}

void access_close(struct access *access)
{
	if (!access)
		return;
	rows_free(&access->rows);
	pthread_rwlock_destroy(&access->lock);
	free(access);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Once a second; a file that cannot be read any more leaves nobody with a right. */
static void look_again(struct access *access)
{
	int64_t now = clock_mono_us(), looked = access->looked_us;
	struct stat st = {0};
	struct rows rows;

	if (now - looked < LOOK_US ||
	    !atomic_compare_exchange_strong(&access->looked_us, &looked, now))
		return;
	if (stat(access->path, &st))
		st = (struct stat){0};
	if (same_file(&st, &access->seen))
		return;
	if (read_rows(&rows, access->path, NULL) != ST_OK)
		rows = (struct rows){0};
	pthread_rwlock_wrlock(&access->lock);
	struct rows old = access->rows;
	access->rows = rows;
	access->seen = st;
	pthread_rwlock_unlock(&access->lock);
	rows_free(&old);
}

static void hash_of(unsigned char hash[HASH_BYTES], const char *token)
{
	crypto_generichash(hash, HASH_BYTES, (const unsigned char *)token, strlen(token), NULL, 0);
}

bool access_grant(struct access *access, const char *authorization, int32_t today,
		  struct grant *grant)
{
	static const char scheme[] = "Bearer ";
	unsigned char hash[HASH_BYTES];
	bool found = false;

	if (!authorization || strncasecmp(authorization, scheme, sizeof(scheme) - 1) != 0)
		return false;
	look_again(access);
	hash_of(hash, authorization + sizeof(scheme) - 1);
	pthread_rwlock_rdlock(&access->lock);
	for (size_t i = 0; i < access->rows.n; i++) {
		const struct row *row = &access->rows.rows[i];
		if (sodium_memcmp(row->hash, hash, HASH_BYTES) == 0 && today < row->grant.expires) {
			*grant = row->grant;
			found = true;
		}
	}
	pthread_rwlock_unlock(&access->lock);
	return found;
}

static void write_row(struct buf *out, const struct row *row)
{
	char hash[2 * HASH_BYTES + 1], day[DAY_BYTES];

	buf_addf(out, "%s ", row->grant.id);
	scopes_text(row->grant.scopes, out);
	buf_addf(out, " %s %s %s\n", *row->grant.subject ? row->grant.subject : "-",
		 row->grant.expires == DAY_NEVER ? "-" : day_text(day, row->grant.expires),
		 sodium_bin2hex(hash, sizeof(hash), row->hash, HASH_BYTES));
}

/* Replace the file, with its mode and group kept; `without` leaves one token out. */
static enum status write_rows(const char *path, const struct rows *rows, const char *without,
			      struct reason *why)
{
	enum status status = ST_NO_MEMORY;
	struct stat st;
	struct buf text;

	buf_init(&text, FILE_BYTES);
	buf_adds(&text, "# tokens of tamis: made and revoked by `tamis token`\n");
	for (size_t i = 0; i < rows->n; i++)
		if (!without || strcmp(rows->rows[i].grant.id, without) != 0)
			write_row(&text, &rows->rows[i]);
	if (buf_ok(&text)) {
		bool there = stat(path, &st) == 0;
		status = file_replace(path, text.data, text.len, there ? st.st_mode & 0770 : 0640);
		if (status == ST_OK && there && chown(path, st.st_uid, st.st_gid) && geteuid() == 0)
			status = ST_IO;
	}
	buf_free(&text);
	return status == ST_OK ? ST_OK : reason_set_path(why, status, path);
}

/* One changes the file at a time: its directory is locked meanwhile. -1: why. */
static int lock_directory(const char *path, struct reason *why)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_BYTES];
	int fd;

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	fd = open(*directory ? directory : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		(void)reason_set_path(why, ST_IO, directory);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static enum status add_row(struct rows *rows, const struct row *row)
{
	struct row *more = realloc(rows->rows, (rows->n + 1) * sizeof(*more));

	if (!more)
		return ST_NO_MEMORY;
	rows->rows = more;
	rows->rows[rows->n++] = *row;
	return ST_OK;
}

static void draw_token(struct row *row, char token[TOKEN_TEXT_BYTES])
{
	unsigned char secret[SECRET_BYTES];

	randombytes_buf(secret, sizeof(secret));
	strcpy(token, PREFIX);
	sodium_bin2base64(token + strlen(PREFIX), TOKEN_TEXT_BYTES - strlen(PREFIX), secret,
			  sizeof(secret), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	hash_of(row->hash, token);
	/* To name it by; of the hash, so that it tells nothing of the token. */
	sodium_bin2hex(row->grant.id, TOKEN_ID_BYTES, row->hash, (TOKEN_ID_BYTES - 1) / 2);
	sodium_memzero(secret, sizeof(secret));
}

enum status access_make(const char *path, struct grant *grant, char token[TOKEN_TEXT_BYTES],
			struct reason *why)
{
	struct row row = {.grant = *grant};
	enum status status = ST_IO;
	struct rows rows;
	int lock;

	if (!grant->scopes || !subject_ok(grant->subject))
		return reason_set(why, ST_USAGE,
				  "a token needs a scope, and a subject without blanks");
	if (sodium_init() < 0)
		return reason_set(why, ST_IO, "no randomness");
	lock = lock_directory(path, why);
	if (lock < 0)
		return status;
	status = read_rows(&rows, path, why);
	if (status == ST_OK) {
		draw_token(&row, token);
		status = add_row(&rows, &row);
		if (status == ST_OK)
			status = write_rows(path, &rows, NULL, why);
		rows_free(&rows);
	}
	close(lock);
	*grant = row.grant;
	return status;
}

enum status access_revoke(const char *path, const char *id, struct reason *why)
{
	enum status status = ST_IO;
	struct rows rows;
	int lock = lock_directory(path, why);

	if (lock < 0)
		return status;
	status = read_rows(&rows, path, why);
	if (status == ST_OK) {
		size_t i = 0;
		while (i < rows.n && strcmp(rows.rows[i].grant.id, id) != 0)
			i++;
		status = i < rows.n
			     ? write_rows(path, &rows, id, why)
			     : reason_set(why, ST_NOT_FOUND, "no token of this id in %s", path);
		rows_free(&rows);
	}
	close(lock);
	return status;
}

enum status access_list(const char *path, access_visit_fn *visit, void *context, struct reason *why)
{
	struct rows rows;
	enum status status = read_rows(&rows, path, why);

	for (size_t i = 0; status == ST_OK && i < rows.n; i++)
		visit(context, &rows.rows[i].grant);
	rows_free(&rows);
	return status;
}
