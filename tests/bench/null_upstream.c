/*
 * null_upstream - takes every batch and keeps nothing: what is left of a forwarder's
 * time when its upstream costs nothing.
 *
 *   null_upstream PORT     on 127.0.0.1, until it is killed
 *
 * One thread, epoll. It understands just what libcurl sends (Content-Length), counts
 * the events by their "payload" members and answers as Umami does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX ((size_t)16 << 20)
#define EVENTS_AT_ONCE 64

struct connection {
	int fd;
	size_t len;
	size_t need; /* bytes of the whole request, 0: head not read yet */
	char data[REQUEST_MAX + 1];
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 128))
		fail("null_upstream: listen");
	return fd;
}

static size_t count_events(const char *body, size_t len)
{
	static const char mark[] = "\"payload\":{";
	const char *end = body + len;
	size_t n = 0;

	while ((body = memmem(body, (size_t)(end - body), mark, sizeof(mark) - 1))) {
		body += sizeof(mark) - 1;
		n++;
	}
	return n;
}

static void answer(struct connection *c, const char *body, size_t len)
{
	char text[256], head[128];
	int n = snprintf(text, sizeof(text), "{\"cache\":\"null\"}");
	int m;

	if (*body == '[') {
		size_t events = count_events(body, len);

		n = snprintf(text, sizeof(text),
			     "{\"size\":%zu,\"processed\":%zu,\"errors\":0,\"details\":[],"
			     "\"cache\":\"null\"}",
			     events, events);
	}
	m = snprintf(head, sizeof(head),
		     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		     "Content-Length: %d\r\n\r\n",
		     n);
	memmove(text + m, text, (size_t)n);
	memcpy(text, head, (size_t)m);
	if (write(c->fd, text, (size_t)(m + n)) != m + n)
		fail("null_upstream: write");
}

static void read_head(struct connection *c)
{
	const char *end = memmem(c->data, c->len, "\r\n\r\n", 4);
	const char *length;

	if (!end)
		return;
	length = strcasestr(c->data, "\r\nContent-Length:");
	if (!length || length > end)
		fail("null_upstream: no Content-Length");
	c->need = (size_t)(end + 4 - c->data) + strtoul(length + 17, NULL, 10);
	if (c->need > REQUEST_MAX)
		fail("null_upstream: request too long");
}

/* 0 when the peer is gone. */
static int serve(struct connection *c)
{
	ssize_t got = read(c->fd, c->data + c->len, REQUEST_MAX - c->len);

	if (got <= 0)
		return got < 0 && (errno == EINTR || errno == EAGAIN);
	c->len += (size_t)got;
	c->data[c->len] = '\0';
	if (!c->need)
		read_head(c);
	if (c->need && c->len >= c->need) {
		const char *body = (const char *)memmem(c->data, c->len, "\r\n\r\n", 4) + 4;

		answer(c, body, c->need - (size_t)(body - c->data));
		c->len = 0;
		c->need = 0;
	}
	return 1;
}

static void take(int epoll, int listener)
{
	int fd = accept(listener, NULL, NULL), one = 1;
	struct connection *c = fd < 0 ? NULL : calloc(1, sizeof(*c));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

	if (!c)
		fail("null_upstream: accept");
	c->fd = fd;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		fail("null_upstream: epoll_ctl");
}

int main(int argc, char **argv)
{
	int listener = listen_on((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
	int epoll = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	struct epoll_event ready[EVENTS_AT_ONCE];

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event))
		fail("null_upstream: epoll");
	for (;;) {
		int n = epoll_wait(epoll, ready, EVENTS_AT_ONCE, -1);

		for (int i = 0; i < n; i++) {
			struct connection *c = ready[i].data.ptr;

			if (!c) {
				take(epoll, listener);
			} else if (!serve(c)) {
				(void)close(c->fd);
				free(c);
			}
		}
	}
}
