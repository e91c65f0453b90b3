/*
 * null_cgi - what CGI itself costs: reads the body, answers 98 bytes of JSON, knows only libc.
 *
 * Linked dynamically, as programs are: the limit that tamis.cgi is held against.
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	static const char answer[] =
	    "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n"
	    "{\"cache\":\"none\",\"sessionId\":\"00000000-0000-5000-8000-000000000000\","
	    "\"visitId\":\"nobody, no visit\"}";
	char body[4096];

	while (read(STDIN_FILENO, body, sizeof body) > 0)
		;
	return fwrite(answer, 1, sizeof answer - 1, stdout) == sizeof answer - 1 ? 0 : 1;
}
