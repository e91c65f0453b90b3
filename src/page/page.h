/*
 * page - documents for people: static HTML in one file, without scripts, fonts or addresses
 * of elsewhere.
 */
#ifndef TAMIS_PAGE_H
#define TAMIS_PAGE_H

#include "buf.h"
#include "registry.h"

/* Head and foot of every page; the title is text. */
void page_begin(struct buf *out, const char *title);
void page_end(struct buf *out);
/* Text with what HTML would obey escaped. */
void page_text(struct buf *out, const char *text);

/* All metrics of the registry: question, owner, what one increment is, until when. */
void page_registry(struct buf *out, const struct registry *registry);
/* The promise of each metric that is released with noise. */
void page_privacy(struct buf *out, const struct registry *registry);

#endif
