#include "unit.h"

#include "straining.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int straining_open(struct straining *straining, void (*change)(struct config *config))
{
	struct config *config = &straining->config;
	struct reason why = {0};

	memset(straining, 0, sizeof(*straining));
	snprintf(straining->key_dir, sizeof(straining->key_dir), "/dev/shm/tamis-test-XXXXXX");
	if (!mkdtemp(straining->key_dir))
		return -1;
	config->sanitize = config->sanitize_emails = config->sanitize_tokens = true;
	config->sanitize_api_keys = config->sanitize_uuids = config->sanitize_phones = true;
	config->sanitize_cards = config->sanitize_hex = config->sanitize_ips = true;
	config->identity_key_dir = straining->key_dir;
	if (change)
		change(config);
	straining->sender = (struct sender){
	    .address = "203.0.113.77", .user_agent = BROWSER, .received_us = NOW_S * US_PER_S + 5};
	straining->arena = arena_new(16u << 20);
	if (strainer_rules_new(&straining->rules, config, 0, &why) != ST_OK) {
		print_error("%s\n", why.text);
		return -1;
	}
	return straining->arena && strainer_new(&straining->strainer, straining->rules) == ST_OK
		   ? 0
		   : -1;
}

void straining_close(struct straining *straining)
{
	DIR *entries = opendir(straining->key_dir);
	struct dirent *entry;
	char path[512];

	while (entries && (entry = readdir(entries))) {
		snprintf(path, sizeof(path), "%s/%s", straining->key_dir, entry->d_name);
		unlink(path);
	}
	if (entries)
		closedir(entries);
	rmdir(straining->key_dir);
	strainer_free(straining->strainer);
	strainer_rules_free(straining->rules);
	arena_free(straining->arena);
}

struct clean *straining_run(struct straining *straining, const char *body, size_t len)
{
	struct problem problem = {0};
	struct event *event;
	struct clean *clean;
	enum status status;

	arena_reset(straining->arena);
	status = event_parse(&event, straining->arena, body, len, &problem);
	if (status == ST_OK)
		status = event_sanitize(&clean, straining->arena, straining->strainer, event,
					&straining->sender);
	if (status == ST_OK)
		return clean;
	print_error("%s: %s\n", status_text(status), problem.n ? problem.items[0].message : "");
	return NULL;
}
