/*
 * import_rule - method, status, extension.
 */
#include "import_rule.h"

#include <string.h>
#include <strings.h>

static const char *const assets[] = {
#define ASSET(extension) extension,
#include "import_asset.def"
#undef ASSET
};

/* The extension of the path's last part; NULL without one. *len: its length. */
static const char *extension_of(const char *url, size_t *len)
{
	size_t path = strcspn(url, "?#");

	for (size_t i = path; i > 0 && url[i - 1] != '/'; i--)
		if (url[i - 1] == '.') {
			*len = path - i;
			return url + i;
		}
	return NULL;
}

static bool is_asset(const char *url)
{
	size_t len;
	const char *extension = extension_of(url, &len);

	for (size_t i = 0; extension && i < sizeof(assets) / sizeof(assets[0]); i++)
		if (strlen(assets[i]) == len && strncasecmp(assets[i], extension, len) == 0)
			return true;
	return false;
}

enum import_verdict import_rule(const struct import_line *line, bool with_assets)
{
	if (strcmp(line->method, "GET") != 0)
		return IMPORT_METHOD;
	if (line->status < 200 || line->status > 399)
		return IMPORT_STATUS;
	if (!with_assets && is_asset(line->url))
		return IMPORT_ASSET;
	return IMPORT_VIEW;
}
