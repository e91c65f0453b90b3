/*
 * unit - what every unit test includes first: cmocka and what it asks for.
 */
#ifndef TAMIS_TEST_UNIT_H
#define TAMIS_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
