/*
 * api_error - Umami's error objects: a tree of properties, messages at their places.
 */
#ifndef TAMIS_CGI_API_ERROR_H
#define TAMIS_CGI_API_ERROR_H

#include "buf.h"
#include "gateway.h"
#include "response.h"

/* {"error":{…}} for a verdict that is no success. Returns the HTTP code it says. */
int api_error_write(const struct verdict *verdict, struct buf *out);
/* The same as a whole answer, with Retry-After where trying again makes sense. */
void api_error_answer(const struct verdict *verdict, struct response *response);

#endif
