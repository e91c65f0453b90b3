/*
 * field - see field.h. The form of a hash is that of the library's pseudonyms, which
 * no detector takes again, so cleaning twice changes nothing.
 */
#include "field.h"

#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HASH_CHARS 13 /* of 5 bits: 64 bits and one 0 */

static bool is_hash(const char *value, size_t len)
{
	size_t i = 1;

	if (len < HASH_CHARS + 4 || value[0] != '[' || value[len - 1] != ']')
		return false;
	while (i < len && (isupper((unsigned char)value[i]) || isdigit((unsigned char)value[i]) ||
			   value[i] == '_'))
		i++;
	if (i == 1 || value[i] != ':' || len - i != HASH_CHARS + 2)
		return false;
	for (i++; i < len - 1; i++)
		if (!isalnum((unsigned char)value[i]))
			return false;
	return true;
}

static bool is_placeholder(const char *value, size_t len)
{
	static const char start[] = "[REDACTED";

	if (len < sizeof(start) || memcmp(value, start, sizeof(start) - 1) || value[len - 1] != ']')
		return false;
	return !memchr(value, ']', len - 1);
}

bool field_changes(const struct field_rule *field, const char *value, size_t len)
{
	if (field->action == FIELD_KEEP || !len || (len == 1 && *value == '-'))
		return false;
	if (field->action == FIELD_DROP)
		return true;
	return !is_placeholder(value, len) && !is_hash(value, len);
}

static int put_hash(const struct plan *plan, const char *name, const char *value, size_t len,
		    struct bytes *out)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char digest[crypto_shorthash_BYTES];
	size_t start = out->len, name_len = strlen(name);
	uint64_t n = 0;

	_Static_assert(crypto_shorthash_KEYBYTES == KEY_BYTES, "the key is SipHash's");
	_Static_assert(crypto_shorthash_BYTES == 8, "64 bits");
	/* The name first, with its NUL: equal values of two fields differ. */
	if (bytes_add(out, name, name_len + 1) || bytes_add(out, value, len))
		return -1;
	for (size_t i = 0; i < name_len; i++)
		out->data[start + i] = (char)tolower((unsigned char)out->data[start + i]);
	crypto_shorthash(digest, (const unsigned char *)out->data + start, out->len - start,
			 plan->key);
	out->len = start;
	for (size_t i = 0; i < sizeof(digest); i++)
		n = n << 8 | digest[i];
	if (bytes_reserve(out, start + name_len + HASH_CHARS + 3))
		return -1;
	out->data[out->len++] = '[';
	for (size_t i = 0; i < name_len; i++) {
		unsigned char c = (unsigned char)name[i];
		out->data[out->len++] = (char)(isalnum(c) && c < 128 ? toupper(c) : '_');
	}
	out->data[out->len++] = ':';
	for (int shift = 59; shift >= 0; shift -= 5)
		out->data[out->len++] = alphabet[n >> shift & 31];
	out->data[out->len++] = alphabet[n << 1 & 31];
	out->data[out->len++] = ']';
	return 0;
}

int field_put(const struct plan *plan, const struct field_rule *field, const char *value,
	      size_t len, const char *empty, struct bytes *out)
{
	if (!field_changes(field, value, len))
		return bytes_add(out, value, len);
	if (field->action == FIELD_HASH)
		return put_hash(plan, field->name, value, len, out);
	return bytes_adds(out, field->action == FIELD_DROP ? (empty ? empty : "") : "[REDACTED]");
}
