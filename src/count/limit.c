/*
 * limit - see limit.h.
 *
 * A slot is one word: the client's tag and the time until which its events are paid for
 * (GCRA: that time moves on by one interval an event and may lie at most the burst ahead).
 * A time that has passed says the same as no slot, so slots need no removal and taking is
 * one compare-and-swap in one cache line. Times are of the monotonic clock, which begins
 * anew with the machine, as tmpfs does. Two first events of a client at the same instant may
 * open two slots: it then has its burst twice, until the older one has passed.
 */
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net.h"

#define NAME "limit"
#define MAGIC UINT64_C(0x31696c73696d6174)
#define TRIES 8

#define LINES 8192
#define LINE_SLOTS 8
#define TIME_BITS 42
#define TIME_MAX ((UINT64_C(1) << TIME_BITS) - 1)
#define TICK_US 125 /* 42 bits of it: 17 years of uptime */
#define TICKS_PER_S (UINT64_C(1000000) / TICK_US)
#define KEY_LIFE (3600 * TICKS_PER_S)
#define CAS_TRIES 16

struct table {
	uint64_t magic;
	_Atomic uint64_t key_ends; /* tick */
	_Atomic uint64_t key[crypto_shorthash_KEYBYTES / 8];
	uint64_t reserved[4];
	_Atomic uint64_t slots[LINES][LINE_SLOTS];
};

struct limit {
	struct table *table;
	uint64_t interval; /* ticks an event */
	uint64_t burst;	   /* ticks that may lie ahead */
};

/* The kernel's last tick, a few milliseconds old, is near enough and costs a third. */
static uint64_t now_ticks(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * TICKS_PER_S + (uint64_t)now.tv_nsec / (1000 * TICK_US);
}

static void make_key(struct table *table)
{
	uint64_t key[2];

	randombytes_buf(key, sizeof key);
	atomic_store_explicit(&table->key[0], key[0], memory_order_relaxed);
	atomic_store_explicit(&table->key[1], key[1], memory_order_relaxed);
	sodium_memzero(key, sizeof key);
}

/* One process wins; who hashes meanwhile finds no slot of his, or leaves one that nobody asks for.
 */
static void renew_key(struct table *table, uint64_t ends, uint64_t now)
{
	if (!atomic_compare_exchange_strong(&table->key_ends, &ends, now + KEY_LIFE))
		return;
	make_key(table);
	for (size_t i = 0; i < LINES; i++)
		for (size_t k = 0; k < LINE_SLOTS; k++)
			atomic_store_explicit(&table->slots[i][k], 0, memory_order_relaxed);
}

/* Shared with the directory's group where that may write there. */
static enum status make_table(int dir_fd, const struct stat *dir)
{
	enum status status = ST_IO;
	struct table head = {.magic = MAGIC};
	char temporary[64];
	int fd;

	atomic_store(&head.key_ends, now_ticks() + KEY_LIFE);
	make_key(&head);
	snprintf(temporary, sizeof temporary, "new-%08x%08x", randombytes_random(),
		 randombytes_random());
	fd = openat(dir_fd, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return ST_IO;
	if ((dir->st_mode & S_IWGRP) &&
	    (fchown(fd, (uid_t)-1, dir->st_gid) != 0 || fchmod(fd, 0660) != 0))
		goto out;
	/* Room for all of it now: a full tmpfs would be a SIGBUS later. */
	errno = posix_fallocate(fd, 0, sizeof head);
	if (errno || pwrite(fd, &head, offsetof(struct table, slots), 0) !=
			 (ssize_t)offsetof(struct table, slots))
		goto out;
	if (linkat(dir_fd, temporary, dir_fd, NAME, 0) == 0 || errno == EEXIST)
		status = ST_OK;
out:
	close(fd);
	unlinkat(dir_fd, temporary, 0);
	return status;
}

/* ST_NOT_FOUND: there is none, or one of another version (it is removed). */
static enum status map_table(struct limit *limit, int dir_fd, const struct stat *dir)
{
	int fd = openat(dir_fd, NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	enum status status = ST_DENIED;
	struct stat st;
	void *map = MAP_FAILED;

	if (fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : errno == EACCES ? ST_DENIED : ST_IO;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 007) ||
	    (st.st_uid != geteuid() && st.st_uid != dir->st_uid && !(dir->st_mode & S_IWGRP)))
		goto out;
	status = ST_NOT_FOUND;
	if (st.st_size == sizeof(struct table)) {
		map = mmap(NULL, sizeof(struct table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		status = map == MAP_FAILED ? ST_IO : ST_OK;
	}
	limit->table = map == MAP_FAILED ? NULL : map;
	if (status == ST_OK && limit->table->magic != MAGIC)
		status = ST_NOT_FOUND;
	if (status == ST_NOT_FOUND)
		unlinkat(dir_fd, NAME, 0);
	if (status != ST_OK && limit->table) {
		munmap(limit->table, sizeof *limit->table);
		limit->table = NULL;
	}
out:
	close(fd);
	return status;
}

enum status limit_open(struct limit **out, const char *dir, const struct config *config,
		       struct reason *why)
{
	enum status status = ST_NO_MEMORY;
	struct limit *limit;
	struct stat st;
	int dir_fd = -1;

	*out = NULL;
	if (config->limit_requests_per_minute == 0)
		return ST_OK;
	limit = calloc(1, sizeof *limit);
	if (limit && sodium_init() >= 0) {
		limit->interval = 60 * TICKS_PER_S / (uint64_t)config->limit_requests_per_minute;
		limit->burst = limit->interval * (uint64_t)config->limit_burst;
		dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		status = dir_fd < 0 || fstat(dir_fd, &st) != 0 ? ST_IO : ST_NOT_FOUND;
	}
	for (int try = 0; try < TRIES && status == ST_NOT_FOUND; try++) {
		status = map_table(limit, dir_fd, &st);
		if (status == ST_NOT_FOUND) {
			status = make_table(dir_fd, &st);
			status = status == ST_OK ? ST_NOT_FOUND : status;
		}
	}
	if (status != ST_OK)
		reason_set(why, status, "%s/" NAME ": %s", dir, status_text(status));
	if (dir_fd >= 0)
		close(dir_fd);
	if (status == ST_OK)
		*out = limit;
	else
		limit_close(limit);
	return status;
}

void limit_close(struct limit *limit)
{
	if (!limit)
		return;
	if (limit->table)
		munmap(limit->table, sizeof *limit->table);
	free(limit);
}

/* What of the address names a client, eight bytes; false: nobody. */
static bool client_of(const char *text, unsigned char client[8])
{
	static const unsigned char loopback[16] = {[15] = 1};
	struct net_address address;

	if (!text || !net_address_read(&address, text, strlen(text)))
		return false;
	memset(client, 0, 8);
	if (address.v4)
		memcpy(client, address.ip + 12, 4);
	else
		memcpy(client, address.ip, 8);
	return address.v4 ? client[0] != 127 : memcmp(address.ip, loopback, 16) != 0;
}

/* The slot of the tag, or the one with the least ahead of it. */
static _Atomic uint64_t *slot_of(_Atomic uint64_t *line, uint64_t tag, uint64_t *word)
{
	_Atomic uint64_t *least = line;

	*word = UINT64_MAX;
	for (size_t i = 0; i < LINE_SLOTS; i++) {
		uint64_t found = atomic_load_explicit(&line[i], memory_order_relaxed);

		if (found >> TIME_BITS == tag) {
			*word = found;
			return &line[i];
		}
		if ((found & TIME_MAX) < (*word & TIME_MAX)) {
			*word = found;
			least = &line[i];
		}
	}
	return least;
}

enum limit_answer limit_take(struct limit *limit, const char *address, size_t n, size_t taken,
			     unsigned *wait_s)
{
	uint64_t key[2], now, hash, tag, word, ahead, cost, own;
	unsigned char client[8], bytes[crypto_shorthash_BYTES];
	_Atomic uint64_t *slot;

	if (!limit || !client_of(address, client))
		return LIMIT_UNKNOWN;
	now = now_ticks();
	word = atomic_load_explicit(&limit->table->key_ends, memory_order_relaxed);
	if (word - now - 1 >= KEY_LIFE) /* over, or set by a foreign clock */
		renew_key(limit->table, word, now);
	for (int i = 0; i < 2; i++)
		key[i] = atomic_load_explicit(&limit->table->key[i], memory_order_relaxed);
	crypto_shorthash(bytes, client, sizeof client, (const unsigned char *)key);
	memcpy(&hash, bytes, sizeof hash);
	tag = hash >> TIME_BITS ? hash >> TIME_BITS : 1;
	cost = n * limit->interval;
	own = taken * limit->interval;
	for (int try = 0; try < CAS_TRIES; try++) {
		slot = slot_of(limit->table->slots[hash % LINES], tag, &word);
		ahead = word >> TIME_BITS == tag && (word & TIME_MAX) > now
			    ? (word & TIME_MAX) - now
			    : 0;
		if (ahead > own && ahead + cost > limit->burst) {
			/* The next try pays for all of it anew. */
			cost += own;
			ahead += cost < limit->burst ? cost : limit->burst;
			*wait_s = (unsigned)((ahead - limit->burst) / TICKS_PER_S) + 1;
			return LIMIT_REFUSE;
		}
		if (atomic_compare_exchange_weak_explicit(
			slot, &word, tag << TIME_BITS | ((now + ahead + cost) & TIME_MAX),
			memory_order_relaxed, memory_order_relaxed))
			return LIMIT_PASS;
	}
	return LIMIT_PASS; /* many threads of this very client: the next one is counted again */
}
