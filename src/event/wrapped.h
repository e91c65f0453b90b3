/*
 * wrapped - what base64 hides in a text: links and "state" parameters often carry an address so.
 */
#ifndef TAMIS_EVENT_WRAPPED_H
#define TAMIS_EVENT_WRAPPED_H

#include "strain.h"

/*
 * Each run of base64 (of either alphabet) that reads as text and from which straining would
 * take anything becomes "[REDACTED]" as a whole. *out is text itself where there is none.
 * Anything but ST_OK: there is no clean text.
 */
MUST_CHECK enum status wrapped_clean(struct strainer *strainer, struct arena *arena,
				     struct text text, struct text *out);

#endif
