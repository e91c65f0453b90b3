/*
 * agent - a user agent cut to browser, system and their major versions.
 *
 * What comes out is made of constants and numbers below 1000, so nothing else that an
 * agent may hold gets through: device models, build numbers, languages, languages of
 * apps, or a text that somebody put there. Programs that know agents still see the
 * same browser, the same system, and desktop, telephone or tablet.
 */
#ifndef TAMIS_EVENT_AGENT_H
#define TAMIS_EVENT_AGENT_H

#include <stddef.h>

#include "text.h"

#define AGENT_TEXT_MAX 256

/* What stands for every visitor where agents are not told (identity.mode: none). */
#define AGENT_NEUTRAL "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

/*
 * The length of what is in out, without NUL. An agent that names no known browser becomes
 * the most usual one of its system; of a long one only the beginning is read.
 */
size_t agent_cut(char out[AGENT_TEXT_MAX], struct text agent);

#endif
