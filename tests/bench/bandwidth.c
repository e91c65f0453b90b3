/*
 * bandwidth - what memory gives one core: the ceiling of anything that reads a log,
 * looks at every byte and writes it again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BYTES ((size_t)256 << 20)
#define ROUNDS 5

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t sum(const unsigned char *data)
{
	uint64_t total = 0, word;

	for (size_t i = 0; i < BYTES; i += sizeof(word)) {
		memcpy(&word, data + i, sizeof(word));
		total += word;
	}
	return total;
}

int main(void)
{
	unsigned char *from = malloc(BYTES), *to = malloc(BYTES);
	double best_sum = 1e9, best_copy = 1e9;
	volatile uint64_t sink;

	if (!from || !to)
		return 1;
	memset(from, 'x', BYTES);
	memset(to, 'y', BYTES);
	for (int i = 0; i < ROUNDS; i++) {
		double begin = now();
		sink = sum(from);
		double middle = now();
		memcpy(to, from, BYTES);
		double end = now();
		sink = to[i];
		best_sum = middle - begin < best_sum ? middle - begin : best_sum;
		best_copy = end - middle < best_copy ? end - middle : best_copy;
	}
	(void)sink;
	printf("Memory of one core: reading %.1f GB/s, copying %.1f GB/s.\n",
	       (double)BYTES / 1e9 / best_sum, (double)BYTES / 1e9 / best_copy);
	free(from);
	free(to);
	return 0;
}
