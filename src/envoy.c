/*
 * envoy - see envoy.h.
 *
 * A batch is sent once: what may have arrived is not sent again, or it would count twice. Only
 * where no connection came about does it wait for another moment. What would reach the responder
 * on another day than it was counted on is dropped: tomorrow its client has another bucket.
 */
#include "envoy.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allowance.h"
#include "clock.h"
#include "errand.h"
#include "file.h"
#include "log.h"
#include "net.h"
#include "reply.h"

#define BATCH_MAX 100
#define ITEM_BYTES 2048
#define TOKEN_BYTES 256
#define BUCKET_BYTES 16
#define TIMEOUT_MS 10000L

struct item {
	int32_t day;
	char *text; /* JSON */
};

struct envoy {
	const struct config *config;
	struct registry *registry;
	struct entropy *entropy;
	char url[2200], authorization[TOKEN_BYTES + 32], token[TOKEN_BYTES];
	pthread_t thread;
	pthread_mutex_t lock; /* of all below, and of entropy */
	pthread_cond_t news;
	bool running, hurry, busy;
	atomic_bool stopping; /* without the lock, too: a batch under way is given up */
	int64_t due_us;	      /* when the batch leaves */
	size_t n;
	struct item *items;
	struct allowances *told;
};

static enum status read_token(struct envoy *envoy, struct reason *why)
{
	const char *path = envoy->config->app_token_file;
	struct buf text;
	enum status status;

	if (!*path)
		return reason_set(why, ST_CONFIG, "app.token_file is not set: increments need one");
	buf_init(&text, TOKEN_BYTES - 1);
	status = file_read(path, &text);
	if (status == ST_OK && text.len) {
		size_t len = strcspn(text.data, "\r\n \t");
		memcpy(envoy->token, text.data, len);
		snprintf(envoy->authorization, sizeof(envoy->authorization),
			 "Authorization: Bearer %s", envoy->token);
		sodium_memzero(text.data, text.len);
	}
	buf_free(&text);
	return *envoy->token
		   ? ST_OK
		   : reason_set(why, ST_CONFIG, "app.token_file cannot be read, or is empty");
}

static enum status make_url(struct envoy *envoy, struct reason *why)
{
	const char *base = envoy->config->app_responder_url;
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		len--;
	if (strncmp(base, "http://", 7) && strncmp(base, "https://", 8))
		return reason_set(why, ST_CONFIG, "app.responder_url is no URL of a server");
	snprintf(envoy->url, sizeof(envoy->url), "%.*s/api/analytics/increment", (int)len, base);
	return ST_OK;
}

static enum status set_up(struct envoy *envoy, struct reason *why)
{
	enum status status;

	if (sodium_init() < 0 || errand_begin() != ST_OK)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	if (!*envoy->config->counts_registry)
		return reason_set(why, ST_NOT_FOUND, "counts.registry is not set");
	status = registry_open(&envoy->registry, envoy->config->counts_registry, why);
	if (status == ST_OK)
		status = read_token(envoy, why);
	if (status == ST_OK)
		status = make_url(envoy, why);
	if (status == ST_OK && entropy_open(&envoy->entropy) != ST_OK)
		status = reason_set(why, ST_IO, "no randomness: nothing is counted");
	envoy->items = calloc(envoy->config->async_queue_size + 1, sizeof(*envoy->items));
	envoy->told = allowances_new();
	if (status == ST_OK && (!envoy->items || !envoy->told))
		status = reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	return status;
}

enum status envoy_open(struct envoy **out, const struct config *config, struct reason *why)
{
	struct envoy *envoy = calloc(1, sizeof(*envoy));
	pthread_condattr_t monotonic;
	enum status status;

	*out = NULL;
	if (!envoy)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	envoy->config = config;
	pthread_mutex_init(&envoy->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&envoy->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	status = set_up(envoy, why);
	if (status == ST_OK)
		*out = envoy;
	else
		envoy_close(envoy);
	return status;
}

void envoy_close(struct envoy *envoy)
{
	if (!envoy)
		return;
	if (envoy->running) {
		pthread_mutex_lock(&envoy->lock);
		envoy->stopping = true;
		pthread_cond_broadcast(&envoy->news);
		pthread_mutex_unlock(&envoy->lock);
		pthread_join(envoy->thread, NULL);
	}
	for (size_t i = 0; i < envoy->n; i++)
		free(envoy->items[i].text);
	free(envoy->items);
	allowances_free(envoy->told);
	entropy_close(envoy->entropy);
	registry_close(envoy->registry);
	pthread_cond_destroy(&envoy->news);
	pthread_mutex_destroy(&envoy->lock);
	sodium_memzero(envoy->token, sizeof(envoy->token));
	sodium_memzero(envoy->authorization, sizeof(envoy->authorization));
	free(envoy);
}

static int32_t today(void)
{
	return (int32_t)clock_day(clock_wall_us());
}

/* Arrived within the time that a request may take it is still the same day there. */
static bool is_in_time(int32_t day)
{
	return (int32_t)clock_day(clock_wall_us() + TIMEOUT_MS * 1000) == day;
}

/* An IPv4 address, or an IPv6 /64, as the responder would take it; "" is this device. */
static bool bucket_of(const struct envoy *envoy, const char *address, int32_t day,
		      char bucket[2 * BUCKET_BYTES + 1])
{
	unsigned char key[crypto_generichash_KEYBYTES], hash[BUCKET_BYTES];
	struct net_address read;
	char text[16];

	bucket[0] = '\0';
	if (!address || !*address)
		return true;
	if (!net_address_read(&read, address, strlen(address)))
		return false;
	size_t n = (size_t)snprintf(text, sizeof(text), "%d", (int)day);
	crypto_generichash(key, sizeof(key), (const unsigned char *)text, n,
			   (const unsigned char *)envoy->token, strnlen(envoy->token, 64));
	crypto_generichash(hash, sizeof(hash), read.ip, read.v4 ? 16 : 8, key, sizeof(key));
	sodium_bin2hex(bucket, 2 * BUCKET_BYTES + 1, hash, sizeof(hash));
	sodium_memzero(key, sizeof(key));
	return true;
}

/* Names and values are the registry's: they need no escape. */
static char *item_text(const struct reply *reply, const char *bucket)
{
	const struct measure *m = reply->measure;
	struct buf out;

	buf_init(&out, ITEM_BYTES);
	buf_addf(&out, "{\"metric\":\"%s\",\"domain_version\":%" PRIu64 ",\"dimensions\":{",
		 m->name, m->domain_version);
	for (size_t i = 0; i < m->dimensions.n; i++)
		buf_addf(&out, "%s\"%s\":\"%s\"", i ? "," : "", m->dimensions.items[i].name,
			 reply->values[i]);
	buf_addc(&out, '}');
	if (*bucket)
		buf_addf(&out, ",\"bucket\":\"%s\"", bucket);
	buf_addc(&out, '}');
	if (buf_ok(&out))
		return out.data;
	buf_free(&out);
	return NULL;
}

/* With the lock held: at a place that is drawn; the first one draws when all of them leave. */
static void put(struct envoy *envoy, struct item item)
{
	size_t at = entropy_below(envoy->entropy, envoy->n + 1);
	uint64_t jitter_us = envoy->config->app_jitter_seconds * (uint64_t)US_PER_S;

	if (!envoy->n)
		envoy->due_us =
		    clock_mono_us() + (int64_t)entropy_below(envoy->entropy, jitter_us + 1);
	envoy->items[envoy->n++] = envoy->items[at];
	envoy->items[at] = item;
	if (envoy->n >= BATCH_MAX)
		envoy->due_us = 0;
	pthread_cond_broadcast(&envoy->news);
}

/* Out of the lock: the batch is the thread's. What may wait for another moment stays in it. */
static size_t send_batch(const struct envoy *envoy, struct item *batch, size_t n)
{
	struct buf body;
	size_t in_time = 0;
	enum status status;

	buf_init(&body, BATCH_MAX * (ITEM_BYTES + 1) + 64);
	buf_adds(&body, "{\"increments\":[");
	for (size_t i = 0; i < n; i++) {
		if (!is_in_time(batch[i].day))
			continue;
		buf_addf(&body, "%s%s", in_time++ ? "," : "", batch[i].text);
	}
	buf_adds(&body, "]}");
	if (in_time < n)
		log_warning("%zu increments are lost: the day is over", n - in_time);
	status = buf_ok(&body) ? ST_OK : ST_NO_MEMORY;
	if (status == ST_OK && in_time)
		status = errand_run(envoy->url, envoy->authorization, body.data, body.len,
				    TIMEOUT_MS, &envoy->stopping);
	buf_free(&body);
	if (status == ST_UNAVAILABLE)
		return n;
	if (status != ST_OK)
		log_warning("%zu increments are lost: the responder has not taken them", in_time);
	for (size_t i = 0; i < n; i++)
		free(batch[i].text);
	return 0;
}

/* With the lock held: up to a hundred, from the end; what did not go comes back. */
static void send_some(struct envoy *envoy)
{
	struct item batch[BATCH_MAX];
	size_t n = envoy->n < BATCH_MAX ? envoy->n : BATCH_MAX, left;

	envoy->n -= n;
	memcpy(batch, envoy->items + envoy->n, n * sizeof(*batch));
	envoy->busy = true;
	pthread_mutex_unlock(&envoy->lock);
	left = send_batch(envoy, batch, n);
	pthread_mutex_lock(&envoy->lock);
	envoy->busy = false;
	for (size_t i = 0; i < left; i++) {
		if (envoy->n < envoy->config->async_queue_size)
			put(envoy, batch[i]);
		else
			free(batch[i].text);
	}
	if (left) { /* not at once again */
		envoy->hurry = false;
		envoy->due_us = clock_mono_us() + US_PER_S +
				(int64_t)entropy_below(envoy->entropy, (uint64_t)(9 * US_PER_S));
	}
	pthread_cond_broadcast(&envoy->news);
}

static void *run(void *context)
{
	struct envoy *envoy = context;

	pthread_mutex_lock(&envoy->lock);
	while (!envoy->stopping) {
		if (!envoy->n) {
			envoy->hurry = false;
			pthread_cond_wait(&envoy->news, &envoy->lock);
		} else if (envoy->hurry || clock_mono_us() >= envoy->due_us) {
			send_some(envoy);
		} else {
			struct timespec at = {envoy->due_us / US_PER_S,
					      envoy->due_us % US_PER_S * 1000};
			pthread_cond_timedwait(&envoy->news, &envoy->lock, &at);
		}
	}
	pthread_mutex_unlock(&envoy->lock);
	return NULL;
}

/* With the lock held, at the first item. Signals are for the threads of the program. */
static bool start(struct envoy *envoy)
{
	sigset_t all, before;

	if (envoy->running)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	envoy->running = pthread_create(&envoy->thread, NULL, run, envoy) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return envoy->running;
}

/* With the lock held. */
static enum status take(struct envoy *envoy, const struct told_report *told, const char *bucket,
			int32_t day, struct reason *why)
{
	struct reply reply;
	enum status status = reply_make(&reply, envoy->registry, &envoy->entropy, told->metric,
					told->dimensions, why);

	if (status != ST_OK)
		return status;
	const struct measure *m = reply.measure;
	if (envoy->n >= envoy->config->async_queue_size)
		return reason_set(why, ST_FULL, "more increments wait than umami.async.queue_size");
	if (!start(envoy))
		return reason_set(why, ST_NO_MEMORY, "no thread");
	char *text = item_text(&reply, bucket);
	if (!text)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	if (allowances_take(envoy->told, day, bucket, m->name, m->cells_per_client * m->per_cell) !=
	    ST_OK) {
		free(text);
		return reason_set(why, ST_LIMITED,
				  "metric has all of this client that counts today");
	}
	put(envoy, (struct item){day, text});
	return ST_OK;
}

enum status envoy_report(struct envoy *envoy, const struct told_report *told, struct reason *why)
{
	char bucket[2 * BUCKET_BYTES + 1];
	int32_t day = today();
	enum status status;

	if (!bucket_of(envoy, told->address, day, bucket))
		return reason_set(why, ST_INVALID, "address is none");
	pthread_mutex_lock(&envoy->lock);
	status = take(envoy, told, bucket, day, why);
	pthread_mutex_unlock(&envoy->lock);
	return status;
}

enum status envoy_budget(struct envoy *envoy, const char *address, struct buf *out)
{
	char bucket[2 * BUCKET_BYTES + 1];
	int32_t day = today();

	if (!bucket_of(envoy, address, day, bucket))
		return ST_INVALID;
	buf_addc(out, '{');
	pthread_mutex_lock(&envoy->lock);
	for (size_t i = 0; i < registry_size(envoy->registry); i++) {
		const struct measure *m = registry_at(envoy->registry, i);
		if (m->mechanism != MECHANISM_NONE)
			allowance_text(out, m, allowances_used(envoy->told, day, bucket, m->name));
	}
	pthread_mutex_unlock(&envoy->lock);
	buf_addc(out, '}');
	return buf_ok(out) ? ST_OK : ST_NO_MEMORY;
}

enum status envoy_flush(struct envoy *envoy, int wait_ms)
{
	int64_t until = clock_mono_us() + (int64_t)wait_ms * 1000;
	struct timespec at = {until / US_PER_S, until % US_PER_S * 1000};
	int failed = 0;

	pthread_mutex_lock(&envoy->lock);
	envoy->hurry = envoy->n > 0;
	pthread_cond_broadcast(&envoy->news);
	while ((envoy->n || envoy->busy) && !failed)
		failed = pthread_cond_timedwait(&envoy->news, &envoy->lock, &at);
	failed = envoy->n || envoy->busy;
	pthread_mutex_unlock(&envoy->lock);
	return failed ? ST_UNAVAILABLE : ST_OK;
}
