/*
 * tell - what the command says about itself: help, version, classes, explanations.
 * Each returns the exit status.
 */
#ifndef SANITIZE_TELL_H
#define SANITIZE_TELL_H

#include "plan.h"

int tell_help(void);
int tell_version(void);
int tell_classes(const struct plan *plan);
int tell_why(const struct plan *plan, const char *text);

#endif
