/*
 * fastcgi - a web server's connection, as a responder reads and answers it.
 *
 * One request after another: several at once on one connection are refused, as FastCGI allows;
 * one that the web server aborts ends with its connection. Every length is checked against what is
 * there; what does not hold ends the connection, never the process. A request takes one read and
 * its answer one write where they fit FASTCGI_BYTES. A read that a signal interrupts is the end of
 * a request under way.
 */
#ifndef TAMIS_CGI_FASTCGI_H
#define TAMIS_CGI_FASTCGI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "request.h"

#define FASTCGI_BYTES 8192u
#define FASTCGI_PARAMETERS_MAX ((size_t)256 << 10) /* all variables of a request together */
#define FASTCGI_VARIABLES_MAX 16384u

struct fastcgi {
	int fd;	      /* -1: no connection */
	bool keep;    /* the web server goes on with it after the answer */
	bool ended;   /* the body has come to its end */
	uint16_t id;  /* of the request under way */
	size_t content, padding; /* bytes of the record under way that are still to be read */
	size_t from, to; /* what was received and not yet read */
	size_t peak;	 /* up to here there may be bytes of the request */
	struct buf parameters;
	struct variable *variables;
	size_t n_variables, room;
	char in[FASTCGI_BYTES];
	char out[FASTCGI_BYTES];
};

void fastcgi_init(struct fastcgi *fastcgi);
/* Closes the connection, too. */
void fastcgi_free(struct fastcgi *fastcgi);
/* A new connection, which is closed by fastcgi_leave(); there is none now. */
void fastcgi_take(struct fastcgi *fastcgi, int fd);
void fastcgi_leave(struct fastcgi *fastcgi);

/* Bytes are here already that were received with the request before. */
bool fastcgi_is_ahead(const struct fastcgi *fastcgi);
/* Of the next request, that is: not of the record under way. */
bool fastcgi_is_asked(const struct fastcgi *fastcgi);
/* Nothing is left of the requests before: the connection is all there is to remember. */
bool fastcgi_is_clean(const struct fastcgi *fastcgi);
/* A whole request is here: nothing of it will have to be waited for. */
bool fastcgi_is_whole(const struct fastcgi *fastcgi);
/* Take what has come, without waiting. > 0: bytes came, 0: none, < 0: the connection is over. */
int fastcgi_look(struct fastcgi *fastcgi);
/*
 * Read up to a request's body. Its variables are here until fastcgi_forget(). false: the
 * connection is of no more use.
 */
bool fastcgi_begin(struct fastcgi *fastcgi);
/* Up to size bytes of the body, 0 at its end, < 0 where it broke off. */
long fastcgi_read(struct fastcgi *fastcgi, char *data, size_t size);
/* The whole answer. false: it could not be sent, the connection is of no more use. */
bool fastcgi_answer(struct fastcgi *fastcgi, const char *data, size_t len);
/* Overwrite what came with the request. */
void fastcgi_forget(struct fastcgi *fastcgi);

#endif
