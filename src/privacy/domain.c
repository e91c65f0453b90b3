/*
 * domain - see domain.h.
 */
#include "domain.h"

bool domain_is_split(const struct measure *measure)
{
	return measure->mechanism == MECHANISM_KRR && measure->domain == DOMAIN_SPLIT;
}

size_t domain_offset(const struct measure *measure, size_t dimension)
{
	size_t offset = 0;

	for (size_t i = 0; i < dimension; i++)
		offset += measure->dimensions.items[i].values.n;
	return offset;
}

size_t domain_cells(const struct measure *measure)
{
	size_t cells = 1;

	if (domain_is_split(measure))
		return domain_offset(measure, measure->dimensions.n);
	for (size_t i = 0; i < measure->dimensions.n; i++)
		cells *= measure->dimensions.items[i].values.n;
	return cells;
}

size_t domain_index(const struct measure *measure, const size_t *values)
{
	size_t index = 0;

	for (size_t i = 0; i < measure->dimensions.n; i++)
		index = index * measure->dimensions.items[i].values.n + values[i];
	return index;
}

static void write_joint(const struct measure *measure, struct buf *out, size_t cell)
{
	size_t below = domain_cells(measure);

	for (size_t i = 0; i < measure->dimensions.n; i++) {
		const struct values *values = &measure->dimensions.items[i].values;
		below /= values->n;
		buf_addf(out, "%s%s", i ? "|" : "", values->items[cell / below]);
		cell %= below;
	}
	buf_addc(out, '\n');
}

static void write_split(const struct measure *measure, struct buf *out)
{
	for (size_t i = 0; i < measure->dimensions.n; i++) {
		const struct values *values = &measure->dimensions.items[i].values;
		for (size_t k = 0; k < values->n; k++)
			buf_addf(out, "%zu|%s\n", i, values->items[k]);
	}
}

void domain_text(const struct measure *measure, struct buf *out)
{
	size_t cells = domain_cells(measure);

	if (domain_is_split(measure))
		buf_adds(out, "split|");
	for (size_t i = 0; i < measure->dimensions.n; i++)
		buf_addf(out, "%s%s", i ? "|" : "", measure->dimensions.items[i].name);
	buf_addc(out, '\n');
	if (domain_is_split(measure)) {
		write_split(measure, out);
		return;
	}
	for (size_t cell = 0; cell < cells; cell++)
		write_joint(measure, out, cell);
}
