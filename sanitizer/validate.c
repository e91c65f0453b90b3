/*
 * validate - checks behind the patterns.
 */
#include "validate.h"

#include "chars.h"
#include "quad.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Issuer ranges by their first six digits; lengths as a bit per digit count. */
#define LEN(n) (1u << (n))
#define LEN_16_19 (LEN(16) | LEN(17) | LEN(18) | LEN(19))
#define LEN_13_19 (LEN(13) | LEN(14) | LEN(15) | LEN_16_19)

static const struct issuer {
	uint32_t first, last, lengths;
} issuers[] = {
    {220000, 220499, LEN_16_19},	   /* Mir */
    {222100, 272099, LEN(16)},		   /* Mastercard */
    {300000, 305999, LEN(14) | LEN_16_19}, /* Diners */
    {309500, 309599, LEN(14) | LEN_16_19},
    {340000, 349999, LEN(15)},		   /* American Express */
    {352800, 358999, LEN_16_19},	   /* JCB */
    {360000, 369999, LEN(14) | LEN_16_19}, /* Diners */
    {370000, 379999, LEN(15)},
    {380000, 399999, LEN(14) | LEN_16_19},
    {400000, 499999, LEN(13) | LEN(16) | LEN(18) | LEN(19)}, /* Visa */
    {500000, 509999, LEN_13_19},			     /* Maestro, Dankort, Verve */
    {510000, 559999, LEN(16)},				     /* Mastercard */
    {560000, 589999, LEN_13_19},			     /* Maestro, Bankcard */
    {600000, 601099, LEN_13_19},
    {601100, 601199, LEN_16_19}, /* Discover */
    {601200, 621999, LEN_13_19}, /* Maestro, RuPay, Hipercard */
    {620000, 629999, LEN_16_19}, /* UnionPay */
    {630000, 639999, LEN_13_19}, /* Maestro, InstaPayment */
    {644000, 659999, LEN_16_19}, /* Discover, RuPay */
    {660000, 699999, LEN_13_19}, /* Maestro */
    {810000, 819999, LEN_16_19}, /* UnionPay, RuPay */
    {979200, 979299, LEN(16)},	 /* Troy */
};

bool card_valid(const unsigned char *s, size_t n)
{
	unsigned char digits[19];
	size_t count = 0;
	unsigned sum = 0;
	uint32_t prefix = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_digit(s[i]))
			continue;
		if (count == sizeof(digits))
			return false;
		digits[count++] = s[i] - '0';
	}
	if (count < 13)
		return false;
	for (size_t i = 0; i < count; i++) {
		unsigned d = digits[count - 1 - i];
		sum += i % 2 == 0 ? d : d < 5 ? 2 * d : 2 * d - 9;
	}
	for (size_t i = 0; i < 6; i++)
		prefix = prefix * 10 + digits[i];
	if (sum % 10)
		return false;
	for (size_t i = 0; i < sizeof(issuers) / sizeof(*issuers); i++)
		if (prefix >= issuers[i].first && prefix <= issuers[i].last)
			return issuers[i].lengths >> count & 1;
	return false;
}

static int base64url_value(unsigned char c)
{
	if (is_upper(c))
		return c - 'A';
	if (is_lower(c))
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static size_t base64url_decode(const unsigned char *s, size_t n, unsigned char *out, size_t cap)
{
	uint32_t bits = 0;
	size_t have = 0, len = 0;

	for (size_t i = 0; i < n; i++) {
		int v = base64url_value(s[i]);
		if (v < 0)
			return 0;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			if (len == cap)
				return len;
			out[len++] = (unsigned char)(bits >> have);
		}
	}
	return len;
}

/* A JSON object as far as a token's header needs it: quoted key, colon, closing brace. */
static bool json_object_like(const unsigned char *s, size_t n, bool whole)
{
	size_t i = 0, end;

	while (n && is_space(s[n - 1]))
		n--;
	while (i < n && is_space(s[i]))
		i++;
	if (i == n || s[i++] != '{')
		return false;
	while (i < n && is_space(s[i]))
		i++;
	if (i == n || s[i] != '"')
		return false;
	for (end = i + 1; end < n && s[end] != '"'; end++)
		if (s[end] < ' ' || s[end] >= 0x7f)
			return false;
	for (end++; end < n && is_space(s[end]); end++)
		;
	return end < n && s[end] == ':' && (!whole || s[n - 1] == '}');
}

bool jwt_valid(const unsigned char *s, size_t n)
{
	unsigned char header[3072];
	const unsigned char *dot = memchr(s, '.', n);
	size_t len = dot ? (size_t)(dot - s) : n;
	size_t out = base64url_decode(s, len, header, sizeof(header));

	return json_object_like(header, out, out < sizeof(header));
}

static const unsigned char *digits_of(const unsigned char *s, size_t n, unsigned char *out,
				      size_t cap, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < n; i++)
		if (is_digit(s[i]) && *count < cap)
			out[(*count)++] = s[i];
	return out;
}

/* Plans with numbers of seven digits, country code included, and less. */
static bool short_plan(const unsigned char *d)
{
	static const char codes[][4] = {"290", "247", "683", "690", "500", "672", "674", "677",
					"678", "682", "685", "686", "687", "688", "689"};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (!memcmp(codes[i], d, 3))
			return true;
	return false;
}

/*
 * `+3.14159265`, no country and its number: `+1.2025550143`, as registries of domains write it, has
 * ten digits behind a country of one, eight at least behind one of two.
 */
static bool is_decimal(const unsigned char *s, size_t n)
{
	size_t dot = 1, i;

	while (dot < n && is_digit(s[dot]))
		dot++;
	if (dot == n || s[0] != '+' || s[dot] != '.')
		return false;
	for (i = dot + 1; i < n && is_digit(s[i]); i++)
		;
	if (i < n)
		return false;
	size_t country = dot - 1, rest = n - dot - 1;
	if (country == 1)
		return rest != 10 || (s[1] != '1' && s[1] != '7');
	return country > 3 || (country == 2 && rest < 8);
}

/* Code points and the like, `0041 0323 0306`: no country's code has two digits and a blank there.
 */
static bool groups_of_four(const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((i % 5 == 4) == (bool)is_digit(s[i]))
			return false;
	return n % 5 == 4;
}

bool phone_valid(const unsigned char *s, size_t n)
{
	unsigned char d[20];
	size_t count;

	if (n > 2 && s[0] == '0') {
		if (groups_of_four(s, n))
			return false;
		s += 2;
		n -= 2;
	}
	digits_of(s, n, d, sizeof(d), &count);
	if (count < 7 || count > 15 || is_decimal(s, n))
		return false;
	return count >= 8 || short_plan(d);
}

bool iban_valid(const unsigned char *s, size_t n)
{
	static const char lengths[] =
	    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18"
	    "DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23"
	    "IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27"
	    "MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19"
	    "SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";
	unsigned char c[34];
	size_t count = 0;
	unsigned want = 0, rest = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == ' ')
			continue;
		if (count == sizeof(c))
			return false;
		c[count++] = s[i];
	}
	for (size_t i = 0; i + 4 < sizeof(lengths); i += 4)
		if (c[0] == lengths[i] && c[1] == lengths[i + 1])
			want = (unsigned)(lengths[i + 2] - '0') * 10 +
			       (unsigned)(lengths[i + 3] - '0');
	if (count < 15 || count != want)
		return false;
	for (size_t i = 0; i < count; i++) {
		unsigned char ch = c[(i + 4) % count];
		rest = is_digit(ch) ? rest * 10 + (ch - '0') : rest * 100 + (ch - 'A' + 10u);
		rest %= 97;
	}
	return rest == 1;
}

bool mac_valid(const unsigned char *s, size_t n)
{
	bool letter = false, digit = false;

	for (size_t i = 0; i < n; i++) {
		letter |= is_alpha(s[i]);
		digit |= is_digit(s[i]);
	}
	return letter && digit;
}

bool ssn_valid(const unsigned char *s, size_t n)
{
	return n == 11 && memcmp(s, "000", 3) && memcmp(s, "666", 3) && s[0] != '9' &&
	       memcmp(s + 4, "00", 2) && memcmp(s + 7, "0000", 4);
}

size_t ip4_parse(const unsigned char *s, size_t n, unsigned dots[3])
{
	unsigned char text[16] = {0};

	memcpy(text, s, n < sizeof(text) ? n : sizeof(text));
	return quad_length(text, dots);
}

size_t ip4_length_at(const unsigned char *s, size_t at, size_t n)
{
	return n - at >= 16 ? quad_length(s + at, NULL) : ip4_parse(s + at, n - at, NULL);
}

size_t ip6_length(const unsigned char *s, size_t n)
{
	size_t i = 0, groups = 0, quad;
	bool gap = false;

	if (n >= 2 && s[0] == ':' && s[1] == ':') {
		gap = true;
		i = 2;
	}
	while (i < n && groups < 8 && is_hex(s[i])) {
		size_t start = i;
		while (i < n && i - start < 5 && is_hex(s[i]))
			i++;
		if (i - start > 4)
			return 0;
		if (i < n && s[i] == '.' && (quad = ip4_length_at(s, start, n)) > 0) {
			groups += 2;
			i = start + quad;
			break;
		}
		groups++;
		if (i + 1 < n && s[i] == ':' && s[i + 1] == ':') {
			if (gap)
				return 0;
			gap = true;
			i += 2;
		} else if (i + 1 < n && s[i] == ':' && is_hex(s[i + 1]) && groups < 8) {
			i++;
		} else {
			break;
		}
	}
	return gap ? (groups <= 7 ? i : 0) : groups == 8 ? i : 0;
}

#define REPETITIONS 64

/* What the k-th byte of a kind adds: k log2 k - (k - 1) log2 (k - 1), in 65536ths. */
static const uint32_t repetition[REPETITIONS] = {
    0,	    131072, 180544, 212672, 236561, 255600, 271431, 284984, 296834, 307361, 316831,
    325439, 333327, 340607, 347367, 353674, 359587, 365153, 370407, 375387, 380115, 384620,
    388919, 393030, 396972, 400754, 404392, 407895, 411272, 414532, 417685, 420736, 423691,
    426556, 429337, 432039, 434666, 437222, 439710, 442134, 444499, 446804, 449057, 451255,
    453404, 455505, 457561, 459573, 461543, 463472, 465363, 467218, 469036, 470820, 472570,
    474290, 475979, 477637, 479268, 480870, 482446, 483996, 485521, 487022};

/* The same of any length: by the counts of all kinds. */
static unsigned entropy_of_long(const unsigned char *s, size_t n)
{
	size_t count[256] = {0};
	double bits = (double)n * log2((double)n);

	for (size_t i = 0; i < n; i++)
		count[s[i]]++;
	for (size_t i = 0; i < 256; i++)
		if (count[i])
			bits -= (double)count[i] * log2((double)count[i]);
	return (unsigned)(bits / (double)n * 100 + 1e-4);
}

/* n log2 n less the sum of c log2 c over the counts of each kind of byte, over n. */
unsigned entropy_centibits(const unsigned char *s, size_t n)
{
	unsigned char count[256] = {0};
	uint32_t bits = 0;

	if (n > REPETITIONS)
		return entropy_of_long(s, n);
	for (size_t i = 0; i < n; i++)
		bits += repetition[i] - repetition[count[s[i]]++];
	return n ? (unsigned)((double)bits / 65536 / (double)n * 100 + 1e-4) : 0;
}

/* As a UUID is written, also of no version: some vendors' keys are. */
static bool uuid_like(const unsigned char *s, size_t n)
{
	if (n != 36)
		return false;
	for (size_t i = 0; i < n; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' : !is_hex(s[i]))
			return false;
	return true;
}

#define CREDENTIAL_RUN 16

bool credential_like(const unsigned char *s, size_t n)
{
	bool digit = false, letter = false;
	size_t run = 0, longest = 0, changes = 0; /* from letter to digit and back */

	if (n < CREDENTIAL_RUN)
		return false;
	for (size_t i = 0; i < n; i++) {
		digit |= is_digit(s[i]);
		letter |= is_alpha(s[i]);
		changes += run > 0 && is_alnum(s[i]) && is_digit(s[i]) != is_digit(s[i - 1]);
		run = is_alnum(s[i]) ? run + 1 : 0;
		longest = run > longest ? run : longest;
		if (!run && !(s[i] && strchr("_+/=.~-", s[i])))
			return false;
	}
	return (longest >= CREDENTIAL_RUN || (n >= 30 && changes >= 6) || uuid_like(s, n)) &&
	       digit && letter && entropy_centibits(s, n) >= 300;
}
