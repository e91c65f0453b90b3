/*
 * tally - see tally.h.
 */
#include "tally.h"

#include <inttypes.h>

void tally_add(struct tally *sum, const struct tally *part)
{
	for (int i = 0; i < SAN_CLASSES; i++)
		sum->classes[i] += part->classes[i];
	sum->fields += part->fields;
	sum->dropped += part->dropped;
	sum->withheld += part->withheld;
	sum->broken += part->broken;
}

uint64_t tally_total(const struct tally *tally)
{
	uint64_t total = tally->fields + tally->withheld;

	for (int i = 0; i < SAN_CLASSES; i++)
		total += tally->classes[i];
	return total;
}

void tally_print(FILE *out, const struct tally *tally)
{
	const char *comma = "";

	for (int i = 0; i < SAN_CLASSES; i++) {
		if (!tally->classes[i])
			continue;
		fprintf(out, "%s%s %" PRIu64, comma, san_class_name(i), tally->classes[i]);
		comma = ", ";
	}
	if (tally->fields)
		fprintf(out, "%sfields %" PRIu64, comma, tally->fields);
	if (tally->dropped)
		fprintf(out, "%s%" PRIu64 " records dropped", comma, tally->dropped);
	if (tally->withheld)
		fprintf(out, "%s%" PRIu64 " records withheld", comma, tally->withheld);
}
