/*
 * guess - what --format=auto comes to for one input.
 *
 * Lines are read for what they are, but two things cannot be told from a line: that the
 * first one names columns, which the file's name says, and that a JSON document goes over
 * many lines, which pretty printers show by a first line that holds a bracket alone.
 */
#ifndef SANITIZE_GUESS_H
#define SANITIZE_GUESS_H

#include "settings.h"

/* By the name alone: ends in .csv or .tsv, or that with .gz or .zst behind. */
bool guess_by_name(const char *name);
/*
 * The format of an input that begins with data: CSV, JSON or still AUTO.
 * data must hold the first line, or all that there is.
 */
enum format guess_format(const char *name, const char *data, size_t len);

#endif
