/*
 * bot - is a user agent one of a program rather than of a visitor?
 */
#ifndef TAMIS_EVENT_BOT_H
#define TAMIS_EVENT_BOT_H

#include <stdbool.h>

#include "text.h"

#define BOT_AGENT_MAX 1024 /* of a longer agent only the beginning is looked at */

/* An empty agent is none: Umami takes it. */
bool bot_is(struct text agent);

#endif
