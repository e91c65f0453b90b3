/*
 * field - what stands for a field's value under a --field rule.
 */
#ifndef SANITIZE_FIELD_H
#define SANITIZE_FIELD_H

#include "bytes.h"
#include "plan.h"

/* Is there anything to take away? Empty values, "-" and our own marks stay. */
bool field_changes(const struct field_rule *field, const char *value, size_t len);
/*
 * Append what stands for the value: itself, "[REDACTED]", "[NAME:…]" with 13
 * base32 characters of the keyed SipHash of name and value, or `empty` for a drop.
 * -1: memory failed.
 */
MUST_CHECK int field_put(const struct plan *plan, const struct field_rule *field, const char *value,
			 size_t len, const char *empty, struct bytes *out);

#endif
