/*
 * domain - the cells of a metric: public, closed, numbered from 0.
 *
 * Joint: every combination of the dimensions' values. Split: each value of each dimension,
 * one dimension after the other. No dimensions: one cell.
 */
#ifndef TAMIS_PRIVACY_DOMAIN_H
#define TAMIS_PRIVACY_DOMAIN_H

#include "buf.h"
#include "registry.h"

/* Is it asked dimension by dimension? Only with krr. */
bool domain_is_split(const struct measure *measure);
size_t domain_cells(const struct measure *measure);
/* The joint cell of one value a dimension; values[i] indexes dimensions.items[i].values. */
size_t domain_index(const struct measure *measure, const size_t *values);
/* Where a dimension's values begin in a split domain. */
size_t domain_offset(const struct measure *measure, size_t dimension);

/*
 * What the store keeps of it, for readers of a later version: a line of the dimensions'
 * names ("state|method", or "split|state|method"), then a line a cell ("CA|fax", or "0|CA"
 * with the dimension's number).
 */
void domain_text(const struct measure *measure, struct buf *out);

#endif
