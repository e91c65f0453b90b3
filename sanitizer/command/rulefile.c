/*
 * rulefile - see rulefile.h. YAML arrives as libyaml's events; the path of a
 * scalar is the stack of mapping keys around it, joined by dots, and a sequence
 * adds nothing to it, which is how the grammar spells lists.
 */
#include "rulefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "bytes.h"

#define MAX_DEPTH 8
#define MAX_PATH 512

/* The place in the document: path[0..ends[depth-1]) names the open key. */
struct place {
	char path[MAX_PATH];
	size_t ends[MAX_DEPTH];	      /* length of the path outside each open mapping */
	yaml_mark_t marks[MAX_DEPTH]; /* of their keys */
	yaml_mark_t mark;	      /* of the last key */
	struct bytes seen;	      /* paths of all keys, with a NUL before and behind each */
	bool checks_own;
	bool sequence[MAX_DEPTH];
	int depth;
	bool have_key; /* the next node is a value */
	size_t outer;  /* length of the path before that key */
};

static int complain(struct cause *cause, const yaml_mark_t *mark, const char *text)
{
	char copy[sizeof(cause->text) - 32];

	snprintf(copy, sizeof(copy), "%s", text);
	return cause_set(cause, "line %zu: %s", mark->line + 1, copy);
}

/* The place's path among the keys; not twice. */
static int note_key(struct place *place, char *why, size_t size)
{
	size_t len = strlen(place->path) + 1;
	struct bytes *seen = &place->seen;

	if ((!seen->len && bytes_add(seen, "", 1)) || bytes_add(seen, place->path, len)) {
		snprintf(why, size, "out of memory");
		return -1;
	}
	if (!memmem(seen->data, seen->len - len, seen->data + seen->len - len - 1, len + 1))
		return 0;
	snprintf(why, size, "the key '%.300s' is there twice", place->path);
	return -1;
}

static int add_key(struct place *place, const char *key, char *why, size_t size)
{
	size_t len = strlen(place->path);
	int n;

	place->outer = len;
	n = snprintf(place->path + len, sizeof(place->path) - len, "%s%s", len ? "." : "", key);
	place->have_key = true;
	if (n >= 0 && (size_t)n < sizeof(place->path) - len)
		return note_key(place, why, size);
	snprintf(why, size, "a key is too long");
	return -1;
}

static void value_done(struct place *place)
{
	if (place->depth && place->sequence[place->depth - 1])
		return;
	place->path[place->outer] = '\0';
	place->have_key = false;
}

static int open_node(struct place *place, bool sequence)
{
	if (place->depth == MAX_DEPTH)
		return -1;
	if (place->depth && place->sequence[place->depth - 1])
		return -1;
	place->ends[place->depth] = place->outer;
	place->marks[place->depth] = place->mark;
	place->sequence[place->depth++] = sequence;
	place->have_key = false;
	return 0;
}

static void close_node(struct place *place)
{
	place->outer = place->ends[--place->depth];
	value_done(place);
}

static int take_scalar(struct rules *rules, struct place *place, const char *value, char *why,
		       size_t size)
{
	bool element = place->depth && place->sequence[place->depth - 1];
	int rc;

	if (!place->depth) {
		snprintf(why, size, "rules are a mapping of keys to values");
		return -1;
	}
	if (!element && !place->have_key) {
		return add_key(place, value, why, size);
	}
	rc = rules_set(rules, place->path, value, why, size);
	value_done(place);
	return rc;
}

/* At the end of a mapping: of a pattern all is known then. */
static int check_own(struct rules *rules, const struct place *place, struct cause *cause)
{
	char why[400];

	if (!place->checks_own || strncmp(place->path, "own.", 4) ||
	    !rules_check_own(rules, place->path + 4, why, sizeof(why)))
		return 0;
	return complain(cause, &place->marks[place->depth - 1], why);
}

static int take_event(struct rules *rules, struct place *place, const yaml_event_t *event,
		      struct cause *cause)
{
	char why[400] = "nested too deeply, or a list of lists or mappings";
	int rc = 0;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		if (memchr(event->data.scalar.value, 0, event->data.scalar.length))
			return complain(cause, &event->start_mark, "a NUL byte");
		rc = take_scalar(rules, place, (const char *)event->data.scalar.value, why,
				 sizeof(why));
		if (place->have_key)
			place->mark = event->start_mark;
		break;
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		rc = open_node(place, event->type == YAML_SEQUENCE_START_EVENT);
		break;
	case YAML_MAPPING_END_EVENT:
		if (check_own(rules, place, cause))
			return -1;
		close_node(place);
		break;
	case YAML_SEQUENCE_END_EVENT:
		close_node(place);
		break;
	case YAML_ALIAS_EVENT:
		return complain(cause, &event->start_mark, "aliases are not taken");
	default:
		break;
	}
	return rc ? complain(cause, &event->start_mark, why) : 0;
}

static int read_yaml(struct rules *rules, const char *path, bool checks_own, struct cause *cause)
{
	struct place place = {.checks_own = checks_own};
	yaml_parser_t parser;
	yaml_event_t event;
	FILE *file = fopen(path, "rbe");
	bool end = false;
	int rc = 0;

	if (!file)
		return cause_errno(cause, "cannot open");
	if (!yaml_parser_initialize(&parser)) {
		fclose(file);
		return cause_set(cause, "out of memory");
	}
	yaml_parser_set_input_file(&parser, file);
	while (!rc && !end) {
		if (!yaml_parser_parse(&parser, &event)) {
			rc = complain(cause, &parser.problem_mark,
				      parser.problem ? parser.problem : "not YAML");
			break;
		}
		end = event.type == YAML_STREAM_END_EVENT;
		rc = take_event(rules, &place, &event, cause);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	bytes_free(&place.seen);
	fclose(file);
	return rc;
}

int rulefile_yaml(struct rules *rules, const char *path, struct cause *cause)
{
	return read_yaml(rules, path, false, cause);
}

int rulefile_blame_own(const char *path, struct cause *cause)
{
	struct rules *rules = rules_new();
	int rc = rules ? read_yaml(rules, path, true, cause) : 0;

	rules_free(rules);
	return rc;
}

int rulefile_allow(struct rules *rules, const char *path, struct cause *cause)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, why[400];
	size_t cap = 0, number = 0;
	ssize_t len;
	int rc = 0;

	if (!file)
		return cause_errno(cause, "cannot open");
	while (!rc && (len = getline(&line, &cap, file)) >= 0) {
		number++;
		while (len && strchr(" \t\r\n", line[len - 1]))
			line[--len] = '\0';
		if (!len || *line == '#')
			continue;
		if (rules_set(rules, "allow", line, why, sizeof(why)))
			rc = cause_set(cause, "line %zu: %s", number, why);
	}
	if (!rc && ferror(file))
		rc = cause_errno(cause, "cannot read");
	free(line);
	fclose(file);
	return rc;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int decode_key(unsigned char key[KEY_BYTES], const char *text, size_t len)
{
	if (len == KEY_BYTES) {
		memcpy(key, text, KEY_BYTES);
		return 0;
	}
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len != 2 * KEY_BYTES)
		return -1;
	for (size_t i = 0; i < KEY_BYTES; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return -1;
		key[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

int rulefile_key(unsigned char key[KEY_BYTES], const char *path, struct cause *cause)
{
	char text[2 * KEY_BYTES + 3];
	struct stat st;
	ssize_t len;
	int fd, rc = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return cause_errno(cause, "cannot open the key");
	if (fstat(fd, &st)) {
		cause_errno(cause, "cannot look at the key");
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_mode & (S_IRWXG | S_IRWXO)) {
		cause_set(cause, "the key must be a file that only its owner can read (chmod 600)");
		goto out;
	}
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		cause_set(cause, "the key belongs to another user");
		goto out;
	}
	len = read(fd, text, sizeof(text));
	if (len < 0)
		cause_errno(cause, "cannot read the key");
	else if (decode_key(key, text, (size_t)len))
		cause_set(cause, "the key is neither 16 bytes nor 32 hexadecimal digits");
	else
		rc = 0;
	explicit_bzero(text, sizeof(text));
out:
	close(fd);
	return rc;
}
