/*
 * null_responder - what libfcgi itself costs: reads the body, answers 98 bytes of JSON.
 *
 * Eight threads, or as many as it is told, that call FCGX_Accept_r() as its manual shows: the
 * limit that tamis.fcgi is held against.
 */
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS 8

static void on_stop(int signal)
{
	(void)signal;
	_exit(0);
}

static void *serve(void *argument)
{
	static const char answer[] =
	    "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n"
	    "{\"cache\":\"none\",\"sessionId\":\"00000000-0000-5000-8000-000000000000\","
	    "\"visitId\":\"nobody, no visit\"}";
	FCGX_Request request;
	char body[4096];

	(void)argument;
	FCGX_InitRequest(&request, 0, 0);
	while (FCGX_Accept_r(&request) == 0) {
		while (FCGX_GetStr(body, sizeof body, request.in) > 0)
			;
		FCGX_PutStr(answer, sizeof answer - 1, request.out);
		FCGX_Finish_r(&request);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : THREADS;
	pthread_t thread;

	signal(SIGTERM, on_stop);
	FCGX_Init();
	for (int i = 1; i < threads; i++)
		if (pthread_create(&thread, NULL, serve, NULL) != 0)
			return 1;
	serve(NULL);
	return 0;
}
