/*
 * stop - see stop.h.
 */
#include "stop.h"

#include <stddef.h>

volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
	stop_signal = number;
}

void stop_install(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaction(numbers[i], &action, NULL);
	action.sa_handler = SIG_IGN;
	/* A write that fails is told of; one that kills leaves a temporary file. */
	sigaction(SIGPIPE, &action, NULL);
	sigaction(SIGXFSZ, &action, NULL);
}
