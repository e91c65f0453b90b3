/*
 * codec - compressed input and output; one row per method, picked by magic.
 *
 * decode and encode move as much as they can: *in_len and *out_len come in as what
 * there is and go out as what was used.
 */
#ifndef SANITIZE_CODEC_H
#define SANITIZE_CODEC_H

#include <stddef.h>

#include "cause.h"

struct codec {
	const char *name, *suffix, *magic;
	size_t magic_len;
	bool padded; /* zero bytes may stand behind a member, as tapes have them */
	void *(*decoder_new)(void);
	/* *ended: a member is complete; another may follow. -1: the data is damaged. */
	int (*decode)(void *decoder, const char *in, size_t *in_len, char *out, size_t *out_len,
		      bool *ended, struct cause *cause);
	void (*decoder_free)(void *decoder);
	void *(*encoder_new)(void);
	/* finish: no input will follow; call again until *ended. */
	int (*encode)(void *encoder, const char *in, size_t *in_len, char *out, size_t *out_len,
		      bool finish, bool *ended, struct cause *cause);
	void (*encoder_free)(void *encoder);
};

extern const struct codec codec_gzip, codec_zstd;

/* By the first bytes; NULL: plain. */
const struct codec *codec_by_magic(const char *data, size_t len);
/* By the end of a file's name; NULL: plain. */
const struct codec *codec_by_name(const char *path);

#endif
