/*
 * null_responder - what libfcgi itself costs: reads the body, answers 98 bytes of JSON.
 *
 * Eight threads, or as many as it is told, that call FCGX_Accept_r() as its manual shows: the
 * limit that tamis.fcgi is held against. With a further argument they accept and close as
 * tamis.fcgi does, so that the rest is what an event costs, less what libfcgi costs here.
 */
#include <fcgiapp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS 8

static void on_stop(int signal)
{
	(void)signal;
	_exit(0);
}

static void answer(FCGX_Request *request)
{
	static const char text[] =
	    "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n"
	    "{\"cache\":\"none\",\"sessionId\":\"00000000-0000-5000-8000-000000000000\","
	    "\"visitId\":\"nobody, no visit\"}";
	char body[4096];

	while (FCGX_GetStr(body, sizeof body, request->in) > 0)
		;
	FCGX_PutStr(text, sizeof text - 1, request->out);
}

static void *serve(void *argument)
{
	FCGX_Request request;

	(void)argument;
	FCGX_InitRequest(&request, 0, 0);
	while (FCGX_Accept_r(&request) == 0) {
		answer(&request);
		FCGX_Finish_r(&request);
	}
	return NULL;
}

/* As cgi/respond.c does. */
static void *serve_direct(void *argument)
{
	FCGX_Request request;

	(void)argument;
	FCGX_InitRequest(&request, 0, FCGI_FAIL_ACCEPT_ON_INTR);
	request.ipcFd = -1;
	for (;;) {
		struct pollfd kept = {.fd = request.ipcFd, .events = POLLIN};
		int keep;

		if (request.ipcFd >= 0) {
			(void)poll(&kept, 1, -1);
		} else {
			(void)sched_yield();
			request.ipcFd = accept4(0, NULL, NULL, SOCK_CLOEXEC);
			request.keepConnection = 1;
		}
		if (request.ipcFd < 0 || FCGX_Accept_r(&request) != 0)
			continue;
		keep = request.keepConnection;
		answer(&request);
		request.keepConnection = 1;
		FCGX_Finish_r(&request);
		if (!keep && request.ipcFd >= 0)
			close(request.ipcFd);
		if (!keep)
			request.ipcFd = -1;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : THREADS;
	void *(*run)(void *) = argc > 2 ? serve_direct : serve;
	pthread_t thread;

	signal(SIGTERM, on_stop);
	FCGX_Init();
	for (int i = 1; i < threads; i++)
		if (pthread_create(&thread, NULL, run, NULL) != 0)
			return 1;
	run(NULL);
	return 0;
}
