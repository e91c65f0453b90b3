/*
 * audit - see audit.h.
 */
#include "audit.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "state.h"

enum status audit_write(const struct config *config, const char *token_id, const char *what,
			int code)
{
	char path[STATE_PATH_BYTES], line[256], stamp[32];
	time_t now = time(NULL);
	enum status status;
	struct tm tm;

	state_path(path, config, STATE_AUDIT);
	int fd = file_open_shared(path, O_WRONLY | O_APPEND, 0660);
	if (fd < 0)
		return ST_IO;
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	int n = snprintf(line, sizeof(line), "%s %s %s %d\n", stamp, token_id, what, code);
	status = file_write_all(fd, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
	close(fd);
	return status;
}
