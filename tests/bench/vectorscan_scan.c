/*
 * vectorscan_scan - the peer: the fastest multi-pattern matcher, detecting only.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <hs.h>

static const char *const eight[] = {
    "eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]*",
    "[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+\\.[A-Za-z]{2,}",
    "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|AIza[0-9A-Za-z_-]{35}",
    "(token|password|passwd|pwd|secret|api_?key|sessionid|signature)=[^&\\s]",
    "\\b[3-6][0-9]{3}([ -]?[0-9]){9,15}\\b",
    "\\+[1-9][0-9]{7,14}|\\b[2-9][0-9]{2}[-. ][0-9]{3}[-. ][0-9]{4}\\b",
    "\\b[0-9a-fA-F]{32,}\\b",
};
#define PATTERNS (sizeof(eight) / sizeof(*eight))

static int count(unsigned int id, unsigned long long from, unsigned long long to,
		 unsigned int flags, void *context)
{
	(void)id, (void)from, (void)to, (void)flags;
	++*(unsigned long *)context;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned flags[PATTERNS], ids[PATTERNS];
	unsigned long matches = 0;
	hs_database_t *db;
	hs_compile_error_t *error;
	hs_scratch_t *scratch = NULL;
	struct stat st;
	int fd;

	if (argc != 2 || (fd = open(argv[1], O_RDONLY)) < 0 || fstat(fd, &st))
		return 2;
	for (unsigned i = 0; i < PATTERNS; i++) {
		flags[i] = HS_FLAG_DOTALL;
		ids[i] = i;
	}
	if (hs_compile_multi(eight, flags, ids, PATTERNS, HS_MODE_BLOCK, NULL, &db, &error) ||
	    hs_alloc_scratch(db, &scratch))
		return 2;
	const char *text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return 2;
	if (hs_scan(db, text, (unsigned)st.st_size, 0, scratch, count, &matches))
		return 2;
	printf("%lu\n", matches);
	return 0;
}
