/*
 * feed - puts events on the spool without a web server in front, for tests of what
 * comes after it.
 *
 *   feed <lines     each "ADDRESS<TAB>JSON" as /api/send takes it
 *
 * The configuration comes from the environment. Ends with 0 when every line is on the
 * spool.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway.h"

static const char agent[] =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36";

static int feed_line(struct gateway_worker *worker, char *line)
{
	char *json = strchr(line, '\t');
	struct submission submission = {.address = line, .user_agent = agent};
	struct verdicts verdicts;

	if (!json)
		return 0;
	*json++ = '\0';
	json[strcspn(json, "\n")] = '\0';
	submission.body = json;
	submission.len = strlen(json);
	gateway_accept(worker, &submission, &verdicts);
	return verdicts.whole.fate == FATE_ACCEPTED;
}

static enum status feed_all(struct gateway *gateway)
{
	struct gateway_worker *worker;
	enum status status = gateway_worker_new(&worker, gateway);
	char *line = NULL;
	size_t cap = 0;

	if (status != ST_OK)
		return status;
	while (status == ST_OK && getline(&line, &cap, stdin) > 0) {
		if (!feed_line(worker, line))
			status = ST_INVALID;
	}
	free(line);
	gateway_worker_free(worker);
	return status;
}

int main(void)
{
	struct reason why = {.text = ""};
	struct gateway *gateway;
	struct config *config;
	enum status status = config_load(&config, NULL, 0, NULL, &why);

	if (status == ST_OK) {
		status = gateway_open(&gateway, config, &why);
		if (status == ST_OK) {
			status = feed_all(gateway);
			gateway_close(gateway);
		}
		config_free(config);
	}
	if (status != ST_OK)
		fprintf(stderr, "feed: %s %s\n", status_text(status), why.text);
	return status_exit(status);
}
