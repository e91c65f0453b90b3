/*
 * session - Umami's formulas, with the hashes of libsodium and libuuid.
 *
 *   uuid(parts) = uuid5(DNS, sha512hex(parts + secret)), secret = sha512hex(APP_SECRET)
 *   session     = uuid(website + id), or uuid(website + ip + agent + sha512hex(month))
 *   visit       = uuid(session + sha512hex(hour))
 *   token       = HS256 over {websiteId, sessionId, visitId, iat}, keyed with secret
 *
 * Months and hours are written as JavaScript's toUTCString() does.
 */
#include "session.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <uuid/uuid.h>

#include "json.h"
#include "number.h"

#define HOUR_S 3600
#define VISIT_S 1800 /* from its beginning on */
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING
/* {"alg":"HS256","typ":"JWT"} */
#define TOKEN_HEAD "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define MAC_TEXT 43

static void to_hex(char out[SESSION_SECRET_BYTES], crypto_hash_sha512_state *state)
{
	unsigned char hash[crypto_hash_sha512_BYTES];

	crypto_hash_sha512_final(state, hash);
	sodium_bin2hex(out, SESSION_SECRET_BYTES, hash, sizeof(hash));
}

static void hash_texts(char out[SESSION_SECRET_BYTES], const struct text *texts, size_t n)
{
	crypto_hash_sha512_state state;

	crypto_hash_sha512_init(&state);
	for (size_t i = 0; i < n; i++)
		crypto_hash_sha512_update(&state, (const unsigned char *)texts[i].data,
					  texts[i].len);
	to_hex(out, &state);
}

void session_secret(char out[SESSION_SECRET_BYTES], const char *app_secret)
{
	hash_texts(out, &(struct text){app_secret, strlen(app_secret)}, 1);
}

static void make_uuid(char out[SESSION_ID_BYTES], const struct text *texts, size_t n)
{
	char hash[SESSION_SECRET_BYTES];
	uuid_t uuid;

	hash_texts(hash, texts, n);
	uuid_generate_sha1(uuid, *uuid_get_template("dns"), hash, sizeof(hash) - 1);
	uuid_unparse_lower(uuid, out);
}

/* sha512hex of the beginning of the month or hour that time_s lies in. */
static void hash_period(char out[SESSION_SECRET_BYTES], int64_t time_s, bool month)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t start = (time_t)(time_s - time_s % HOUR_S);
	struct tm tm;
	char text[64];
	int len;

	gmtime_r(&start, &tm);
	if (month) {
		start -= (time_t)(tm.tm_mday - 1) * 24 * HOUR_S + (time_t)tm.tm_hour * HOUR_S;
		gmtime_r(&start, &tm);
	}
	len = snprintf(text, sizeof(text), "%s, %02d %s %04d %02d:00:00 GMT", days[tm.tm_wday],
		       tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour);
	hash_texts(out, &(struct text){text, (size_t)len}, 1);
}

static void make_id(struct session *session, const char *secret, const struct session_of *of)
{
	struct text website = {of->website, strlen(of->website)};
	struct text key = {secret, SESSION_SECRET_BYTES - 1};
	char month[SESSION_SECRET_BYTES];

	if (of->id.len > 0) {
		make_uuid(session->id, (struct text[]){website, of->id, key}, 3);
		return;
	}
	hash_period(month, of->time_s, true);
	make_uuid(session->id,
		  (struct text[]){website, of->ip, of->agent, {month, sizeof(month) - 1}, key}, 5);
}

static void make_visit(struct session *session, const char *secret, int64_t time_s)
{
	char hour[SESSION_SECRET_BYTES];

	hash_period(hour, time_s, false);
	make_uuid(session->visit,
		  (struct text[]){{session->id, SESSION_ID_BYTES - 1},
				  {hour, sizeof(hour) - 1},
				  {secret, SESSION_SECRET_BYTES - 1}},
		  3);
}

static void sign(char out[MAC_TEXT + 1], const char *secret, const char *text, size_t len)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret,
				    SESSION_SECRET_BYTES - 1);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, len);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2base64(out, MAC_TEXT + 1, mac, sizeof(mac), BASE64);
}

static void make_token(struct session *session, const char *secret, const char *website,
		       int64_t iat)
{
	char payload[SESSION_TOKEN_MAX], *end;
	int len = snprintf(payload, sizeof(payload),
			   "{\"websiteId\":\"%s\",\"sessionId\":\"%s\",\"visitId\":\"%s\","
			   "\"iat\":%lld}",
			   website, session->id, session->visit, (long long)iat);
	char *token = session->token;

	memcpy(token, TOKEN_HEAD ".", sizeof(TOKEN_HEAD));
	end = token + sizeof(TOKEN_HEAD);
	sodium_bin2base64(end, (size_t)(token + SESSION_TOKEN_MAX - end), (unsigned char *)payload,
			  (size_t)len, BASE64);
	end += strlen(end);
	*end++ = '.';
	sign(end, secret, token, (size_t)(end - 1 - token));
}

/* What a token says, where it is genuine; NULL. */
static const struct json *read_token(const char *token, const char *secret, struct arena *arena)
{
	const char *dot = strrchr(token, '.'), *payload = strchr(token, '.');
	const struct json *json = NULL;
	char mac[MAC_TEXT + 1], *text;
	size_t len;

	if (!dot || payload == dot || strlen(dot + 1) != MAC_TEXT)
		return NULL;
	sign(mac, secret, token, (size_t)(dot - token));
	if (sodium_memcmp(mac, dot + 1, MAC_TEXT) != 0)
		return NULL;
	text = arena_alloc(arena, SESSION_TOKEN_MAX);
	if (!text || sodium_base642bin((unsigned char *)text, SESSION_TOKEN_MAX, payload + 1,
				       (size_t)(dot - payload - 1), NULL, &len, NULL, BASE64) != 0)
		return NULL;
	return json_read(&json, arena, text, len) == ST_OK ? json : NULL;
}

static bool is_visit(const struct json *visit)
{
	return visit && visit->type == JSON_STRING && visit->len == SESSION_ID_BYTES - 1 &&
	       strspn(visit->text, "0123456789abcdef-") >= visit->len;
}

/* Goes on with the visit that the token names; false: it is none of this session's. */
static bool resume(struct session *session, int64_t *iat, const struct session_of *of,
		   const struct json *token)
{
	const struct json *visit, *since, *website;
	const struct json *id;

	if (!token || token->type != JSON_OBJECT)
		return false;
	id = json_member(token, "sessionId");
	website = json_member(token, "websiteId");
	visit = json_member(token, "visitId");
	since = json_member(token, "iat");
	if (!id || !json_is(id, session->id) || !website || !json_is(website, of->website) ||
	    !is_visit(visit) || !since || since->type != JSON_NUMBER)
		return false;
	*iat = (int64_t)number_read(since->text, since->len);
	if (of->now_s - *iat > VISIT_S || *iat > of->now_s)
		*iat = of->now_s;
	else
		memcpy(session->visit, visit->text, SESSION_ID_BYTES - 1);
	return true;
}

void session_make(struct session *out, const char secret[SESSION_SECRET_BYTES],
		  const struct session_of *of, const char *echoed, struct arena *arena)
{
	int64_t iat = of->now_s;

	make_id(out, secret, of);
	make_visit(out, secret, of->time_s);
	out->known = echoed && *echoed && strlen(echoed) < SESSION_TOKEN_MAX &&
		     resume(out, &iat, of, read_token(echoed, secret, arena));
	make_token(out, secret, of->website, iat);
}
