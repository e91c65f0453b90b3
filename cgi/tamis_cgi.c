/*
 * tamis_cgi - tamis.cgi: one request and no more.
 *
 * Started anew for each event, so its start is what it costs: it is linked statically where
 * that can be done (a dynamic linker with six libraries takes longer than the answer), and
 * knows neither FastCGI nor threads. A request that is being answered is answered: who waits
 * for a body stops waiting at SIGTERM, by which servers end a CGI whose client has gone.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "arguments.h"
#include "core.h"
#include "log.h"
#include "once.h"

static void on_stop(int signal)
{
	(void)signal; /* its coming ends a blocking call */
}

int main(int argc, char **argv)
{
	const struct sigaction stop = {.sa_handler = on_stop};
	struct config *config = NULL;
	struct reason why = {""};
	enum status st;

	log_open(STDERR_FILENO, "tamis.cgi", LOG_NOTICE);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	core_forbid();
	st = arguments_load(&config, argc, argv, &why);
	if (st == ST_OK && !getenv("REQUEST_METHOD"))
		st = reason_set(&why, ST_USAGE,
				"not started by a web server as CGI; see tamis.fcgi(8)");
	if (st == ST_OK)
		st = once_answer(config, &why);
	if (st != ST_OK)
		log_error("%s", *why.text ? why.text : status_text(st));
	config_free(config);
	return status_exit(st);
}
