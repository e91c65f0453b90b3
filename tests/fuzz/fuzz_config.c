/*
 * fuzz_config - any bytes as a configuration file: settings within their bounds, which
 * load again from what config_show() prints of them, or an error that says something.
 */
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "file.h"
#include "fuzz.h"

static char path[] = "/tmp/tamis-fuzz-config-XXXXXX";

static void remove_file(void)
{
	(void)unlink(path);
}

static void make_file(void)
{
	static int fd = -1;

	if (fd >= 0)
		return;
	fd = mkstemp(path);
	MUST(fd >= 0);
	MUST(atexit(remove_file) == 0);
}

/* Not replaced atomically: a fuzzer need not wait for the disk. */
static void write_file(const void *data, size_t size)
{
	FILE *file = fopen(path, "we");

	MUST(file);
	MUST(fwrite(data, 1, size, file) == size);
	MUST(fclose(file) == 0);
}

static void check(const struct config *config)
{
	struct config *again;
	struct reason why;
	struct buf text;

	MUST(config->async_batch_size >= 1 && config->async_batch_size <= 1000);
	MUST(config->spool_sync <= 2);
	MUST(strncmp(config->umami_api_url, "http", 4) == 0);
	MUST(config->sanitize || config->sanitize_unsafe);
	if (*config->umami_api_key) /* shown as ***, which another key is */
		return;
	buf_init(&text, 1 << 24);
	config_show(config, &text);
	MUST(buf_ok(&text));
	write_file(text.data, text.len);
	buf_free(&text);
	MUST(config_load(&again, path, 0, NULL, &why) == ST_OK);
	MUST(strcmp(again->state_dir, config->state_dir) == 0);
	MUST(again->async_batch_size == config->async_batch_size);
	MUST(again->umami_websites.n == config->umami_websites.n);
	MUST(again->counters_routes.n == config->counters_routes.n);
	config_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config;
	struct reason why = {""};

	make_file();
	write_file(data, size);
	if (config_load(&config, path, 0, NULL, &why) != ST_OK) {
		MUST(why.text[0]);
		return 0;
	}
	check(config);
	config_free(config);
	return 0;
}
