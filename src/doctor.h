/*
 * doctor - looks at everything that tamis needs, and says what is wrong and how to mend it.
 *
 * Changes nothing; asks the upstream one question that stores nothing. A check is a row of
 * doctor.def and a function in one of the doctor_*.c files.
 */
#ifndef TAMIS_DOCTOR_H
#define TAMIS_DOCTOR_H

#include "config.h"
#include "counters.h"
#include "overview.h"
#include "probe.h"
#include "status.h"

enum diagnosis { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL, VERDICT_SKIP };

/* mend: a command to copy, or a sentence; "" where nothing is to be done. */
struct finding {
	const char *name;
	enum diagnosis verdict;
	char text[512];
	char mend[512];
};

/* What the checks look at. */
struct patient {
	const struct config *config;	 /* NULL: it is broken */
	const struct reason *broken;	 /* why */
	const char *config_path;	 /* NULL: there is no file */
	const struct reason *blind;	 /* why the state cannot be looked at, or NULL */
	const struct counters *counters; /* NULL where there is no state yet */
	const struct overview *overview; /* the same */
	const struct probe *probe;	 /* NULL: nothing is to be forwarded */
	enum status probed;		 /* what probe_upstream() returned, and why */
	const struct reason *silence;
};

typedef void check_fn(struct finding *finding, const struct patient *patient);

#define CHECK(name, function) check_fn function;
#include "doctor.def"
#undef CHECK

/* Set the finding; text and mend in printf's manner by two calls. */
void finding_say(struct finding *finding, enum diagnosis verdict, const char *format, ...)
    PRINTF_LIKE(3, 4);
void finding_mend(struct finding *finding, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
