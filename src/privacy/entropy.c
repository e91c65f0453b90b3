/*
 * entropy - one page of random bytes that a fork wipes.
 */
#include "entropy.h"

#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

_Static_assert(sizeof(struct entropy) <= 4096, "one page is what a fork wipes");

enum status entropy_open(struct entropy **out)
{
	struct entropy *entropy = mmap(NULL, sizeof(*entropy), PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*out = NULL;
	if (entropy == MAP_FAILED)
		return ST_IO;
	if (madvise(entropy, sizeof(*entropy), MADV_WIPEONFORK) ||
	    madvise(entropy, sizeof(*entropy), MADV_DONTDUMP)) {
		munmap(entropy, sizeof(*entropy));
		return ST_IO;
	}
	entropy_refill(entropy);
	if (entropy->failed) {
		entropy_close(entropy);
		return ST_IO;
	}
	*out = entropy;
	return ST_OK;
}

void entropy_close(struct entropy *entropy)
{
	if (!entropy)
		return;
	sodium_memzero(entropy, sizeof(*entropy));
	munmap(entropy, sizeof(*entropy));
}

void entropy_refill(struct entropy *entropy)
{
	unsigned char key[randombytes_SEEDBYTES];

	if (!entropy->failed && getrandom(key, sizeof(key), 0) == (ssize_t)sizeof(key))
		randombytes_buf_deterministic(entropy->bytes, sizeof(entropy->bytes), key);
	else
		entropy->failed = true;
	if (entropy->failed)
		memset(entropy->bytes, 0, sizeof(entropy->bytes));
	entropy->left = sizeof(entropy->bytes);
	sodium_memzero(key, sizeof(key));
}
