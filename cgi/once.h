/*
 * once - one request by CGI, from the environment and standard input to standard output.
 */
#ifndef TAMIS_CGI_ONCE_H
#define TAMIS_CGI_ONCE_H

#include "config.h"

/* Waits for the body as long as one may take to come in; a caught signal ends the wait. */
MUST_CHECK enum status once_answer(const struct config *config, struct reason *why);

#endif
