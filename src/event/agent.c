/*
 * agent - read the system from the first parentheses and products from behind them, then
 * write an agent anew from what was understood.
 *
 * Nothing is copied but numbers of at most three digits: what is not in agent.def does
 * not exist here. The forms are those that browsers send themselves since they freeze
 * their agents (Chrome's "Android 14; K", Safari's "Mac OS X 10_15_7").
 */
#include "agent.h"

#include <stdbool.h>
#include <string.h>

#include "ascii.h"

#define READ_MAX 512
#define MAJOR_MAX 999
#define USUAL_CHROME 120
#define USUAL_SAFARI 17
#define USUAL_ANDROID 10

/* Later ones count more: every Android says Linux as well. */
enum system { UNKNOWN, LINUX, CHROMEOS, WINDOWS, MAC, ANDROID, IPHONE, IPAD, TIZEN, WEBOS };

enum place { MIDDLE, TAIL };

enum product_id { WEBKIT, CHROME, SAFARI, MOBILE, RELEASE, FIREFOX, PRODUCTS };

struct sign {
	struct text text;
	enum system system;
	bool number;
};

struct brand {
	struct text name;
	enum place place;
	struct text before, after;
};

struct product {
	struct text name;
	enum product_id id;
};

struct parsed {
	enum system system;
	int major, minor; /* of the system; these are -1 where unknown */
	int products[PRODUCTS];
	int brand_major;
	const struct brand *brand;
	bool mobile, tablet, webview, trident;
};

#define LITERAL(s)                                                                                 \
	{                                                                                          \
		s, sizeof(s) - 1                                                                   \
	}

static const struct sign signs[] = {
#define AGENT_SIGN(text, system, number) {LITERAL(text), system, number},
#include "agent.def"
};

static const struct product products[] = {
#define AGENT_PRODUCT(name, id) {LITERAL(name), id},
#include "agent.def"
};

static const struct brand brands[] = {
#define AGENT_BRAND(name, place, before, after)                                                    \
	{LITERAL(name), place, LITERAL(before), LITERAL(after)},
#include "agent.def"
};

static bool is_name(struct text name, struct text row)
{
	return name.len > 0 && name.len == row.len && *name.data == *row.data &&
	       memcmp(name.data, row.data, name.len) == 0;
}

static bool begins(const char *p, const char *end, struct text with)
{
	return p < end && *p == *with.data && (size_t)(end - p) >= with.len &&
	       memcmp(p, with.data, with.len) == 0;
}

/* The number at *p, which goes behind it; -1: none, or none that a version has. */
static int read_number(const char **p, const char *end)
{
	int number = 0;

	if (*p == end || !ascii_is_digit(**p))
		return -1;
	for (; *p < end && ascii_is_digit(**p); (*p)++)
		if (number <= MAJOR_MAX)
			number = number * 10 + (**p - '0');
	return number <= MAJOR_MAX ? number : -1;
}

static void read_version(struct parsed *parsed, const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '_' || *p == '.'))
		p++;
	parsed->major = read_number(&p, end);
	if (p < end && (*p == '.' || *p == '_')) {
		p++;
		parsed->minor = read_number(&p, end);
	}
}

/* One piece of "(X11; Linux x86_64; rv:128.0)". */
static void read_piece(struct parsed *parsed, const char *p, const char *end)
{
	struct text piece = {p, (size_t)(end - p)};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (!begins(p, end, signs[i].text) || signs[i].system < parsed->system)
			continue;
		parsed->system = signs[i].system;
		if (signs[i].number)
			read_version(parsed, p + signs[i].text.len, end);
	}
	parsed->mobile |= is_name(piece, TEXT("Mobile")) || begins(p, end, TEXT("Opera Mini/"));
	parsed->tablet |= is_name(piece, TEXT("Tablet"));
	parsed->webview |= is_name(piece, TEXT("wv"));
	if (begins(p, end, TEXT("Trident/")) || begins(p, end, TEXT("MSIE ")))
		parsed->trident = true;
}

/* Returns where the parentheses end. */
static const char *read_system(struct parsed *parsed, const char *p, const char *end)
{
	const char *close = memchr(p, ')', (size_t)(end - p)), *next;

	if (!close)
		close = end;
	for (; p < close; p = next + (next < close)) {
		while (p < close && *p == ' ')
			p++;
		next = memchr(p, ';', (size_t)(close - p));
		if (!next)
			next = close;
		read_piece(parsed, p, next);
	}
	return close;
}

static void read_product(struct parsed *parsed, struct text name, int major)
{
	for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++) {
		if (!is_name(name, products[i].name))
			continue;
		parsed->products[products[i].id] = major;
		parsed->mobile |= products[i].id == MOBILE;
		return;
	}
	for (size_t i = 0; major >= 0 && i < sizeof(brands) / sizeof(brands[0]); i++) {
		if (!is_name(name, brands[i].name))
			continue;
		parsed->brand = &brands[i];
		parsed->brand_major = major;
		return;
	}
}

/* What stands in further parentheses is of no use: "(KHTML, like Gecko)", a device. */
static const char *skip_to_name(const char *p, const char *end)
{
	const char *close;

	for (; p < end && !ascii_is_alpha(*p); p++) {
		close = *p == '(' ? memchr(p, ')', (size_t)(end - p)) : NULL;
		if (close)
			p = close;
	}
	return p;
}

/* "Chrome/126.0.0.0", "Instagram 300.0", "[LinkedInApp]/9.29". */
static void read_products(struct parsed *parsed, const char *p, const char *end)
{
	while (p < end) {
		struct text name;
		int major = -1;

		p = skip_to_name(p, end);
		name.data = p;
		while (p < end && ascii_is_alpha(*p))
			p++;
		name.len = (size_t)(p - name.data);
		if (p < end && *p == ']')
			p++;
		if (p < end && (*p == '/' || *p == ' ')) {
			p++;
			major = read_number(&p, end);
		}
		if (name.len > 0)
			read_product(parsed, name, major);
	}
}

static void read_agent(struct parsed *parsed, struct text agent)
{
	const char *p = agent.data, *end = p + (agent.len < READ_MAX ? agent.len : READ_MAX), *open;

	*parsed = (struct parsed){.system = UNKNOWN, .major = -1, .minor = -1, .brand_major = -1};
	for (int i = 0; i < PRODUCTS; i++)
		parsed->products[i] = -1;
	open = agent.len ? memchr(p, '(', (size_t)(end - p)) : NULL;
	if (open)
		read_products(parsed, read_system(parsed, open + 1, end), end);
	if (parsed->system == UNKNOWN)
		parsed->system = parsed->mobile || parsed->tablet ? ANDROID : LINUX;
}

struct out {
	char *data;
	size_t len;
};

static void put(struct out *out, struct text text)
{
	memcpy(out->data + out->len, text.data, text.len);
	out->len += text.len;
}

#define PUT(out, literal) put(out, TEXT(literal))

static void put_number(struct out *out, int number)
{
	if (number >= 100)
		out->data[out->len++] = (char)('0' + number / 100);
	if (number >= 10)
		out->data[out->len++] = (char)('0' + number / 10 % 10);
	out->data[out->len++] = (char)('0' + number % 10);
}

static void put_versioned(struct out *out, struct text before, int major, struct text after)
{
	put(out, before);
	put_number(out, major);
	put(out, after);
}

static void put_windows(struct out *out, const struct parsed *parsed)
{
	bool old = (parsed->major == 5 || parsed->major == 6) && parsed->minor >= 0;

	PUT(out, "Windows NT ");
	put_number(out, old ? parsed->major : 10);
	PUT(out, ".");
	put_number(out, old && parsed->minor <= 3 ? parsed->minor : 0);
}

static void put_mac(struct out *out, const struct parsed *parsed)
{
	PUT(out, "Macintosh; Intel Mac OS X 10_");
	if (parsed->major >= 0 && parsed->major < 15)
		put_number(out, parsed->major);
	else
		PUT(out, "15_7");
}

static void put_system(struct out *out, const struct parsed *parsed)
{
	static const struct text fixed[] = {
	    [LINUX] = LITERAL("X11; Linux x86_64"),
	    [CHROMEOS] = LITERAL("X11; CrOS x86_64 14541.0.0"),
	    [TIZEN] = LITERAL("SMART-TV; LINUX; Tizen 6.0"),
	    [WEBOS] = LITERAL("Web0S; Linux/SmartTV"),
	};
	int major = parsed->major;

	if (parsed->system == WINDOWS) {
		put_windows(out, parsed);
		PUT(out, "; Win64; x64");
	} else if (parsed->system == MAC) {
		put_mac(out, parsed);
	} else if (parsed->system == ANDROID) {
		put_versioned(out, TEXT("Linux; Android "), major < 0 ? USUAL_ANDROID : major,
			      TEXT("; K"));
	} else if (parsed->system == IPHONE) {
		put_versioned(out, TEXT("iPhone; CPU iPhone OS "), major < 0 ? USUAL_SAFARI : major,
			      TEXT("_0 like Mac OS X"));
	} else if (parsed->system == IPAD) {
		put_versioned(out, TEXT("iPad; CPU OS "), major < 0 ? USUAL_SAFARI : major,
			      TEXT("_0 like Mac OS X"));
	} else {
		put(out, fixed[parsed->system]);
	}
}

static void put_brand(struct out *out, const struct parsed *parsed, enum place place)
{
	if (parsed->brand && parsed->brand->place == place)
		put_versioned(out, parsed->brand->before, parsed->brand_major,
			      parsed->brand->after);
}

static void put_firefox(struct out *out, const struct parsed *parsed)
{
	int major = parsed->products[FIREFOX];

	if (parsed->system == ANDROID) {
		put_versioned(out, TEXT("Android "),
			      parsed->major < 0 ? USUAL_ANDROID : parsed->major, TEXT("; "));
		put(out, parsed->mobile ? TEXT("Mobile") : TEXT("Tablet"));
		put_versioned(out, TEXT("; rv:"), major, TEXT(".0) Gecko/"));
		put_versioned(out, TEXT(""), major, TEXT(".0 Firefox/"));
	} else {
		put_system(out, parsed);
		put_versioned(out, TEXT("; rv:"), major, TEXT(".0) Gecko/20100101 Firefox/"));
	}
	put_number(out, major);
	PUT(out, ".0");
}

static void put_chrome(struct out *out, const struct parsed *parsed)
{
	int major = parsed->products[CHROME];

	put_system(out, parsed);
	if (parsed->webview && parsed->system == ANDROID)
		PUT(out, "; wv");
	put_versioned(out, TEXT(") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"),
		      major < 0 ? USUAL_CHROME : major, TEXT(".0.0.0"));
	if (parsed->mobile)
		PUT(out, " Mobile");
	PUT(out, " Safari/537.36");
}

/* An app's view has neither Version nor Safari; so it stays one. */
static void put_safari(struct out *out, const struct parsed *parsed)
{
	bool apple = parsed->system == IPHONE || parsed->system == IPAD;
	bool safari = parsed->products[SAFARI] >= 0 || parsed->products[WEBKIT] < 0;

	put_system(out, parsed);
	PUT(out, ") AppleWebKit/605.1.15 (KHTML, like Gecko)");
	if (parsed->brand && parsed->brand->place == MIDDLE)
		PUT(out, " ");
	else if (safari)
		put_versioned(out, TEXT(" Version/"),
			      parsed->products[RELEASE] < 0 ? USUAL_SAFARI
							    : parsed->products[RELEASE],
			      TEXT(".0"));
	put_brand(out, parsed, MIDDLE);
	if (apple)
		PUT(out, " Mobile/15E148");
	else if (parsed->mobile)
		PUT(out, " Mobile");
	if (safari)
		put(out, apple ? TEXT(" Safari/604.1") : TEXT(" Safari/605.1.15"));
}

size_t agent_cut(char room[AGENT_TEXT_MAX], struct text agent)
{
	struct parsed parsed;
	struct out out = {room, 0};
	bool apple, safari;

	read_agent(&parsed, agent);
	apple = parsed.system == IPHONE || parsed.system == IPAD || parsed.system == MAC;
	safari = parsed.products[WEBKIT] >= 0 && parsed.products[RELEASE] >= 0;
	PUT(&out, "Mozilla/5.0 (");
	if (parsed.trident) {
		put_windows(&out, &parsed);
		PUT(&out, "; Trident/7.0; rv:11.0) like Gecko");
		return out.len;
	}
	if (parsed.products[FIREFOX] >= 0 && parsed.products[WEBKIT] < 0)
		put_firefox(&out, &parsed);
	else if (parsed.products[CHROME] >= 0 || (!apple && !safari))
		put_chrome(&out, &parsed);
	else
		put_safari(&out, &parsed);
	put_brand(&out, &parsed, TAIL);
	return out.len;
}
