/*
 * allowance - see allowance.h. An open table that doubles where it is half full.
 */
#include "allowance.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_FIRST 64
#define SIZE_MAX_SLOTS ((size_t)1 << 21) /* a million clients and metrics a day */
#define MICRO 1000000u

struct slot {
	uint64_t tag; /* 0: free */
	uint64_t used;
};

struct allowances {
	int32_t day;
	size_t n, size;
	struct slot *slots;
	unsigned char key[crypto_shorthash_KEYBYTES];
};

struct allowances *allowances_new(void)
{
	struct allowances *a = calloc(1, sizeof(*a));

	if (a)
		a->slots = calloc(SIZE_FIRST, sizeof(*a->slots));
	if (!a || !a->slots) {
		free(a);
		return NULL;
	}
	a->size = SIZE_FIRST;
	return a;
}

void allowances_free(struct allowances *allowances)
{
	if (!allowances)
		return;
	free(allowances->slots);
	sodium_memzero(allowances, sizeof(*allowances));
	free(allowances);
}

static void turn_to(struct allowances *a, int32_t day)
{
	if (a->day == day)
		return;
	a->day = day;
	a->n = 0;
	memset(a->slots, 0, a->size * sizeof(*a->slots));
	randombytes_buf(a->key, sizeof(a->key));
}

static struct slot *find(struct slot *slots, size_t size, uint64_t tag)
{
	size_t i = (size_t)tag & (size - 1);

	while (slots[i].tag && slots[i].tag != tag)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

static uint64_t tag_of(const struct allowances *a, const char *client, const char *metric)
{
	unsigned char hash[crypto_shorthash_BYTES];
	char text[160];
	uint64_t tag;
	size_t n = (size_t)snprintf(text, sizeof(text), "%s/%s", client, metric);

	crypto_shorthash(hash, (const unsigned char *)text, n, a->key);
	memcpy(&tag, hash, sizeof(tag));
	return tag ? tag : 1;
}

static bool grow(struct allowances *a)
{
	size_t size = 2 * a->size;
	struct slot *slots = size <= SIZE_MAX_SLOTS ? calloc(size, sizeof(*slots)) : NULL;

	if (!slots)
		return false;
	for (size_t i = 0; i < a->size; i++)
		if (a->slots[i].tag)
			*find(slots, size, a->slots[i].tag) = a->slots[i];
	free(a->slots);
	a->slots = slots;
	a->size = size;
	return true;
}

enum status allowances_take(struct allowances *allowances, int32_t day, const char *client,
			    const char *metric, uint64_t allowed)
{
	uint64_t tag;

	turn_to(allowances, day);
	tag = tag_of(allowances, client, metric);
	if (allowances->n >= allowances->size / 2 && !grow(allowances))
		return ST_LIMITED;
	struct slot *slot = find(allowances->slots, allowances->size, tag);
	if (slot->used >= allowed)
		return ST_LIMITED;
	allowances->n += !slot->tag;
	slot->tag = tag;
	slot->used++;
	return ST_OK;
}

uint64_t allowances_used(struct allowances *allowances, int32_t day, const char *client,
			 const char *metric)
{
	turn_to(allowances, day);
	return find(allowances->slots, allowances->size, tag_of(allowances, client, metric))->used;
}

void allowance_text(struct buf *out, const struct measure *measure, uint64_t used)
{
	uint64_t epsilon = used * measure->client_epsilon;

	buf_addf(out,
		 "%s\"%s\":{\"used\":%" PRIu64 ",\"allowed\":%" PRIu64 ",\"epsilon\":%" PRIu64
		 ".%06" PRIu64 "}",
		 out->len && out->data[out->len - 1] == '{' ? "" : ",", measure->name, used,
		 measure->cells_per_client * measure->per_cell, epsilon / MICRO, epsilon % MICRO);
}
