/*
 * fuzz_answer - any bytes as an upstream's answer: invalid, or an outcome for each event.
 */
#include <string.h>

#include "batch.h"
#include "fuzz.h"

#define EVENTS 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int codes[] = {200, 400, 500};
	struct outcome outcomes[EVENTS];
	char *answer = malloc(size ? size : 1); /* exactly as long, so that ASan sees overruns */

	MUST(answer);
	if (size)
		memcpy(answer, data, size);
	for (size_t n = 1; n <= EVENTS; n++) {
		bool good = batch_outcomes(outcomes, n, answer, size) == ST_OK;

		for (size_t i = 0; good && i < n; i++)
			MUST(outcomes[i].code == 200 ||
			     (outcomes[i].code >= 400 && outcomes[i].code <= 599));
	}
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		bool good = batch_outcome(outcomes, codes[i], answer, size) == ST_OK;

		MUST(outcomes[0].code == codes[i]);
		MUST(!outcomes[0].bot || (good && codes[i] == 200));
	}
	free(answer);
	return 0;
}
