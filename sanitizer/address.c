/*
 * address - IP addresses, by hand: they stand on nearly every line of a log.
 *
 * Four numbers with dots are also a version. What stands around decides: a word
 * like `version`, a product in front (`Chrome/120.0.0.0`), a file ending behind.
 */
#include "chars.h"
#include "detector.h"
#include "marks.h"
#include "redact.h"
#include "ruleset.h"
#include "try.h"
#include "validate.h"
#include "word.h"

#include <string.h>

static bool word_is_version(const unsigned char *s, size_t n)
{
	static const struct words words = {{[1] = "v ",
					    [2] = "fw ",
					    [3] = "fig oid rev sdk sec ver ",
					    [4] = "bios ",
					    [5] = "build table ",
					    [6] = "clause driver figure ",
					    [7] = "chapter kapitel release section upgrade ",
					    [8] = "appendix firmware ",
					    [9] = "abschnitt subclause ",
					    [12] = "versionadded ",
					    [14] = "versionchanged "}};
	static const struct words version = {{[7] = "version "}}; /* or appVersion */

	return is_word(&words, s, n) || (n >= 7 && is_word(&version, s + n - 7, 7));
}

/* `Chrome 120.0.0.0`: of browsers only the first number counts; `edge 192.0.2.1` is a machine. */
static bool is_browser(const unsigned char *word, size_t n, const unsigned char *s, size_t left)
{
	static const struct words browsers = {{[4] = "edge ",
					       [5] = "brave opera ",
					       [6] = "chrome mobile ",
					       [7] = "vivaldi webview ",
					       [8] = "chromium ",
					       [14] = "headlesschrome "}};
	size_t i = 0;

	if (!is_word(&browsers, word, n))
		return false;
	while (i < left && i < 3 && is_digit(s[i]))
		i++;
	return i >= 2 && left - i >= 6 && !memcmp(s + i, ".0.0.0", 6);
}

static bool word_before_is_version(const struct record *r, size_t at)
{
	const unsigned char *s = r->s;
	size_t to = at, from;

	while (to > r->cursor && at - to < 5 &&
	       (is_blank(s[to - 1]) || is_one_of(s[to - 1], ":=\"'>(.")))
		to--;
	if (to > r->cursor + 1 && s[to - 2] == 0xc2 && s[to - 1] == 0xa7) /* paragraph */
		return true;
	for (from = to; from > r->cursor && to - from < 24 && is_alpha(s[from - 1]); from--)
		;
	return from < to && to - from < 24 &&
	       (word_is_version(s + from, to - from) ||
		is_browser(s + from, to - from, s + at, r->n - at));
}

static bool private_range(const unsigned char *s, size_t n)
{
	return (n > 8 && !memcmp(s, "192.168.", 8)) || (n > 4 && !memcmp(s, "127.", 4)) ||
	       (n > 7 && !memcmp(s, "172.", 4) && s[6] == '.' && s[4] >= '1' && s[4] <= '3');
}

/* No version has a port, nor is it private. */
static bool tells_itself(const struct record *r, size_t at, size_t end)
{
	return (end + 1 < r->n && r->s[end] == ':' && is_digit(r->s[end + 1])) ||
	       private_range(r->s + at, end - at);
}

static bool path_byte(unsigned char c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* Behind `word/`: an address has a port, is private, or is a segment of a path. */
static bool after_slash(const struct record *r, size_t at, size_t end)
{
	size_t i = at - 1, word;

	if (i == 0 || i == r->cursor || !is_alnum(r->s[i - 1]))
		return true;
	if (tells_itself(r, at, end))
		return true;
	for (word = i; word > 0 && path_byte(r->s[word - 1]); word--)
		;
	if (word == 0 || r->s[word - 1] != '/')
		return false;
	/* a path: versions have small numbers */
	for (unsigned value = 0; at < end; at++) {
		value = is_digit(r->s[at]) ? value * 10 + (r->s[at] - '0') : 0;
		if (value >= 100)
			return true;
	}
	return false;
}

/* `tcp4  0  0  192.0.2.4.443  192.0.2.5.55123  ESTABLISHED`: a line of BSD's netstat. */
static bool socket_line(const struct record *r, size_t at)
{
	size_t least = at > 120 ? at - 120 : 0, i = at;

	while (i > least && r->s[i - 1] != '\n')
		i--;
	if ((i > 0 && r->s[i - 1] != '\n') || r->n - i < 5)
		return false;
	return (!memcmp(r->s + i, "tcp", 3) || !memcmp(r->s + i, "udp", 3)) &&
	       (r->s[i + 3] == '4' || r->s[i + 3] == '6');
}

/* tcpdump writes the port behind a dot: `IP 192.0.2.4.443 > 192.0.2.5.55123: Flags` */
static bool dotted_port(const struct record *r, size_t at, size_t end)
{
	const unsigned char *s = r->s;
	size_t i = end + 1;

	while (i < r->n && is_digit(s[i]))
		i++;
	if (i > end + 1 && i - end < 7 && (i == r->n || is_space(s[i])) && socket_line(r, at))
		return true;
	i = end + 1;
	if (!(at > 1 && !memcmp(s + at - 2, "> ", 2)) &&
	    !(at > 2 && !memcmp(s + at - 3, "IP ", 3)) &&
	    !(at > 3 && !memcmp(s + at - 4, "IP6 ", 4)))
		return false;
	while (i < r->n && i - end < 20 && (is_alnum(s[i]) || s[i] == '-'))
		i++;
	return i > end + 1 && i + 1 < r->n &&
	       (!memcmp(s + i, " >", 2) || (s[i] == ':' && is_blank(s[i + 1])));
}

static bool ip4_edges(const struct record *r, size_t at, size_t end)
{
	const unsigned char *s = r->s;

	if (at > r->cursor) {
		unsigned char c = s[at - 1];
		if ((c == '_' || (c == '-' && at > r->cursor + 1 &&
				  (is_alpha(s[at - 2]) || s[at - 2] == '_'))) &&
		    !tells_itself(r, at, end))
			return false;
		if (c == '/' && !after_slash(r, at, end))
			return false;
	}
	if (end < r->n) {
		unsigned char c = s[end], next = end + 1 < r->n ? s[end + 1] : 0;
		if (is_alnum(c) || c == '_' || placeholder_at(r, end) ||
		    ((c == '.' || c == '-') && placeholder_at(r, end + 1)))
			return false;
		if (c == '.' && is_alnum(next) && dotted_port(r, at, end))
			return true;
		if (c == '.' && is_alnum(next))
			return r->n - end > 8 && !memcmp(s + end, ".in-addr", 8);
		if (c == '-' && is_alnum(next))
			return ip4_length_at(s, end + 1, r->n) > 0;
	}
	return at == 0 || !word_before_is_version(r, at);
}

#define IP6_MAX 45

/* `x_2001:db8::1`: three of them, where a program's `x_2::f` has two. */
static bool many_colons(const struct record *r, size_t i)
{
	unsigned colons = 0;

	for (size_t end = i + IP6_MAX; i < r->n && i < end && (is_hex(r->s[i]) || r->s[i] == ':');
	     i++)
		colons += r->s[i] == ':';
	return colons >= 3;
}

/*
 * The run of hex digits and colons around `at` begins here; behind a word's label
 * ("peer:2001:db8::1") or a lone colon it begins one later. r->n: it cannot be one.
 */
size_t ip6_start(const struct record *r, size_t at)
{
	const unsigned char *s = r->s;
	size_t i = at;

	while (i > r->cursor && at - i <= IP6_MAX && (is_hex(s[i - 1]) || s[i - 1] == ':'))
		i--;
	if (at - i > IP6_MAX || (i > r->cursor && s[i - 1] == '.'))
		return r->n;
	if (i > r->cursor && (is_alnum(s[i - 1]) || (s[i - 1] == '_' && !many_colons(r, i)))) {
		while (i < r->n && is_hex(s[i]))
			i++;
		if (i + 1 >= r->n || s[i] != ':' || s[i + 1] == ':')
			return r->n;
		return i + 1;
	}
	return i + 1 < r->n && s[i] == ':' && s[i + 1] != ':' ? i + 1 : i;
}

/* `rows[1::3]`, `toks[::2]`, `10::`: numbers of a slice; `localhost[::1]` is an address. */
static bool is_slice(const struct record *r, size_t at, size_t end)
{
	const unsigned char *s = r->s;
	size_t front = at, back;

	while (front < end && is_digit(s[front]))
		front++;
	if (front - at > 3 || front + 2 > end || s[front] != ':' || s[front + 1] != ':')
		return false;
	for (back = front + 2; back < end && is_digit(s[back]); back++)
		;
	if (back < end || back - front > 5)
		return false;
	if (front > at)
		return back == front + 2 || (front - at == 1 && back - front == 3) ||
		       s[at - (at > 0)] == '[';
	return at > 1 && s[at - 1] == '[' && s[back - 1] != '1' &&
	       (is_alnum(s[at - 2]) || s[at - 2] == ']' || s[at - 2] == ')' || s[at - 2] == '_');
}

/* `00:1b:44:11:3a:b7:ff:ee`: a device's name of eight bytes, where an address has no such zeros. */
static bool is_eui64(const unsigned char *s, size_t len)
{
	bool zero = false;

	for (size_t i = 0; i < len; i += 3) {
		if (!is_hex(s[i + 1]) || (i + 2 < len && s[i + 2] != ':'))
			return false;
		zero |= s[i] == '0';
	}
	return zero;
}

static size_t ip6_end(const struct record *r, size_t at)
{
	const unsigned char *s = r->s;
	size_t len = ip6_length(s + at, r->n - at), end = at + len;
	bool digit = false;
	unsigned colons = 0;

	if (len < 3)
		return 0;
	for (size_t i = at; i < end; i++) {
		digit |= is_digit(s[i]);
		colons += s[i] == ':';
	}
	if ((!digit && colons < 4) || is_slice(r, at, end) ||
	    (len == 23 && colons == 7 && is_eui64(s + at, len)))
		return 0;
	if (end < r->n && (is_alnum(s[end]) || s[end] == '_' || placeholder_at(r, end)))
		return 0;
	if (end + 1 < r->n && (s[end] == ':' || s[end] == '.') && placeholder_at(r, end + 1))
		return 0;
	if (end + 1 < r->n && (s[end] == ':' || s[end] == '.') && is_alnum(s[end + 1]))
		return s[end] == '.' && dotted_port(r, at, end) ? end : 0;
	if (end + 1 < r->n && s[end] == ':' && s[end + 1] == ':')
		return 0;
	if (end + 1 < r->n && s[end] == '%' && is_alnum(s[end + 1])) {
		size_t zone = end + 1;
		while (zone < r->n && (is_alnum(s[zone]) ||
				       (zone - end < 17 && s[zone] && strchr("_.%-", s[zone]))))
			zone++;
		end = zone;
	}
	return end;
}

size_t ip4_end(const struct record *r, size_t at)
{
	/* Most that is none, in a long row of numbers, is told by what stands before it. */
	if (at > r->cursor && (r->s[at - 1] == '.' || is_alnum(r->s[at - 1])))
		return 0;
	size_t len = ip4_length_at(r->s, at, r->n);

	return len && ip4_edges(r, at, at + len) ? at + len : 0;
}

bool ip4_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t end = scanner->rules->options.action[SAN_IP] == SAN_KEEP ? 0 : ip4_end(r, at);

	if (!end)
		return false;
	piece_add(scanner, r, at, end, SAN_IP, "ip4");
	return true;
}

bool ip6_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t end;

	if (at >= r->n || scanner->rules->options.action[SAN_IP] == SAN_KEEP ||
	    ip6_start(r, at) != at)
		return false;
	end = ip6_end(r, at);
	if (!end)
		return false;
	piece_add(scanner, r, at, end, SAN_IP, "ip6");
	return true;
}

/* Where the run of hex digits around `at` begins, "0x" included; r->n: not at an edge. */
size_t hex_start(const struct record *r, size_t at)
{
	const unsigned char *s = r->s;
	size_t i = at;

	while (i > r->cursor && is_hex(s[i - 1]))
		i--;
	if (word_begins(r, i))
		return i;
	if (i >= 2 && (s[i - 1] | 32) == 'x' && s[i - 2] == '0' && (i == 2 || !is_alnum(s[i - 3])))
		return i - 2;
	return r->n;
}

bool hex_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t i = at, from = at;
	bool digit = false, letter = false;

	if (at >= r->n || scanner->rules->options.action[SAN_HEX] == SAN_KEEP ||
	    !word_begins(r, at))
		return false;
	if (r->s[at] == '0' && at + 1 < r->n && (r->s[at + 1] | 32) == 'x')
		i = from = at + 2;
	for (; i < r->n && is_hex(r->s[i]); i++) {
		digit |= is_digit(r->s[i]);
		letter |= is_alpha(r->s[i]);
	}
	if (i - from < scanner->rules->options.hex_min || !digit || !letter ||
	    (i < r->n && is_alnum(r->s[i])))
		return false;
	piece_add(scanner, r, from, i, SAN_HEX, "hex");
	return true;
}
