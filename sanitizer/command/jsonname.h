/*
 * jsonname - a member's name as it stands in JSON, held against one as people write it.
 */
#ifndef SANITIZE_JSONNAME_H
#define SANITIZE_JSONNAME_H

#include <stdbool.h>
#include <stddef.h>

/* name: between its quotes, with escapes; without regard to the case of ASCII letters. */
bool json_name_is(const char *name, size_t len, const char *plain, size_t plain_len);

#endif
