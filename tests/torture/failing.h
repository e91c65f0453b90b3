/*
 * failing - shared by the functions that fail.
 */
#ifndef TAMIS_TEST_FAILING_H
#define TAMIS_TEST_FAILING_H

/* Is this call of `name` one that shall fail? */
int fails(const char *name);

#endif
