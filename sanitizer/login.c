/*
 * login - passwords that only the words around them tell: a line of netrc, what `curl -u`
 * is given, statements of SQL, a bearer's token.
 *
 *   machine example.org login ada password hunter2
 *   curl -u ada:hunter2 https://example.org/
 *   CREATE USER ada IDENTIFIED BY 'hunter2'
 *   sent with Bearer mF_9.B5f-4.1JqM
 *   mysql -uada -phunter2, sshpass -p hunter2
 *   requirepass hunter2, ENV API_TOKEN hunter2, proxy_set_header X-Api-Key hunter2;
 *
 * Tried where "password" or the option stands, so that what comes before goes first.
 */
#include "chars.h"
#include "detector.h"
#include "directive.h"
#include "eight.h"
#include "engine.h"
#include "marks.h"
#include "prefilter_build.h"
#include "quoting.h"
#include "redact.h"
#include "ruleset.h"
#include "try.h"
#include "value.h"

#include <assert.h>
#include <string.h>

#define LOOK_BACK 256
#define WORDS_MAX 12

/* What the prefilter looks for, and the words that must be there, in any case; by first byte. */
#define ROW(anchor, words) {anchor, words, sizeof(anchor) - 1, sizeof(words) - 1}
static const struct {
	const char anchor[8], words[16]; /* NUL behind */
	unsigned char anchor_len, words_len;
} anchors[] = {
    ROW(" -p", " -p"), ROW(" -a ", " -a "), ROW(" -w ", " -w "), ROW("-u ", "-u "),
    ROW("-U ", "-u "), ROW("--us", "--user "), ROW("--pr", "--proxy-user "),
    ROW("ARG ", "arg "), ROW("Bear", "bearer "), ROW("ENV ", "env "), ROW("Head", "header "),
    ROW("IDEN", "identified "), ROW("PASS", "password"), ROW("Pass", "password"),
    ROW("Requ", "requestheader "), ROW("SetE", "setenv "), ROW("bind", "bindpw "),
    ROW("conf", "config "), ROW("conf", "configure "), ROW("defi", "defi"), ROW("head", "header"),
    ROW("iden", "identified "), ROW("mast", "masterauth "), ROW("para", "param "),
    ROW("pass", "password"), ROW("requ", "requirepass "), ROW("sete", "setenv ")};
/* One more than where the rows of a first byte begin; 0: there are none. */
static const unsigned char first_rows[256] = {
    [' '] = 1,	['-'] = 4,  ['A'] = 8,	['B'] = 9,  ['E'] = 10, ['H'] = 11, ['I'] = 12,
    ['P'] = 13, ['R'] = 15, ['S'] = 16, ['b'] = 17, ['c'] = 18, ['d'] = 20, ['h'] = 21,
    ['i'] = 22, ['m'] = 23, ['p'] = 24, ['r'] = 26, ['s'] = 27};
#define ANCHOR_BYTES 4 /* or three */
#define ANCHORS (sizeof(anchors) / sizeof(*anchors))

/* Options that a password follows, and the program that must stand before in its line. */
#define PROGRAM(name) name, sizeof(name) - 1
static const struct {
	const char *program;
	size_t len;
	const char *option;
	bool apart; /* a blank may stand between */
} program_options[] = {
    {PROGRAM("sshpass"), " -p", true},	   {PROGRAM("mysql"), " -p", false},
    {PROGRAM("mariadb"), " -p", false},	   {PROGRAM("7z"), " -p", false},
    {PROGRAM("redis-cli"), " -a ", true}, {PROGRAM("ldap"), " -w ", true},
    {PROGRAM("docker login"), " -p", true}, {PROGRAM("podman login"), " -p", true},
    {PROGRAM("mongo"), " -p", true}};
#define PROGRAMS (sizeof(program_options) / sizeof(*program_options))
/* Their first bytes; a line's end, where they do not count any more. */
static const bool program_begins[256] = {
    ['s'] = true, ['m'] = true, ['7'] = true, ['r'] = true,
    ['l'] = true, ['d'] = true, ['p'] = true, ['\n'] = true};

void logins_tell(struct prefilter_build *b)
{
	for (size_t i = 0; i < ANCHORS; i++) {
		const unsigned char *anchor = (const unsigned char *)anchors[i].anchor;
		/* Seen when the library is built, with the tables. */
		assert(first_rows[*anchor] == i + 1 || (i > 0 && anchors[i - 1].anchor[0] == *anchor));
		if (is_alpha(*anchor))
			prefilter_word(b, anchor, anchors[i].anchor_len, false);
		else
			prefilter_window(b, anchor, anchors[i].anchor_len);
	}
	for (size_t i = 0; i < PROGRAMS; i++)
		assert(program_begins[(unsigned char)*program_options[i].program]);
}

/* What stands behind an option in front of another is no password. */
static bool option_has_value(const unsigned char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_blank(s[i]))
		i++;
	return i < n && s[i] != '-';
}

/* Do the words of a row stand at s, in any case? */
__attribute__((noinline)) static bool words_at(size_t row, const unsigned char *s, size_t n)
{
	const unsigned char *words = (const unsigned char *)anchors[row].words;
	size_t len = anchors[row].words_len, i = 8;

	if (((eight_lower(eight_bytes(s, n)) ^ eight_bytes(words, 8)) & first_bytes(len)) || n < len)
		return false;
	while (i < len && to_lower(s[i]) == words[i])
		i++;
	return i >= len;
}

bool login_plausible(const unsigned char *s, size_t n)
{
	size_t i = first_rows[s[0]], len;

	if (n <= ANCHOR_BYTES || !i)
		return false;
	for (i--; i < ANCHORS && (unsigned char)anchors[i].anchor[0] == s[0]; i++) {
		if ((unsigned char)anchors[i].anchor[2] != s[2] ||
		    (unsigned char)anchors[i].anchor[1] != s[1] ||
		    (anchors[i].anchor_len > 3 && (unsigned char)anchors[i].anchor[3] != s[3]) ||
		    !words_at(i, s, n))
			continue;
		len = anchors[i].words_len;
		return s[0] != ' ' || option_has_value(s + len, n - len);
	}
	return false;
}

static size_t line_start(const struct record *r, size_t at)
{
	size_t least = at > LOOK_BACK ? at - LOOK_BACK : 0;
	const unsigned char *end = memrchr(r->s + least, '\n', at - least);

	return end ? (size_t)(end - r->s) + 1 : least;
}

static bool word_is(const struct record *r, size_t start, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(r->s + start, word, len);
}

/*
 * Is the word at `at` the one before a password in a line of netrc? Pairs of a word and a
 * value follow `machine name` or `default`; what comes behind the password says only where
 * the login is, if it was not there before.
 */
static bool in_netrc(const struct record *r, size_t at)
{
	size_t i = line_start(r, at), word, len, value;
	bool login = false;

	if (i > 0 && r->s[i - 1] != '\n')
		return false;
	len = word_next(r, &i, &word);
	if (word_is(r, word, len, "machine"))
		(void)word_next(r, &i, &value);
	else if (!word_is(r, word, len, "default"))
		return false;
	for (int pairs = 0; pairs < WORDS_MAX; pairs++) {
		len = word_next(r, &i, &word);
		if (word == at) {
			(void)word_next(r, &i, &value);
			len = word_next(r, &i, &word);
			return login || word_is(r, word, len, "login");
		}
		login |= word_is(r, word, len, "login");
		if (!word_is(r, word, len, "login") && !word_is(r, word, len, "account"))
			return false;
		(void)word_next(r, &i, &value);
	}
	return false;
}

/* `nmcli dev wifi connect home password x` */
static bool in_nmcli(const struct record *r, size_t at)
{
	size_t start = line_start(r, at);

	return memmem(r->s + start, at - start, "nmcli ", 6) != NULL;
}

static bool netrc_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t i = at + strlen("password"), start;

	if (r->n - at < 10 || memcmp(r->s + at, "password", 8) != 0 || !is_blank(r->s[i]) ||
	    !(in_netrc(r, at) || in_nmcli(r, at)))
		return false;
	size_t len = word_next(r, &i, &start);
	if (value_stays(r->s + start, len))
		return false;
	piece_add(scanner, r, start, start + len, SAN_SECRET, "netrc");
	return true;
}

/* Length of an option of curl's at `at` that a user and password follow; 0: none. */
static size_t curl_option(const struct record *r, size_t at)
{
	static const char *const options[] = {"-u ", "-U ", "--user ", "--proxy-user "};

	for (size_t k = 0; k < sizeof(options) / sizeof(*options); k++) {
		size_t len = strlen(options[k]);
		if (r->n - at > len && !memcmp(r->s + at, options[k], len))
			return len;
	}
	return 0;
}

/*
 * `ada:hunter2`, `:hunter2`; a key as the user, `4f9a2c81b7:`, has no password. What a shell fills
 * in, `ada:$PASSWORD`, stays.
 */
static bool user_and_password(const unsigned char *s, size_t n)
{
	const unsigned char *colon = memchr(s, ':', n);
	bool digit = false, letter = false;

	if (!colon || value_stays(s, n) || (s[0] == '<' && s[n - 1] == '>'))
		return false;
	if (colon + 1 < s + n)
		return !value_stays(colon + 1, (size_t)(s + n - colon) - 1);
	for (const unsigned char *c = s; c < colon; c++) {
		digit |= is_digit(*c);
		letter |= is_alpha(*c);
	}
	return digit && letter && n > 8;
}

/* `user:password`, quoted or not. */
static bool curl_user_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t len = curl_option(r, at), i = at + len, start, end;

	if (!len || at == 0 || !is_blank(r->s[at - 1]))
		return false;
	start = line_start(r, at);
	if (!memmem(r->s + start, at - start, "curl ", 5))
		return false;
	while (i < r->n && is_blank(r->s[i]))
		i++;
	unsigned char quote = i < r->n && is_quote(r->s[i]) ? r->s[i++] : 0;
	for (end = i; end < r->n && (quote ? r->s[end] != quote : !is_space(r->s[end])); end++)
		;
	if (!user_and_password(r->s + i, end - i))
		return false;
	piece_add(scanner, r, i, end, SAN_SECRET, "curl_user");
	return true;
}

/* Does a statement about a user or role stand before? */
static bool in_statement(const struct record *r, size_t at)
{
	for (size_t i = line_start(r, at); i < at; i++)
		if ((r->s[i] | 32) == 'u' || (r->s[i] | 32) == 'r' || (r->s[i] | 32) == 's')
			if (word_folded(r, i, "user ") || word_folded(r, i, "role ") ||
			    word_folded(r, i, "set "))
				return true;
	return false;
}

/* Behind `= PASSWORD(` or `PASSWORD(`; i: there is none. */
static size_t into_password_call(const struct record *r, size_t i)
{
	size_t call = i < r->n && r->s[i] == '=' ? blanks_end(r, i + 1) : i;

	return word_folded(r, call, "password(") ? blanks_end(r, call + strlen("password(")) : i;
}

/*
 * `PASSWORD 'x'`, `IDENTIFIED BY 'x'`, `SET PASSWORD FOR ada = 'x'`, `SET PASSWORD = PASSWORD('x')`
 */
static bool statement_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t i, end;

	if (word_folded(r, at, "identified by "))
		i = at + strlen("identified by ");
	else if (word_folded(r, at, "password "))
		i = at + strlen("password ");
	else
		return false;
	i = blanks_end(r, i);
	if (word_folded(r, i, "for ")) {
		for (end = i; end < r->n && end - i < 80 && r->s[end] != '='; end++)
			;
		i = end < r->n && r->s[end] == '=' ? blanks_end(r, end + 1) : r->n;
	} else if (word_folded(r, i, "password ")) {
		i = blanks_end(r, i + strlen("password "));
	}
	i = into_password_call(r, i);
	bool identified = to_lower(r->s[at]) == 'i';
	if (i >= r->n || !(r->s[i] == '\'' || (r->s[i] == '"' && identified && !r->json)) ||
	    !(identified || in_statement(r, at)))
		return false;
	end = closing_quote(r, i);
	if (value_stays(r->s + i + 1, end - i - 1))
		return false;
	piece_add(scanner, r, i + 1, end, SAN_SECRET, "statement");
	return true;
}

/* `username ada password 0 hunter2`, `enable password hunter2`, as routers are told; not prose. */
static bool router_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	static const char *const commands[] = {"username ", "enable ", "neighbor "};
	size_t i = blanks_end(r, at + strlen("password")), from = line_start(r, at), end;
	bool typed, known = false;

	if (!word_folded(r, at, "password "))
		return false;
	from = at - from > 120 ? at - 120 : from;
	for (size_t k = 0; k < sizeof(commands) / sizeof(*commands); k++)
		known |= memmem(r->s + from, at - from, commands[k], strlen(commands[k])) != NULL;
	typed = r->n - i > 2 && is_digit(r->s[i]) && is_blank(r->s[i + 1]);
	i = typed ? blanks_end(r, i + 1) : i;
	for (end = i; end < r->n && !is_space(r->s[end]) && !is_digit(r->s[end]); end++)
		;
	return known && (typed || (end < r->n && is_digit(r->s[end]) && end > i)) &&
	       word_taken(scanner, r, i, "directive");
}

/* `Bearer x`, where no name of a header stands before. */
static bool bearer_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	size_t i = at + strlen("Bearer "), end;
	bool digit = false, letter = false;

	if (!word_folded(r, at, "bearer "))
		return false;
	for (end = i;
	     end < r->n && (is_alnum(r->s[end]) || (r->s[end] && strchr("._~+/=-", r->s[end])));
	     end++) {
		digit |= is_digit(r->s[end]);
		letter |= is_alpha(r->s[end]);
	}
	if (end - i < 8 || !digit || !letter)
		return false;
	piece_add(scanner, r, i, end, SAN_SECRET, "bearer");
	return true;
}

/*
 * A bit for each program that is named before the blank at `at` in its line: each byte is
 * looked at once.
 */
static unsigned programs_before(struct record *r, size_t at)
{
	size_t i = r->programs_to;

	if (i > at)
		i = r->programs = 0;
	for (; i < at; i++) {
		if (!program_begins[r->s[i]])
			continue;
		if (r->s[i] == '\n')
			r->programs = 0;
		for (size_t k = 0; k < PROGRAMS; k++)
			if (at - i >= program_options[k].len &&
			    !memcmp(r->s + i, program_options[k].program, program_options[k].len))
				r->programs |= 1u << k;
	}
	r->programs_to = at;
	return r->programs;
}

static bool option_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	unsigned programs = programs_before(r, at);

	if (flag_at(scanner, r, at))
		return true;
	for (size_t k = 0; programs && k < PROGRAMS; k++) {
		size_t len = strlen(program_options[k].option), i = at + len;
		if (!(programs >> k & 1) || r->n - at <= len ||
		    memcmp(r->s + at, program_options[k].option, len) != 0)
			continue;
		if (program_options[k].apart)
			i = blanks_end(r, i);
		return i < r->n && r->s[i] != '-' && word_taken(scanner, r, i, "option");
	}
	return false;
}

bool login_at(struct san_scanner *scanner, struct record *r, size_t at)
{
	if (scanner->rules->options.action[SAN_SECRET] == SAN_KEEP)
		return false;
	if (r->s[at] == '-')
		return curl_user_at(scanner, r, at);
	if (r->s[at] == ' ')
		return option_at(scanner, r, at);
	if (!word_begins(r, at))
		return false;
	switch (r->s[at]) {
	case 'd':
		return name_at(scanner, r, at) || define_at(scanner, r, at);
	case 'B':
		return bearer_at(scanner, r, at);
	case 'H':
	case 'R':
	case 'h':
		return header_at(scanner, r, at);
	case 'p':
		return header_at(scanner, r, at) || netrc_at(scanner, r, at) ||
		       statement_at(scanner, r, at) || router_at(scanner, r, at);
	case 'P':
	case 'I':
	case 'i':
		return statement_at(scanner, r, at);
	case 'r':
		return word_folded(r, at, "requirepass ") && directive_at(scanner, r, at, false);
	case 'b':
		return word_folded(r, at, "bindpw ") && directive_at(scanner, r, at, false);
	case 'm':
		return word_folded(r, at, "masterauth ") && directive_at(scanner, r, at, false);
	case 'c':
		return config_at(scanner, r, at);
	case 'E':
	case 'A':
		return (word_folded(r, at, "env ") || word_folded(r, at, "arg ")) &&
		       directive_at(scanner, r, at, true);
	case 'S':
	case 's':
		return word_folded(r, at, "setenv ") && directive_at(scanner, r, at, true);
	default:
		return false;
	}
}
