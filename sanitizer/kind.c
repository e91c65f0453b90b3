/*
 * kind - names with brackets, new names, names of two words.
 */
#include "kind.h"

#include "chars.h"
#include "redact.h"
#include "ruleset.h"

/* What was accepted, or is a placeholder by now, is no part of a name. */
size_t name_start_bracketed(const struct record *r, size_t least, size_t end)
{
	size_t i = end;

	while (i > least && name_byte(r->s[i - 1]))
		i--;
	for (size_t at = i; at < end; at++)
		if (placeholder_at(r, at))
			i = at + placeholder_length(r->s + at, r->n - at);
	return i < end ? i : end;
}

static enum name_kind kind_of_name(const struct san_rules *rules, const unsigned char *s, size_t n)
{
	if (name_listed(rules->innocent, s, n))
		return NAME_PLAIN;
	if (name_listed(rules->secret, s, n))
		return NAME_SECRET;
	return name_kind(&rules->tails, s, n);
}

enum name_kind kind_anew(const struct san_rules *rules, struct name_seen *seen,
			 const unsigned char *s, size_t n)
{
	enum name_kind kind = kind_of_name(rules, s, n);

	if (!seen)
		return kind;
	seen->kind = (unsigned char)kind;
	seen->len = (unsigned char)n;
	eight_pack(seen->text, s, n);
	return kind;
}

enum name_kind kind_of_two(struct san_scanner *scanner, const struct record *r, enum name_kind kind,
			   size_t *start, size_t end)
{
	const unsigned char *s = r->s;

	size_t wider = name_start(r, *start - 1);
	if (wider == *start - 1 || /* the word before was accepted */
	    name_listed(scanner->rules->innocent, s + *start, end - *start))
		return kind;
	enum name_kind two = kind_recall(scanner, s + wider, end - wider);
	bool loose = kind == NAME_PLAIN || kind == NAME_KEY || kind == NAME_CODE;
	/* "max tokens": what two words make harmless. */
	if (!loose)
		return two == NAME_PLAIN ? two : kind;
	if (two != kind)
		*start = wider;
	return two;
}

enum name_kind kind_of(struct san_scanner *scanner, const struct record *r, size_t *start,
		       size_t end)
{
	return kind_at(scanner, r, start, end);
}
