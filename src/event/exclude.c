/*
 * exclude - spam domains in one sorted table, asked for the referrer's host and every
 * domain above it.
 */
#include "exclude.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "net.h"
#include "payload.h"
#include "url.h"

#define FILE_MAX_BYTES ((size_t)16 << 20)
#define HOST_MAX_BYTES 253
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct exclude {
	const struct config *config;
	struct nets networks;
	struct buf file; /* the names' text */
	const char **spam;
	size_t n_spam;
};

static int compare(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t without_dot(const char *name, size_t len)
{
	return len > 1 && name[len - 1] == '.' ? len - 1 : len;
}

/* The domain of a line as lists write it: "x.example", ".x.example.", "*.x.example", a URL. */
static char *domain_of(char *line)
{
	char *host;

	line += strspn(line, " \t");
	host = *line == '#' ? NULL : strstr(line, "://");
	line = host ? host + 3 : line;
	line += strspn(line, "*.");
	line[strcspn(line, host ? " \t\r/:?#" : " \t\r/")] = '\0';
	line[without_dot(line, strlen(line))] = '\0';
	return line;
}

/* One domain a line; blanks around it, empty lines and those that begin with # count for nothing.
 */
static enum status read_names(struct exclude *exclude)
{
	char *rest = exclude->file.data, *line;
	size_t lines = 1;

	if (rest && strncmp(rest, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		rest += strlen(BYTE_ORDER_MARK);

	for (const char *p = rest; p && *p; p++)
		lines += *p == '\n';
	exclude->spam = calloc(lines, sizeof(*exclude->spam));
	if (!exclude->spam)
		return ST_NO_MEMORY;
	while ((line = strsep(&rest, "\n"))) {
		line = domain_of(line);
		if (*line && *line != '#')
			exclude->spam[exclude->n_spam++] = line;
	}
	qsort(exclude->spam, exclude->n_spam, sizeof(*exclude->spam), compare);
	return ST_OK;
}

static enum status read_spam(struct exclude *exclude, struct reason *why)
{
	const char *path = exclude->config->exclude_referrer_file;
	enum status status;

	if (!path || !*path)
		return ST_OK;
	status = file_read(path, &exclude->file);
	if (status == ST_OK)
		status = read_names(exclude);
	if (status != ST_OK)
		return reason_set(why, status, "exclude.referrer_file: %s: %s", path,
				  status_text(status));
	return ST_OK;
}

enum status exclude_open(struct exclude **out, const struct config *config, struct reason *why)
{
	struct exclude *exclude = calloc(1, sizeof(*exclude));
	enum status status;

	if (!exclude)
		return reason_set(why, ST_NO_MEMORY, "exclude: out of memory");
	exclude->config = config;
	buf_init(&exclude->file, FILE_MAX_BYTES);
	status = nets_read(&exclude->networks, &config->exclude_networks, "exclude.networks", why);
	if (status == ST_OK)
		status = read_spam(exclude, why);
	if (status == ST_OK)
		*out = exclude;
	else
		exclude_close(exclude);
	return status;
}

void exclude_close(struct exclude *exclude)
{
	if (!exclude)
		return;
	nets_free(&exclude->networks);
	buf_free(&exclude->file);
	free(exclude->spam);
	free(exclude);
}

static bool is_own(const struct exclude *exclude, const struct event *event,
		   const struct sender *sender)
{
	struct text ip = event_text(event, FIELD_IP);
	const char *address = sender->address;
	struct net_address read;

	if (exclude->networks.n == 0)
		return false;
	if (net_address_read(&read, ip.data, ip.len) && nets_have(&exclude->networks, &read))
		return true;
	return address && net_address_read(&read, address, strlen(address)) &&
	       nets_have(&exclude->networks, &read);
}

static bool is_host(struct text host, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(name, "*.", 2) == 0) {
		name++;
		len--;
		return host.len > len && strncasecmp(host.data + host.len - len, name, len) == 0;
	}
	return host.len == len && strncasecmp(host.data, name, len) == 0;
}

/* An event that names no host is nobody else's. */
static bool is_foreign(const struct exclude *exclude, const struct event *event)
{
	const struct config_list *hosts = &exclude->config->umami_hostnames;
	struct text host = event_text(event, FIELD_HOSTNAME);
	const char *colon;

	if (hosts->n == 0)
		return false;
	if (host.len == 0)
		host = url_host(event_text(event, FIELD_URL));
	colon = host.len ? memchr(host.data, ':', host.len) : NULL;
	if (colon)
		host.len = (size_t)(colon - host.data);
	host.len = without_dot(host.data, host.len);
	for (size_t i = 0; i < hosts->n && host.len; i++)
		if (is_host(host, hosts->items[i]))
			return false;
	return host.len > 0;
}

static bool is_spam(const struct exclude *exclude, const struct event *event)
{
	char name[HOST_MAX_BYTES + 1];
	const char *p = name;
	struct text host;

	if (exclude->n_spam == 0)
		return false;
	host = url_host(event_text(event, FIELD_REFERRER));
	if (host.len == 0 || host.len > HOST_MAX_BYTES)
		return false;
	host.len = without_dot(host.data, host.len);
	memcpy(name, host.data, host.len);
	name[host.len] = '\0';
	while (p) {
		if (bsearch(&p, exclude->spam, exclude->n_spam, sizeof(*exclude->spam), compare))
			return true;
		p = strchr(p, '.');
		p = p ? p + 1 : NULL;
	}
	return false;
}

enum event_fate exclude_fate(const struct exclude *exclude, const struct event *event,
			     const struct sender *sender)
{
	if (is_own(exclude, event, sender))
		return EVENT_NETWORK;
	if (is_foreign(exclude, event))
		return EVENT_HOSTNAME;
	return is_spam(exclude, event) ? EVENT_REFERRER : EVENT_KEPT;
}
