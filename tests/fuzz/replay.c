/*
 * replay - a fuzz target as a test: every file of its corpus, then mutations of each by
 * a fixed pseudo-random sequence, so that a failure can be repeated.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX 65536
#define MUTATIONS 400

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static size_t mutate(uint8_t *data, size_t size)
{
	static const char signs[] = "\"\\{}[],:u0%@/.eE-\xff\x00\x80 ";
	size_t at = size ? next() % size : 0, n = size ? next() % 16 % (size - at) : 0;

	switch (next() % 5) {
	case 0: /* another byte */
		if (size)
			data[at] = (uint8_t)next();
		return size;
	case 1: /* a sign that means something */
		if (size)
			data[at] = (uint8_t)signs[next() % (sizeof(signs) - 1)];
		return size;
	case 2: /* a piece less */
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	case 3: /* a piece twice */
		if (size + n > INPUT_MAX)
			return size;
		memmove(data + at + n, data + at, size - at);
		return size + n;
	default: /* the end is missing */
		return at;
	}
}

/* In memory of exactly its size, so that reading past the end is seen. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	MUST(copy);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_file(const char *path)
{
	static uint8_t original[INPUT_MAX], data[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;

	MUST(file);
	size = fread(original, 1, sizeof(original), file);
	fclose(file);
	run(original, size);
	for (int i = 0; i < MUTATIONS; i++) {
		size_t now = size;

		memcpy(data, original, size);
		for (uint64_t k = next() % 4; k > 0 || now == size; k -= k > 0) {
			now = mutate(data, now);
			if (k == 0)
				break;
		}
		run(data, now);
	}
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *name = strrchr(argv[0], '_');
	struct dirent **entries;
	char dir[2048], path[4096];
	int n, files = 0;

	(void)argc;
	MUST(name);
	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", top ? top : ".", name + 1);
	/* In order, so that the mutations are the same ones everywhere. */
	n = scandir(dir, &entries, NULL, alphasort);
	MUST(n > 0);
	puts("1..1");
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
			run_file(path);
			files++;
		}
		free(entries[i]);
	}
	free(entries);
	MUST(files > 0);
	printf("ok 1 - %d files of %s and %d mutations of each\n", files, name + 1, MUTATIONS);
	return 0;
}
