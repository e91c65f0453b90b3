/*
 * import_line - the time in brackets is the anchor: what stands before it varies between
 * formats, what stands behind it is alike.
 */
#include "import_line.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TIME_BYTES 26 /* dd/Mon/yyyy:hh:mm:ss +hhmm */
#define TOKENS_MAX 8

static bool read_number(const char *text, size_t digits, int *out)
{
	*out = 0;
	for (size_t i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		*out = *out * 10 + (text[i] - '0');
	}
	return true;
}

static int month_of(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (memcmp(names + 3 * i, name, 3) == 0)
			return i + 1;
	return 0;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year; /* years begin in March: leap days come last */
	int64_t m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* text: TIME_BYTES bytes at least. */
static bool read_time(const char *text, int64_t *out)
{
	int day, year, hour, minute, second, zone_hour, zone_minute;
	int month = month_of(text + 3);
	int zone;

	if (text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' ||
	    text[17] != ':' || text[20] != ' ' || (text[21] != '+' && text[21] != '-'))
		return false;
	if (!read_number(text, 2, &day) || !read_number(text + 7, 4, &year) ||
	    !read_number(text + 12, 2, &hour) || !read_number(text + 15, 2, &minute) ||
	    !read_number(text + 18, 2, &second) || !read_number(text + 22, 2, &zone_hour) ||
	    !read_number(text + 24, 2, &zone_minute))
		return false;
	if (!month || day < 1 || day > 31 || year < 1970 || year > 2199 || hour > 23 ||
	    minute > 59 || second > 60 || zone_hour > 14 || zone_minute > 59)
		return false;
	zone = (zone_hour * 60 + zone_minute) * 60;
	*out = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second -
	       (text[21] == '-' ? -zone : zone);
	return true;
}

/* Cut the line at its first " [time] "; what is behind, NULL without one. */
static char *cut_at_time(char *line, char *end, int64_t *time_s)
{
	for (char *p = line; (p = strstr(p, " [")) != NULL; p++) {
		if (end - p < TIME_BYTES + 4 || p[2 + TIME_BYTES] != ']' ||
		    p[3 + TIME_BYTES] != ' ' || !read_time(p + 2, time_s))
			continue;
		*p = '\0';
		return p + TIME_BYTES + 4;
	}
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape at p (a backslash) into *c; how many bytes it takes. */
static size_t unescape(const char *p, char *c)
{
	static const char from[] = "\"\\nrtbv", to[] = "\"\\\n\r\t\b\v";
	const char *found = p[1] ? strchr(from, p[1]) : NULL;
	int high = p[1] == 'x' ? hex_digit(p[2]) : -1;
	int low = high >= 0 ? hex_digit(p[3]) : -1;

	*c = '\\';
	if (low >= 0 && high + low > 0) {
		*c = (char)(high << 4 | low);
		return 4;
	}
	if (!found)
		return 1;
	*c = to[found - from];
	return 2;
}

/*
 * The field in quotes at *at, unescaped in place; *at is behind it and one space. A bare
 * quote in the middle (some servers do not escape) ends nothing. NULL: no such field.
 */
static char *take_quoted(char **at)
{
	char *start = *at + 1, *in = start, *out = start;

	if (**at != '"')
		return NULL;
	while (*in && !(*in == '"' && (in[1] == ' ' || !in[1]))) {
		char c = *in;

		in += c == '\\' ? unescape(in, &c) : 1;
		*out++ = c;
	}
	if (*in != '"')
		return NULL;
	*out = '\0';
	*at = in[1] ? in + 2 : in + 1;
	return start;
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/*
 * "address ident user" or "vhost address ident user"; a user's name may have spaces, so
 * with four tokens and more the addresses decide.
 */
static bool read_front(struct import_line *out, char *front)
{
	char *tokens[TOKENS_MAX];
	size_t n = 0;
	char *rest, *colon;

	for (char *t = strtok_r(front, " ", &rest); t && n < TOKENS_MAX;
	     t = strtok_r(NULL, " ", &rest))
		tokens[n++] = t;
	if (n < 3)
		return false;
	out->address = tokens[0];
	if (n == 3 || is_address(tokens[0]) || !is_address(tokens[1]))
		return true;
	out->address = tokens[1];
	out->host = tokens[0];
	colon = strrchr(tokens[0], ':');
	if (colon && colon[1] && !colon[1 + strspn(colon + 1, "0123456789")])
		*colon = '\0';
	return true;
}

/* Path and query of a request's target. */
static char *strip_origin(char *target)
{
	char *rest = strncasecmp(target, "http://", 7) == 0    ? target + 7
		     : strncasecmp(target, "https://", 8) == 0 ? target + 8
							       : NULL;

	if (!rest)
		return target;
	rest += strcspn(rest, "/?#");
	if (*rest == '/')
		return rest;
	*--rest = '/'; /* over a byte of the host: "http://h?q" asks for "/?q" */
	return rest;
}

static void read_request(struct import_line *out, char *request)
{
	size_t method = strspn(request, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	char *target = request + method + 1;
	char *version;

	out->method = "";
	out->url = "";
	if (method == 0 || request[method] != ' ' || !*target)
		return;
	request[method] = '\0';
	version = strrchr(target, ' ');
	if (version && strncmp(version + 1, "HTTP/", 5) == 0)
		*version = '\0';
	out->method = request;
	out->url = strip_origin(target);
}

static const char *unless_dash(const char *text)
{
	return *text && strcmp(text, "-") != 0 ? text : NULL;
}

/* "status bytes", then the quoted two where they are. */
static bool read_back(struct import_line *out, char *at)
{
	char *referrer, *agent;

	if (!read_number(at, 3, &out->status) || at[3] != ' ')
		return false;
	at += 4;
	at += *at == '-' ? 1 : strspn(at, "0123456789");
	if (at[-1] == ' ' || (*at && *at != ' '))
		return false;
	at += *at == ' ';
	referrer = take_quoted(&at);
	agent = referrer ? take_quoted(&at) : NULL;
	if (!agent)
		return true;
	out->referrer = unless_dash(referrer);
	out->agent = unless_dash(agent);
	out->combined = true;
	return true;
}

bool import_line_parse(struct import_line *out, char *line, size_t len)
{
	char *at, *request;

	memset(out, 0, sizeof(*out));
	if (strlen(line) != len)
		return false;
	if (len && line[len - 1] == '\r')
		line[--len] = '\0';
	at = cut_at_time(line, line + len, &out->time_s);
	request = at ? take_quoted(&at) : NULL;
	if (!request || !read_front(out, line) || !read_back(out, at))
		return false;
	read_request(out, request);
	return true;
}
