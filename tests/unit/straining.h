/*
 * straining - what tests of whole events need: a strainer with keys of its own below
 * /dev/shm, and an event through the pipeline in one call.
 */
#ifndef TAMIS_TEST_STRAINING_H
#define TAMIS_TEST_STRAINING_H

#include <stdbool.h>

#include "clean.h"
#include "clock.h"
#include "config.h"
#include "event.h"
#include "strainer.h"

#define SITE "9b379b11-cd77-4afa-995e-06e009cab81c"
#define BROWSER                                                                                    \
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "                  \
	"Chrome/126.0.0.0 Safari/537.36"
#define NOW_S INT64_C(1795190400) /* 2026-11-20 16:00 UTC */

struct straining {
	char key_dir[64];
	struct config config; /* everything on */
	struct strainer_rules *rules;
	struct strainer *strainer;
	struct arena *arena;
	struct sender sender;
};

/* 0, or -1 and a message. change: alters the configuration first; NULL: nothing. */
int straining_open(struct straining *straining, void (*change)(struct config *config));
void straining_close(struct straining *straining);
/* The clean event, valid until the next call; NULL with a message where it is refused. */
struct clean *straining_run(struct straining *straining, const char *body, size_t len);

#endif
