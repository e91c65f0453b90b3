/*
 * reply - see reply.h.
 */
#include "reply.h"

#include <string.h>

#include "domain.h"
#include "krr.h"

/* The value of "name=" among the pairs. */
static const char *pair_value(const char *const *pairs, const char *name)
{
	size_t len = strlen(name);

	for (; pairs && *pairs; pairs++)
		if (strncmp(*pairs, name, len) == 0 && (*pairs)[len] == '=')
			return *pairs + len + 1;
	return NULL;
}

/* The joint answer, or one for each dimension, as values again. */
static enum status answer(struct entropy **entropy, const struct measure *m, size_t *values)
{
	enum status status = *entropy ? ST_OK : entropy_open(entropy);

	if (status != ST_OK)
		return status;
	if (domain_is_split(m)) {
		for (size_t i = 0; i < m->dimensions.n; i++)
			values[i] = krr_draw(*entropy, (uint32_t)values[i],
					     (uint32_t)m->dimensions.items[i].values.n,
					     m->client_epsilon / m->dimensions.n);
	} else {
		size_t cell = krr_draw(*entropy, (uint32_t)domain_index(m, values),
				       (uint32_t)domain_cells(m), m->client_epsilon);
		for (size_t i = m->dimensions.n; i > 0; i--) {
			values[i - 1] = cell % m->dimensions.items[i - 1].values.n;
			cell /= m->dimensions.items[i - 1].values.n;
		}
	}
	return entropy_ok(*entropy) ? ST_OK : ST_IO;
}

/* Each dimension once, and none that there is not. */
static enum status read_pairs(size_t *values, const struct measure *m, const char *const *pairs,
			      struct reason *why)
{
	size_t given = 0;

	while (pairs && pairs[given])
		given++;
	if (m->dimensions.n > REPLY_DIMENSIONS_MAX || given != m->dimensions.n)
		return reason_set(why, ST_INVALID, "dimensions are not those of the metric");
	for (size_t i = 0; i < m->dimensions.n; i++) {
		const char *text = pair_value(pairs, m->dimensions.items[i].name);
		if (!text)
			return reason_set(why, ST_INVALID,
					  "dimensions are not those of the metric");
		values[i] = dimension_index(&m->dimensions.items[i], text, strlen(text));
	}
	return ST_OK;
}

enum status reply_make(struct reply *out, const struct registry *registry, struct entropy **entropy,
		       const char *metric, const char *const *pairs, struct reason *why)
{
	size_t values[REPLY_DIMENSIONS_MAX];
	const char *step;
	const struct measure *m = registry_find(registry, metric, &step);

	if (!m || m->mechanism == MECHANISM_NONE)
		return reason_set(why, ST_NOT_FOUND,
				  "metric is not in the registry of what is released");
	enum status status = read_pairs(values, m, pairs, why);
	if (status != ST_OK)
		return status;
	if (m->mechanism == MECHANISM_KRR && answer(entropy, m, values) != ST_OK)
		return reason_set(why, ST_IO, "no randomness: nothing is counted");
	out->measure = m;
	for (size_t i = 0; i < m->dimensions.n; i++)
		out->values[i] = m->dimensions.items[i].values.items[values[i]];
	return ST_OK;
}
