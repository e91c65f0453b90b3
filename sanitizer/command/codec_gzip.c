/*
 * codec_gzip - gzip by zlib. Members may follow one another (RFC 1952, 2.2).
 */
#include <stdlib.h>
#include <zlib.h>

#include "codec.h"

/* zlib's window of 32 KiB, with the gzip header. */
#define GZIP_WINDOW (15 + 16)

static uInt clamp(size_t n)
{
	return n > 1U << 30 ? 1U << 30 : (uInt)n;
}

static void give(z_stream *z, const char *in, size_t in_len, char *out, size_t out_len)
{
	z->next_in = (z_const Bytef *)(size_t)in;
	z->avail_in = clamp(in_len);
	z->next_out = (Bytef *)out;
	z->avail_out = clamp(out_len);
}

static void take(const z_stream *z, const char *in, size_t *in_len, const char *out,
		 size_t *out_len)
{
	*in_len = (size_t)((const char *)z->next_in - in);
	*out_len = (size_t)((const char *)z->next_out - out);
}

static void *decoder_new(void)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && inflateInit2(z, GZIP_WINDOW) != Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static int decode(void *decoder, const char *in, size_t *in_len, char *out, size_t *out_len,
		  bool *ended, struct cause *cause)
{
	z_stream *z = decoder;
	int rc;

	give(z, in, *in_len, out, *out_len);
	rc = inflate(z, Z_NO_FLUSH);
	take(z, in, in_len, out, out_len);
	*ended = rc == Z_STREAM_END;
	if (*ended)
		inflateReset(z);
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		return 0;
	return cause_set(cause, "damaged gzip data%s%s", z->msg ? ": " : "", z->msg ? z->msg : "");
}

static void decoder_free(void *decoder)
{
	inflateEnd(decoder);
	free(decoder);
}

static void *encoder_new(void)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
			      Z_DEFAULT_STRATEGY) != Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static int encode(void *encoder, const char *in, size_t *in_len, char *out, size_t *out_len,
		  bool finish, bool *ended, struct cause *cause)
{
	z_stream *z = encoder;
	int rc;

	give(z, in, *in_len, out, *out_len);
	rc = deflate(z, finish ? Z_FINISH : Z_NO_FLUSH);
	take(z, in, in_len, out, out_len);
	*ended = rc == Z_STREAM_END;
	if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
		return 0;
	return cause_set(cause, "gzip failed");
}

static void encoder_free(void *encoder)
{
	deflateEnd(encoder);
	free(encoder);
}

const struct codec codec_gzip = {
    .name = "gzip",
    .suffix = ".gz",
    .magic = "\x1f\x8b",
    .magic_len = 2,
    .padded = true,
    .decoder_new = decoder_new,
    .decode = decode,
    .decoder_free = decoder_free,
    .encoder_new = encoder_new,
    .encode = encode,
    .encoder_free = encoder_free,
};
