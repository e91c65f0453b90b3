/*
 * codec_zstd - Zstandard frames, one after another (RFC 8878).
 */
#include <zstd.h>

#include "codec.h"

/* 8 MiB: what a decoder must take (RFC 8878, 3.1.1.1.2); bounds the memory. */
#define ZSTD_WINDOW_LOG 23

static void *decoder_new(void)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();

	if (context)
		ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
	return context;
}

static int decode(void *decoder, const char *in, size_t *in_len, char *out, size_t *out_len,
		  bool *ended, struct cause *cause)
{
	ZSTD_inBuffer input = {in, *in_len, 0};
	ZSTD_outBuffer output = {out, *out_len, 0};
	size_t rc = ZSTD_decompressStream(decoder, &output, &input);

	*in_len = input.pos;
	*out_len = output.pos;
	*ended = rc == 0;
	if (ZSTD_isError(rc))
		return cause_set(cause, "damaged zstd data: %s", ZSTD_getErrorName(rc));
	return 0;
}

static void decoder_free(void *decoder)
{
	ZSTD_freeDCtx(decoder);
}

static void *encoder_new(void)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();

	if (context)
		ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	return context;
}

static int encode(void *encoder, const char *in, size_t *in_len, char *out, size_t *out_len,
		  bool finish, bool *ended, struct cause *cause)
{
	ZSTD_inBuffer input = {in, *in_len, 0};
	ZSTD_outBuffer output = {out, *out_len, 0};
	size_t rc =
	    ZSTD_compressStream2(encoder, &output, &input, finish ? ZSTD_e_end : ZSTD_e_continue);

	*in_len = input.pos;
	*out_len = output.pos;
	*ended = finish && rc == 0;
	if (ZSTD_isError(rc))
		return cause_set(cause, "zstd failed: %s", ZSTD_getErrorName(rc));
	return 0;
}

static void encoder_free(void *encoder)
{
	ZSTD_freeCCtx(encoder);
}

const struct codec codec_zstd = {
    .name = "zstd",
    .suffix = ".zst",
    .magic = "\x28\xb5\x2f\xfd",
    .magic_len = 4,
    .decoder_new = decoder_new,
    .decode = decode,
    .decoder_free = decoder_free,
    .encoder_new = encoder_new,
    .encode = encode,
    .encoder_free = encoder_free,
};
