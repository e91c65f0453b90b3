/*
 * libtamis - private analytics in process: what tamis.fcgi does with a request, as a call.
 *
 * A handle serves all threads of a process, and after fork() the child as well: it opens
 * its own part at the first call and leaves its parent's alone. No signal handler, exit,
 * standard output, umask or locale is touched. Functions return >= 0, or one of TAMIS_E.
 */
#ifndef LIBTAMIS_H
#define LIBTAMIS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define TAMIS_VERSION "0.1.0"

#define TAMIS_EINVALID (-1)  /* an argument, or an event that is not taken: why says which field */
#define TAMIS_ETOOLARGE (-2) /* over a limit of size or depth */
#define TAMIS_ELIMITED (-3)  /* over limit.requests_per_minute, where that is set */
#define TAMIS_EFULL (-4)     /* the spool or the disk is full; nothing was kept */
#define TAMIS_EIO (-5)	     /* a file failed; nothing was kept */
#define TAMIS_ENOMEM (-6)
#define TAMIS_ECONFIG (-7) /* why names file, line and key */
#define TAMIS_EDENIED (-8) /* a file or directory is not this user's to use */
#define TAMIS_EBUSY (-9)   /* no place for another counting thread */
#define TAMIS_ETIME (-10)  /* not all was delivered in time; what was accepted is kept */

enum tamis_kept {
	TAMIS_NOT_KEPT, /* a bot, Do Not Track, shut out, disabled: why says which */
	TAMIS_KEPT,
	TAMIS_DELIVERED, /* with umami.async.enabled: false */
};

#define TAMIS_FORWARD 1u  /* forward from a thread of this process while nobody else does */
#define TAMIS_SETTINGS 2u /* only read the settings, for tamis_setting(): no file is opened */
#define TAMIS_REMOTE 4u	  /* tamis_increment() to app.responder_url, and nothing else of this */

struct tamis_options {
	size_t size;		     /* sizeof(struct tamis_options) */
	const char *app_name;	     /* hostname of events that name none */
	const char *config_path;     /* NULL: as the programs, $TAMIS_CONFIG or the system's file */
	const char *const *settings; /* NULL-ended "state.dir=/srv/x"; over file and environment */
	unsigned flags;
};

/* What is known of the visitor; raw, borrowed for the call, NULL where unknown. */
struct tamis_visitor {
	size_t size; /* sizeof(struct tamis_visitor) */
	const char *address, *user_agent;
	int do_not_track; /* DNT: 1 or Sec-GPC: 1 */
};

struct tamis;

/* options NULL: defaults. why (why_size bytes, may be NULL) gets a sentence where it fails. */
int tamis_start(struct tamis **out, const struct tamis_options *options, char *why,
		size_t why_size);
/*
 * One event, as POST /api/send takes it; a payload without website, hostname or url gets
 * the configured website, app_name and "/". On return it is safe from kill -9, from a
 * power cut as spool.sync says. Blocks for a write; with umami.async.enabled: false, where
 * this process forwards, until it was delivered, for forward.timeout_seconds at most.
 * Returns enum tamis_kept, or an error: why, never with a piece of the event.
 */
int tamis_send(struct tamis *tamis, const char *json, size_t len,
	       const struct tamis_visitor *visitor, char *why, size_t why_size);
/* Count a request: route is a template, "/orders/{id}", strained; status 0: there is none. */
int tamis_route(struct tamis *tamis, const char *method, const char *route, int status,
		uint64_t duration_us);
/*
 * A GET that was answered with a page: tamis_route(), and the event of a page view. told is what
 * the server knows of the request, raw: six texts with a NUL behind each, empty where unknown:
 * host (perhaps with a port), query, referrer, address, user agent, and the path, decoded. One
 * buffer and no struct, as bindings would take longer to convert them one by one than all of this
 * does. A path that holds a NUL (%00) is for tamis_send(). Returns as tamis_send().
 */
#define TAMIS_QUERY 1u /* queries may get into the URL and the referrer */
#define TAMIS_DNT 2u   /* DNT: 1 or Sec-GPC: 1 */
int tamis_page(struct tamis *tamis, const char *route, int status, unsigned duration_us,
	       const char *told, unsigned flags);
/*
 * Count one thing, or count of them, that counts.registry declares; today. event_id and
 * source NULL where there is none. On return it is safe from kill -9; `tamis rollup` brings
 * it into the store. 0, or an error: why names the field, never a value.
 */
int tamis_count(struct tamis *tamis, const char *event_name, const char *event_id,
		const char *source, uint64_t count, char *why, size_t why_size);
/*
 * Count once, for releases, what counts.registry declares with a mechanism: dimensions are
 * "name=value", NULL-ended. visitor->address is whose contribution it is; it is hashed and
 * kept nowhere. Where the registry says krr the answer is replaced at random first.
 * With TAMIS_REMOTE it leaves in a batch, in an order and at a moment (app.jitter_seconds) that are
 * drawn, or with tamis_flush(); it takes app.token_file and counts.registry, and without an address
 * it is this device's.
 * 1: counted. 0: the visitor asks not to be tracked. TAMIS_ELIMITED: of this client nothing
 * more counts today. Other errors: why names the field, never a value.
 */
int tamis_increment(struct tamis *tamis, const char *metric, const char *const *dimensions,
		    const struct tamis_visitor *visitor, char *why, size_t why_size);
/*
 * What counts of this visitor's client today, a number a metric, as JSON:
 * {"m":{"used":1,"allowed":10, "epsilon":2.000000}}; epsilon is what its randomised answers told at
 * most. With TAMIS_REMOTE: what this process has told. Writes and returns as tamis_metrics().
 */
int tamis_budget(struct tamis *tamis, const struct tamis_visitor *visitor, char *buf, size_t size);
/*
 * What was accepted before is on the disk: 0; and, where this process forwards, was taken
 * by the upstream or set aside: 1. TAMIS_ETIME: not that within timeout_ms.
 */
int tamis_flush(struct tamis *tamis, int timeout_ms);
/* Flush and end, within a second. No other call may be under way or follow. NULL is fine. */
int tamis_stop(struct tamis *tamis);

/* These two write a text with its NUL if it fits size, and return its length in any case. */
int tamis_metrics(struct tamis *tamis, char *buf, size_t size); /* Prometheus, version 0.0.4 */
/* A setting in force, "umami.website_id"; lists by lines, secrets never. TAMIS_EINVALID: no key. */
int tamis_setting(const struct tamis *tamis, const char *key, char *buf, size_t size);

/*
 * level: 0 error, 1 warning, 2 notice, 3 an event under umami.debug. Called at the end of a call
 * (never of tamis_route()), on its thread and without a lock, also with what threads of the
 * library had to say. For the whole process; NULL, the default: silence.
 */
typedef void tamis_log_fn(void *context, int level, const char *line);
void tamis_log(tamis_log_fn *write, void *context);
const char *tamis_strerror(int error);
const char *tamis_version(void); /* of the library that runs */

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
