#include "san_input.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *anchor, *example;
} keys[] = {
#define API_KEY(name, lead, anchor, pattern, entropy, example) {anchor, example},
#include "apikey.def"
};
#define N_KEYS (sizeof(keys) / sizeof(*keys))

const char *const san_pieces[] = {"a@b.example",
				  "john.doe+tag@mail.example.com",
				  "\"a b\"@c.example",
				  "@",
				  "a@",
				  "@b.co",
				  "a@b@c.d",
				  "m\xc3\xbcller@b\xc3\xbc"
				  "cher.example",
				  "x@[192.0.2.1]",
				  "image@2x.png",
				  "user%40c.example",
				  "\xef\xbc\xa0",
				  "&#64;",
				  "&commat;",
				  "\\u0040",
				  "%2540",
				  "%40",
				  "\xe2\x80\x8b",
				  "\xc2\xad",
				  "4111111111111111",
				  "4111 1111 1111 1111",
				  "4111-1111-1111-1111",
				  "4111%201111%201111%201111",
				  "41111111 11111111",
				  "41111111-",
				  "378282246310005",
				  "4111 ",
				  "4111111111111112",
				  "41111111111111111111",
				  "4-",
				  "0000000000000000",
				  "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
				  "3F2504E0-",
				  "-0305e82c3301",
				  "urn:uuid:",
				  "10.1.2.3",
				  "255.255.255.255",
				  "256.1.1.1",
				  "1.2.3.4.5",
				  "v1.2.3.4",
				  "1.",
				  "192.0.2.1:8080",
				  "10.0.0.0/8",
				  "::1",
				  "2001:db8::1",
				  "[2001:db8::1]:443",
				  "fe80::1%eth0",
				  "::ffff:192.0.2.1",
				  ":",
				  "::",
				  "a:b:c:d:",
				  "1:2:3:4:5:6:7:8",
				  "+14155550132",
				  "+49 30 901820",
				  "(415) 555-0132",
				  "415-555-0132",
				  "0049",
				  "+1",
				  "00",
				  "(",
				  "phone=0301234567",
				  "tel: ",
				  "d41d8cd98f00b204e9800998ecf8427e",
				  "d41d8cd98f00b204",
				  "deadbeef",
				  "0123456789abcdef0123456789abcdef0123456789abcdef",
				  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
				  "eyJ",
				  "eyJhbGciOiJub25lIn0.e30.",
				  "eyJ.eyJ.",
				  ".",
				  "DE44500105175407324931",
				  "DE44 ",
				  "aa:bb:cc:dd:ee:ff",
				  "aabb.ccdd.eeff",
				  "123-45-6789",
				  "password=hunter2",
				  "token: abc",
				  "\"secret\":\"x\"",
				  "{\"pin\":1234}",
				  "Authorization: Bearer abc.def",
				  "token",
				  "=",
				  ": ",
				  "Cookie: sid=q; a=b",
				  "api_key",
				  "passwd=\"",
				  "token='",
				  "session=<",
				  "--password ",
				  "machine x login y password ",
				  "curl -u a:b ",
				  "ALTER USER a PASSWORD 'b'",
				  "Bearer abcdef12",
				  "define( 'token', 'x' )",
				  "{\"name\":\"token\",\"value\":\"x\"}",
				  "'Password:'",
				  "<input value=\"x\" name=\"token\">",
				  "user[password]=",
				  "?code=x",
				  "/cb?code=x",
				  "https://a.example/",
				  "https://u:p@h.example/",
				  "https://",
				  "//",
				  "u:p@",
				  "?",
				  "&",
				  "#",
				  ";",
				  ",",
				  "/",
				  "\\",
				  "\"",
				  "'",
				  "{",
				  "}",
				  "[",
				  "]",
				  "<",
				  ">",
				  "|",
				  "-",
				  "_",
				  "+",
				  "%",
				  "&amp;",
				  "&quot;",
				  "\\\"",
				  "\\\\",
				  "\\n",
				  "\\u0022",
				  "%22",
				  "%26",
				  "%3D",
				  "%0A",
				  "%00",
				  "%25",
				  "-----BEGIN PRIVATE"
				  " KEY-----",
				  "-----BEGIN ",
				  "-----END PRIVATE"
				  " KEY-----",
				  "-----",
				  "MIIEvQIBADANBg",
				  "[REDACTED]",
				  "[REDACTED_EMAIL]",
				  "[EMAIL:abcdefghijklm]",
				  "redacted-email",
				  "[REDACTED",
				  "null",
				  "true",
				  "\"\"",
				  " ",
				  "\t",
				  "\n",
				  "\r\n",
				  "a",
				  "Z",
				  "0",
				  "7",
				  "abc",
				  "xyz123",
				  "hello world",
				  "\xc3",
				  "\xff",
				  "\xf0\x9f\x99\x82",
				  "\xed\xa0\x80",
				  "=>",
				  "{\"token\"=>",
				  "auth=('",
				  "setPin(\"12\")",
				  "String::from(\"a1b2c3d4e5f6g7h8i9\")",
				  "mysql -u a ",
				  " -p",
				  "\nENV ",
				  "\nrequirepass ",
				  "config set ",
				  "<entry key=\"pin\">",
				  "string(3) \"",
				  " = new ",
				  "{{ x }}",
				  "self.token",
				  "os.environ[\"",
				  "+49+30+901820",
				  "b'",
				  "PWD=/",
				  "token]: ",
				  "git@h.example:a",
				  NULL};
#define N_PIECES (sizeof(san_pieces) / sizeof(*san_pieces) - 1)

uint64_t san_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* The alphabets of apikey.def's recipes. */
static const char *alphabet(char kind)
{
	static const char all[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz+/";

	switch (kind) {
	case 'd':
		return "0123456789";
	case 'x':
		return "0123456789abcdef";
	case 'X':
		return "0123456789ABCDEF";
	case 'A':
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	case 'u':
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	case 'l':
		return "0123456789abcdefghijklmnopqrstuvwxyz";
	default:
		return all;
	}
}

size_t san_key_example(size_t i, uint64_t *seed, char *out, size_t cap)
{
	size_t len = 0;

	if (i >= N_KEYS)
		return 0;
	for (const char *p = keys[i].example; *p && len < cap; p++) {
		char *end;
		if (*p != '<') {
			out[len++] = *p;
			continue;
		}
		size_t n = strtoul(p + 1, &end, 10);
		const char *set = alphabet(*end);
		size_t size = strlen(set) > 62 ? 62 : strlen(set);
		for (; n > 0 && len < cap; n--)
			out[len++] = set[san_random(seed) % size];
		p = end + 1;
	}
	return len;
}

const char *san_key_anchor(size_t i)
{
	return keys[i].anchor;
}

static size_t add(char *out, size_t len, size_t cap, const char *piece, size_t n)
{
	n = n < cap - len ? n : cap - len;
	memcpy(out + len, piece, n);
	return len + n;
}

/* A piece percent-encoded: once, or what is encoded once more. */
static size_t add_encoded(uint64_t *seed, char *out, size_t len, size_t cap, const char *piece)
{
	bool twice = san_random(seed) % 2;

	for (; *piece; piece++) {
		char code[8];
		int n = snprintf(code, sizeof(code), twice ? "%%25%02X" : "%%%02X",
				 (unsigned char)*piece);
		len = add(out, len, cap, code, (size_t)n);
	}
	return len;
}

size_t san_input(uint64_t *seed, char *out, size_t cap)
{
	char key[8192];
	size_t len = 0, most = 1 + san_random(seed) % 40;

	for (size_t i = 0; i < most && len < cap; i++) {
		uint64_t kind = san_random(seed) % 32;
		const char *piece = san_pieces[san_random(seed) % N_PIECES];
		size_t n = strlen(piece);
		if (kind == 0) {
			size_t made =
			    san_key_example(san_random(seed) % N_KEYS, seed, key, sizeof(key));
			len = add(out, len, cap, key, made - (san_random(seed) % 4 == 0));
		} else if (kind == 1) {
			char byte = (char)san_random(seed);
			len = add(out, len, cap, &byte, 1);
		} else if (kind == 2) {
			len = add_encoded(seed, out, len, cap, piece);
		} else if (kind == 3) {
			len = add(out, len, cap, piece, san_random(seed) % n);
		} else if (kind == 4) {
			for (uint64_t k = san_random(seed) % 20; k > 0; k--)
				len = add(out, len, cap, piece, n);
		} else {
			len = add(out, len, cap, piece, n);
		}
		if (kind > 20)
			len = add(out, len, cap, kind % 2 ? " " : "\n", 1);
	}
	return len;
}
