/*
 * stays - what stands in a value's place and is none: nothing, a mask, a reference, code.
 */
#include "marks.h"
#include "quoting.h"
#include "redact.h"
#include "ruleset.h"
#include "validate.h"
#include "value.h"
#include "word.h"

#include <string.h>

bool only_placeholders(const unsigned char *s, size_t n)
{
	size_t found = 0, len;

	for (size_t i = 0; i < n; i += len) {
		len = s[i] == '[' ? placeholder_length(s + i, n - i) : 0;
		found += len > 0;
		if (len == 0 && (is_alnum(s[i]) || s[i] >= 0x80))
			return false;
		len += len == 0;
	}
	return found > 0;
}

/* What a program fills in: `%s`, `%-20s`, `%(name)s`, `{}`, `{user.name}`, `{{ x }}`, `#{x}`. */
static bool is_filled_in(const unsigned char *s, size_t n)
{
	size_t i = 1;

	if (n < 2)
		return false;
	if (s[0] == '%' && s[1] == '(')
		return n > 3 && s[n - 2] == ')' && is_alpha(s[n - 1]);
	if (s[0] == '%') {
		while (i + 1 < n && i < 6 && is_one_of(s[i], "-+#0123456789.*lzhj"))
			i++;
		return i + 1 == n && is_one_of(s[i], "sdviuxXqrpfgc@");
	}
	if (n > 4 && s[0] == '{' && s[1] == '{' && s[n - 1] == '}')
		return true;
	i = s[0] == '#' || s[0] == '@';
	if (s[i] != '{' || s[n - 1] != '}')
		return false;
	for (i++; i + 1 < n && (is_alpha(s[i]) || s[i] == '_' || s[i] == '.'); i++)
		;
	return i + 1 == n;
}

/* All of one byte, or of one of these marks: `********`, `xxxx`, `--`, `••••`, `…`. */
static bool is_row(const unsigned char *s, size_t n)
{
	static const char *const marks[] = {"\xe2\x80\xa2", "\xe2\x80\xa6", "\xe2\x97\x8f"};
	size_t i = 1;

	for (size_t k = 0; s[0] == 0xe2 && n % 3 == 0 && k < sizeof(marks) / sizeof(*marks); k++)
		if (!memcmp(s, marks[k], 3))
			return n == 3 || !memcmp(s, s + 3, n - 3);
	if (!is_one_of(s[0], "*.-#_~") && (s[0] | 32) != 'x')
		return false;
	while (i < n && s[i] == s[0])
		i++;
	return i == n && (n > 2 || is_one_of(s[0], "*.-~"));
}

/* As others say that there is nothing, or that it was taken out: `[FILTERED]`, `<redacted>`. */
static bool is_bracketed(const unsigned char *s, size_t n)
{
	static const struct words words = {{[3] = "nil ",
					    [4] = "none null ",
					    [5] = "empty unset ",
					    [6] = "hidden masked secret secure ",
					    [7] = "omitted removed ",
					    [8] = "filtered redacted ",
					    [9] = "protected sensitive undefined "}};
	unsigned char close = s[0] == '[' ? ']' : s[0] == '(' ? ')' : s[0] == '<' ? '>' : 0;

	return close && n > 2 && s[n - 1] == close && is_word(&words, s + 1, n - 2);
}

/* Nothing to hide: empty, null, boolean, a mask, a reference, our own placeholder. */
bool value_stays(const unsigned char *s, size_t n)
{
	static const struct words words = {{[2] = "no on ",
					    [3] = "int n/a nan nil off str yes ",
					    [4] = "bool none null omit true ",
					    [5] = "false unset ",
					    [6] = "masked number string ",
					    [7] = "boolean enabled include inherit varchar ",
					    [8] = "disabled filtered optional redacted required ",
					    [9] = "secretstr undefined ",
					    [11] = "same-origin "}};
	size_t i = 0;

	if (n == 0 || is_word(&words, s, n))
		return true;
	if (is_alnum(s[0]))
		return (s[0] | 32) == 'x' && is_row(s, n);
	if (only_placeholders(s, n) || is_row(s, n) || is_bracketed(s, n))
		return true;
	/* A block of YAML that begins in the next line; an empty list. */
	if (((s[0] == '|' || s[0] == '>') &&
	     (n == 1 || (n == 2 && (s[1] == '-' || s[1] == '+')))) ||
	    (n == 2 && ((s[0] == '[' && s[1] == ']') || (s[0] == '{' && s[1] == '}'))))
		return true;
	if (s[0] == '$' && n > 1 && (s[1] == '(' || (s[1] == '{' && s[n - 1] == '}')))
		return true;
	if (s[0] == '$' && n > 1) {
		for (i = 1; i < n && (is_upper(s[i]) || s[i] == '_' || s[i] == '{' || s[i] == '}');
		     i++)
			;
		return i == n || (n == 2 && is_digit(s[1]));
	}
	return is_filled_in(s, n);
}

/* `[]string{`, `[t for t in x]`, of which a value is what stands before the first blank. */
static bool is_list(const unsigned char *s, size_t n, size_t left)
{
	size_t i = 1;

	if (s[0] != '[' || n < 2)
		return false;
	if (s[1] == ']')
		return n > 2 && is_alpha(s[2]);
	while (i < n && (is_alpha(s[i]) || s[i] == '_'))
		i++;
	return i == n && left - n > 5 && !memcmp(s + n, " for ", 5);
}

/* A call, an element: the value read ends at its first quote; `left` bytes are there. */
static bool is_code(const unsigned char *s, size_t n, size_t left)
{
	bool digit = false;
	size_t i = 0;

	if (is_list(s, n, left))
		return true;
	for (; i < n && char_kinds[s[i]] & CHAR_PATH; i++)
		digit |= is_digit(s[i]);
	if (i == n || (!is_alpha(s[0]) && s[0] != '_') || (digit && credential_like(s, i)))
		return false;
	if (s[i] == '[' && i + 1 == n && n < left && is_quote(s[n])) { /* environ["x"] */
		const unsigned char *close = memchr(s + n + 1, s[n], left - n - 1);
		return !digit && close && close + 1 < s + left && close[1] == ']';
	}
	if (s[i] == '[' && i + 2 < n && s[i + 1] == ':' && s[n - 1] == ']') /* params[:x] */
		return !digit;
	if (s[i] == '!' && i + 1 < n && !digit) /* vec![], json!({}) */
		return s[i + 1] == '[' || s[i + 1] == '(';
	return s[i] == '(' || placeholder_length(s + i, n - i) > 0;
}

/* `python3-jwt:all`: a package and its architecture. */
static bool is_architecture(const struct pair *p, size_t i, const unsigned char *s, size_t n)
{
	static const struct words words = {{[3] = "all any ",
					    [4] = "i386 ",
					    [5] = "amd64 arm64 armel armhf s390x ",
					    [6] = "native x86_64 ",
					    [7] = "ppc64el riscv64 ",
					    [8] = "mips64el "}};

	return p->sep == ':' && i == p->sep_at + 1 && !p->spaced && !p->name_quote &&
	       is_word(&words, s, n);
}

/* `auth: Error: x`, a part of a program and how bad it is; `token=0x3b`, a number. */
static bool is_message(const struct record *r, const struct pair *p, struct bounds v)
{
	const unsigned char *s = r->s + v.start;
	size_t n = v.end - v.start, i = 0;

	if (n > 2 && n <= 10 && s[0] == '0' && (s[1] | 32) == 'x' && p->kind != NAME_DIGITS) {
		for (i = 2; i < n && is_hex(s[i]); i++)
			;
		return i == n;
	}
	while (i < n && is_alpha(s[i]))
		i++;
	return i == n && p->sep == ':' && !p->name_quote && v.start > p->sep_at + 1 &&
	       p->kind != NAME_DIGITS && r->n - v.end > 1 && s[n] == ':' && s[n + 1] == ' ';
}

/* Terraform's words for what it does not show. */
static bool is_withheld(const struct record *r, size_t i)
{
	static const char *const words[] = {"(sensitive value)", "(known after apply)"};

	for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
		if (r->n - i >= strlen(words[k]) && !memcmp(r->s + i, words[k], strlen(words[k])))
			return true;
	return false;
}

/* `token: Option<Token>`, `Vec<&str>`; `def token=(x)` */
static bool is_generic(const struct record *r, const struct pair *p, struct bounds v)
{
	const unsigned char *s = r->s;
	size_t i = v.start;

	if (s[i] == '(' && p->sep == '=' && p->start >= 4)
		return !memcmp(s + p->start - 4, "def ", 4);
	if (p->sep != ':' || !is_upper(s[v.start]))
		return false;
	while (i < v.end && is_alpha(s[i]))
		i++;
	return i == v.end && i + 1 < r->n && s[i] == '<' && (is_alpha(s[i + 1]) || s[i + 1] == '&');
}

/*
 * `vector<token> x`, `/login/<token>/x`, `#include <stop_token>  // C++`: an element is closed, or
 * filled to the end.
 */
static bool is_type(const struct record *r, const struct pair *p, size_t at, size_t end)
{
	if (p->sep != '>' || (end + 1 < r->n && r->s[end] == '<' && r->s[end + 1] == '/'))
		return false;
	if (is_quote(r->s[at]) && quote_ends(r, at)) /* "usage: login <password>" */
		return true;
	return (p->start > 1 &&
		(!word_begins(r, p->start - 1) || is_one_of(r->s[p->start - 2], "/:@"))) ||
	       is_blank(r->s[at]);
}

/*
 * The number of tests that passed, `# PASS: 42`, or one of them, `PASS: test_x`; a base class,
 * `struct FooPass : Bar<FooPass> {`.
 */
static bool is_pass(const struct record *r, const struct pair *p, size_t i, size_t end)
{
	const unsigned char *before = r->s + p->start;

	if (p->sep != ':' || p->name_quote)
		return false;
	if (p->spaced)
		return (p->start >= 7 && !memcmp(before - 7, "struct ", 7)) ||
		       (p->start >= 6 && !memcmp(before - 6, "class ", 6));
	if (p->end - p->start != 4 || memcmp(before, "PASS", 4) != 0)
		return false;
	if (end - i > 5 && (!memcmp(r->s + i, "test_", 5) ||
			    (!memcmp(r->s + i, "Test", 4) && is_upper(r->s[i + 4]))))
		return p->start == 0 || before[-1] == '\n' ||
		       (p->start >= 4 && !memcmp(before - 4, "--- ", 4));
	while (i < end && is_digit(r->s[i]))
		i++;
	return i == end && p->start >= 2 && !memcmp(before - 2, "# ", 2);
}

/* `await f()`, `new Password(x)`: a word of a language, and what it goes with. */
static bool is_operator(const struct record *r, size_t i, size_t end)
{
	static const struct words words = {{[3] = "new not ",
					    [5] = "async await yield ",
					    [6] = "lambda typeof ",
					    [8] = "function "}};

	return end + 1 < r->n && r->s[end] == ' ' && !is_space(r->s[end + 1]) &&
	       is_word(&words, r->s + i, end - i);
}

/*
 * `self.password`, `user->token`, `process.env.KEY`: of what is it a member? The last
 * part names a secret itself, or the first ones the environment.
 */
static bool is_member(const struct san_rules *rules, const unsigned char *s, size_t n)
{
	static const char *const environments[] = {"process.env.", "import.meta.env.",
						   "Deno.env.",	   "os.environ.",
						   "module.",	   "random_password."};
	static const struct words fields = {{[4] = "text ", [5] = "value "}};
	size_t last = 0;

	for (size_t i = 1; i < n; i++)
		if (s[i] == '.' || (s[i] == '>' && s[i - 1] == '-'))
			last = i + 1;
	if (last == 0)
		return false;
	for (size_t k = 0; k < sizeof(environments) / sizeof(*environments); k++)
		if (n > strlen(environments[k]) &&
		    !memcmp(s, environments[k], strlen(environments[k])))
			return true;
	if (!is_alpha(s[0]) && s[0] != '_' && s[0] != '$')
		return false;
	for (size_t i = 1; i < n; i++)
		if (!is_alpha(s[i]) && s[i] != '_' && s[i] != '-' && s[i] != '.' &&
		    !(s[i] == '>' && s[i - 1] == '-'))
			return false;
	if (last == n)
		return false;
	if (is_upper(s[0]) && value_stays(s + last, n - last)) /* PropTypes.string */
		return true;
	enum name_kind kind = name_kind(&rules->tails, s + last, n - last);
	return kind == NAME_SECRET || kind == NAME_DIGITS || is_word(&fields, s + last, n - last);
}

/* `if (token == expected)`: a name on either side. `$x = $_POST['x']`, `$ARGV[0]`, `$a->b` */
static bool is_compared(const struct record *r, const struct pair *p, size_t i, size_t end)
{
	size_t to = i;

	if (r->s[i] == '$') {
		for (to++; to < end && (is_alpha(r->s[to]) || r->s[to] == '_'); to++)
			;
		return to > i + 1 && to < end &&
		       (r->s[to] == '[' ||
			(r->s[to] == '-' && to + 1 < r->n && r->s[to + 1] == '>'));
	}
	if (p->sep != '=' || p->sep_at + 1 >= r->n || r->s[p->sep_at + 1] != '=')
		return false;
	while (to < end && (is_alpha(r->s[to]) || r->s[to] == '_' || r->s[to] == '.'))
		to++;
	return to == end;
}

/* Of `Auth:Token` the last part, which begins at `last`, names a secret of its own. */
static bool names_secret(const struct san_rules *rules, const struct record *r, size_t last,
			 size_t end)
{
	enum name_kind kind = name_kind(&rules->tails, r->s + last, end - last);
	size_t next = blanks_end(r, end + 1);

	if (next >= r->n || (!name_is_secret(kind) && kind != NAME_KEY))
		return false;
	return is_one_of(r->s[next], ":=") || (is_upper(r->s[last]) && is_one_of(r->s[next], ",)"));
}

bool value_is_key(const struct san_rules *rules, const struct record *r, const struct pair *p,
		  size_t at)
{
	const unsigned char *s = r->s;
	size_t open = p->start, end = at, last = at;

	while (open > 0 && p->start - open < 64 && char_kinds[s[open - 1]] & CHAR_PATH)
		open--;
	if (open == 0 || !is_quote(s[open - 1]))
		return false;
	for (; end < r->n && end - at < 64 && (is_alpha(s[end]) || is_one_of(s[end], ":_")); end++)
		last = s[end] == ':' ? end + 1 : last;
	if (end == last || end == r->n || s[end] != s[open - 1])
		return false;
	if (open > 2 && s[open - 2] == '[' && is_alnum(s[open - 3]) && end + 1 < r->n &&
	    s[end + 1] == ']')
		return true;
	return names_secret(rules, r, last, end);
}

/* `PWD=/home/ada`: where a shell is, in every second line of sudo's. */
bool value_is_directory(const struct record *r, const struct pair *p, size_t i)
{
	const unsigned char *name = r->s + p->start;
	size_t n = p->end - p->start;

	return p->sep == '=' && !p->spaced && r->s[i] == '/' &&
	       ((n == 3 && !memcmp(name, "PWD", 3)) || (n == 6 && !memcmp(name, "OLDPWD", 6)));
}

/* What an application asks for begins with a word of these; a passphrase seldom does. */
static bool asks(const unsigned char *s, size_t n)
{
	static const struct words words = {
	    {[3] = "new old set the ",
	     [4] = "hide show type your ",
	     [5] = "enter reset retry wrong ",
	     [6] = "change choose create forgot please repeat verify ",
	     [7] = "confirm current invalid missing ",
	     [8] = "previous re-enter "}};
	size_t end = 0;

	while (end < n && s[end] != ' ')
		end++;
	return is_upper(s[0]) && is_word(&words, s, end);
}

/*
 * `"enterPassword": "Please enter your password"`: a text for people, which has the name's
 * last word in it. Letters and marks of a sentence only, a capital first, and a blank.
 */
bool value_is_label(const struct record *r, const struct pair *p, struct bounds v)
{
	size_t word = p->end, len;
	bool blank = false, said = false;

	while (word > p->start && is_lower(r->s[word - 1]))
		word--;
	len = p->end - word;
	if (word == p->start || len < 3 || v.end - v.start <= len || v.end == r->n ||
	    !asks(r->s + v.start, v.end - v.start))
		return false;
	for (size_t i = v.start; i < v.end; i++) {
		if (!is_alpha(r->s[i]) && !is_one_of(r->s[i], " .,?!'-") &&
		    !(r->s[i] == ':' && i + 1 == v.end))
			return false;
		blank |= r->s[i] == ' ';
		said |= v.end - i >= len && !memcmp(r->s + i, r->s + word, len);
	}
	return blank && said;
}

/*
 * `token = access_token`, `session: AsyncSession`, `password = :password`, `= $token`: a name
 * itself. Of a password's only one with a mark is: as a password it would be a bad one.
 */
static bool is_name(const struct san_rules *rules, const struct record *r, const struct pair *p,
		    const unsigned char *s, size_t n)
{
	bool bound = is_one_of(s[0], ":@$"), two = false;
	size_t i = bound;

	for (; i < n && (is_alpha(s[i]) || s[i] == '_'); i++)
		two |= i > 0 && (s[i] == '_' || (is_upper(s[i]) && is_lower(s[i - 1])));
	if (i < n || n < 3)
		return false;
	if (!two && !bound && !(is_upper(s[0]) && is_lower(s[1]) && is_lower(r->s[p->start])))
		return false;
	return name_is_secret(name_kind(&rules->tails, s + bound, n - bound)) &&
	       (bound || p->kind != NAME_DIGITS);
}

/* `self.password = password` */
static bool is_own(const struct record *r, const struct pair *p, const unsigned char *s, size_t n)
{
	size_t i = 0;

	if (!p->spaced || p->sep != '=' || p->end - p->start < 6 ||
	    (memcmp(r->s + p->start, "self.", 5) != 0 && memcmp(r->s + p->start, "this.", 5) != 0))
		return false;
	while (i < n && (is_alpha(s[i]) || s[i] == '_'))
		i++;
	return i == n;
}

/* `tokens += 1`: of what is counted there are several. */
static bool is_counted(const struct record *r, const struct pair *p, const unsigned char *s,
		       size_t n)
{
	size_t i = 0;

	if (r->s[p->sep_at] != '+')
		return false;
	while (i < n && is_digit(s[i]))
		i++;
	return i == n && to_lower(r->s[p->end - 1]) == 's';
}

/* `auth: { user: kim, password: x }`, whose names say for themselves which values go. */
static bool is_flow(const struct record *r, size_t i)
{
	if (r->s[i] != '{')
		return false;
	size_t name = blanks_end(r, i + 1), end = name;
	while (end < r->n && (is_alpha(r->s[end]) || r->s[end] == '_'))
		end++;
	return end > name && end < r->n && r->s[end] == ':';
}

/* `{{ .Values.token }}`; what begins with `$` stays by value_stays(). */
static bool is_template(const struct record *r, size_t i)
{
	const unsigned char *s = r->s + i;
	size_t n = r->n - i < 120 ? r->n - i : 120;

	if (n > 4 && s[0] == '{' && s[1] == '{' && is_blank(s[2]))
		return memmem(s, n, "}}", 2) != NULL;
	return false;
}

bool value_is_code(const struct san_rules *rules, const struct record *r, const struct pair *p,
		   size_t at, struct bounds v)
{
	const unsigned char *s = r->s + v.start;
	size_t n = v.end - v.start, letters = 0;

	if (is_architecture(p, v.start, s, n) || is_type(r, p, at, v.end) || is_generic(r, p, v) ||
	    is_message(r, p, v) || is_withheld(r, v.start) || is_pass(r, p, v.start, v.end) ||
	    value_is_version(r, p, v, false) || value_is_act(p, s, n))
		return true;
	if ((v.start == at && !p->spaced) || p->sep == ' ')
		return false;
	if (is_operator(r, v.start, v.end) || is_compared(r, p, v.start, v.end) ||
	    is_counted(r, p, s, n) || is_name(rules, r, p, s, n) || is_own(r, p, s, n))
		return true;
	while (letters < n && is_alnum(s[letters]))
		letters++;
	return letters < n && (is_code(s, n, r->n - v.start) || is_member(rules, s, n) ||
			       is_flow(r, v.start) || is_template(r, v.start));
}
