/*
 * wrapped - every place where base64 may begin is tried, as '/', '-', '_' and '+' are
 * separators as well as digits of it. Nearly all words fall at their first three letters, which
 * a table knows: what they stand for is no text.
 */
#include "wrapped.h"

#define LEAST 8 /* "a@b.co" */
#define BYTES_MAX 4096
/* Decoded bytes for each of the text, so that no text costs more than so many times its own. */
#define BUDGET 4

/* A piece of the text that was read. */
struct piece {
	size_t used; /* letters */
	size_t len;
	char bytes[BYTES_MAX];
};

enum sign {
	WORD = 1, /* alphanumeric */
	/* As the first, second and third of four letters: may the bytes they begin be text? Then
	 * the first is a blank's or 0x20 to 0x7f, and the others are below 0x80, too. */
	FIRST = 2,
	SECOND = 4,
	THIRD = 8,
};

#define VALUE(c)                                                                                   \
	((c) >= 'A' && (c) <= 'Z'   ? (c) - 'A'                                                    \
	 : (c) >= 'a' && (c) <= 'z' ? (c) - 'a' + 26                                               \
	 : (c) >= '0' && (c) <= '9' ? (c) - '0' + 52                                               \
	 : (c) == '+' || (c) == '-' ? 62                                                           \
	 : (c) == '/' || (c) == '_' ? 63                                                           \
				    : -1)
#define SIGNS(v)                                                                                   \
	((v) < 0 ? 0                                                                               \
		 : ((v) < 62 ? WORD : 0) |                                                         \
		       ((v) == 2 || (v) == 3 || ((v) >= 8 && (v) < 32) ? FIRST : 0) |              \
		       (((v)&15) == 0 || (((v)&15) >= 2 && ((v)&15) < 8) ? SECOND : 0) |           \
		       (((v)&3) < 2 ? THIRD : 0))
#define ROW(c)                                                                                     \
	{                                                                                          \
		VALUE(c) + 1, SIGNS(VALUE(c))                                                      \
	}
#define ROWS4(c) ROW(c), ROW((c) + 1), ROW((c) + 2), ROW((c) + 3)
#define ROWS16(c) ROWS4(c), ROWS4((c) + 4), ROWS4((c) + 8), ROWS4((c) + 12)

static const struct {
	unsigned char value; /* and one; 0: it is no letter, as all beyond ASCII */
	unsigned char signs;
} letters[256] = {
    ROWS16(0), ROWS16(16), ROWS16(32), ROWS16(48), ROWS16(64), ROWS16(80), ROWS16(96), ROWS16(112),
};

/* -1: it is no letter of base64. */
static int value_of(char c)
{
	return letters[(unsigned char)c].value - 1;
}

static unsigned signs_of(char c)
{
	return letters[(unsigned char)c].signs;
}

static bool is_blank(int byte)
{
	return byte == '\t' || byte == '\n' || byte == '\r';
}

/* False: it is no text from here on. Bytes beyond ASCII become '?'. */
static bool put(struct piece *piece, int byte)
{
	if ((byte < 0x20 && !is_blank(byte)) || byte == 0x7f || piece->len == BYTES_MAX)
		return false;
	if (byte >= 0x80 && piece->len < 3)
		return false;
	piece->bytes[piece->len++] = (char)(byte < 0x80 ? byte : '?');
	return true;
}

/* Read text[at...] as far as it is base64 of a text. */
static void decode(struct piece *piece, struct text text, size_t at)
{
	unsigned bits = 0, have = 0;
	size_t i = at;
	int value;

	piece->len = 0;
	for (; i < text.len && (value = value_of(text.data[i])) >= 0; i++) {
		bits = bits << 6 | (unsigned)value;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (!put(piece, (int)(bits >> have & 0xff)))
			break;
	}
	piece->used = i - at;
}

/* At least LEAST bytes follow. */
static bool may_begin(struct text text, size_t i)
{
	const char *p = text.data + i;

	return (signs_of(p[0]) & FIRST) && (i == 0 || !(signs_of(p[-1]) & WORD)) &&
	       (signs_of(p[1]) & SECOND) && (signs_of(p[2]) & THIRD);
}

/* Does straining change what the piece says? */
static enum status is_personal(bool *personal, struct strainer *strainer, struct arena *arena,
			       const struct piece *piece)
{
	struct text raw = {piece->bytes, piece->len}, clean;
	enum status status = strain(strainer, arena, SAN_TEXT, raw, &clean);

	*personal = status == ST_OK && clean.data != raw.data;
	return status;
}

enum status wrapped_clean(struct strainer *strainer, struct arena *arena, struct text text,
			  struct text *out)
{
	size_t kept = 0, budget = BUDGET * text.len + BYTES_MAX;
	struct writer writer = {.arena = NULL};
	enum status status = ST_OK;
	struct piece piece;
	bool personal;

	*out = text;
	for (size_t i = 0; i + LEAST <= text.len && status == ST_OK; i++) {
		if (!may_begin(text, i))
			continue;
		decode(&piece, text, i);
		if (piece.used < LEAST || piece.len > budget)
			continue;
		budget -= piece.len;
		status = is_personal(&personal, strainer, arena, &piece);
		if (status != ST_OK || !personal)
			continue;
		if (!writer.arena)
			writer_init(&writer, arena, text.len + 16);
		writer_add(&writer, text.data + kept, i - kept);
		writer_lit(&writer, "[REDACTED]");
		for (i += piece.used; i < text.len && text.data[i] == '='; i++)
			;
		kept = i--;
	}
	if (status != ST_OK || !writer.arena)
		return status;
	writer_add(&writer, text.data + kept, text.len - kept);
	*out = writer_text(&writer);
	return writer_ok(&writer) ? ST_OK : ST_NO_MEMORY;
}
