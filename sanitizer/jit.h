/*
 * jit - compiled patterns, in a process that may fork at any moment.
 *
 * PCRE2 keeps executable memory under one lock for the process, and a child that is forked while
 * another thread holds it waits for ever when it compiles. So a fork waits for that.
 */
#ifndef SANITIZER_JIT_H
#define SANITIZER_JIT_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Where there is no executable memory the interpreter gives the same matches. */
void jit_compile(pcre2_code *code);
/* NULL is fine. */
void jit_free(pcre2_code *code);

#endif
