/*
 * standard_make - run at build time: prints standard.c, see standard.h.
 */
#include "standard.h"

#include <stdio.h>
#include <stdlib.h>

/* Of the library that this program is linked with; the real one is what it prints. */
const union standard_image standard_image;

int main(void)
{
	union standard_image *image = calloc(1, sizeof(*image));

	if (!image || !standard_make(&image->tables)) {
		free(image);
		return EXIT_FAILURE;
	}
	puts("/* Printed by standard_make. */\n#include \"standard.h\"\n");
	puts("const union standard_image standard_image = {.bytes = {");
	for (size_t i = 0; i < sizeof(image->bytes); i++)
		printf("%u,%s", image->bytes[i], i % 32 == 31 ? "\n" : "");
	puts("}};");
	free(image);
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
