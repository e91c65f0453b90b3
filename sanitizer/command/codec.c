/*
 * codec - see codec.h.
 */
#include "codec.h"

#include <string.h>

static const struct codec *const codecs[] = {&codec_gzip, &codec_zstd};

const struct codec *codec_by_magic(const char *data, size_t len)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++)
		if (len >= codecs[i]->magic_len &&
		    memcmp(data, codecs[i]->magic, codecs[i]->magic_len) == 0)
			return codecs[i];
	return NULL;
}

const struct codec *codec_by_name(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++) {
		size_t n = strlen(codecs[i]->suffix);
		if (len > n && strcmp(path + len - n, codecs[i]->suffix) == 0)
			return codecs[i];
	}
	return NULL;
}
