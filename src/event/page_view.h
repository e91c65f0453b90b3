/*
 * page_view - a page that an application served, as the event that a tracker had sent of it.
 */
#ifndef TAMIS_EVENT_PAGE_VIEW_H
#define TAMIS_EVENT_PAGE_VIEW_H

#include <stdbool.h>

#include "arena.h"

struct event;

/* What the server knows of the request; borrowed, raw bytes, NULL where unknown. */
struct page_view {
	const char *host;  /* as the client named it, perhaps with a port */
	const char *path;  /* decoded, without query */
	const char *query; /* NULL: none may get into URLs, nor that of the referrer */
	const char *referrer;
};

/* Give an event that has no fields yet those of the view, unchecked. False: over the arena's cap.
 */
bool page_view_fill(struct event *event, struct arena *arena, const struct page_view *view);

#endif
