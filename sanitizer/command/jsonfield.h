/*
 * jsonfield - rules for fields inside JSON documents.
 *
 * A rule "name" takes the member of that name at any depth, "user.name" the
 * member name of a member user. The document is cleaned as a whole first; since
 * cleaning keeps its shape, the n-th value of the output is the n-th of the input,
 * and there the rule is carried out. Where the two disagree the document is
 * withheld.
 */
#ifndef SANITIZE_JSONFIELD_H
#define SANITIZE_JSONFIELD_H

#include "engine.h"

MUST_CHECK int json_fields_clean(struct engine *engine, const struct piece *piece);
/* Put the fields into the findings from `first` on, in place of what is inside them. */
MUST_CHECK int json_fields_find(struct engine *engine, const struct piece *piece, size_t first);

#endif
