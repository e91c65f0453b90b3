/*
 * clean_record - the bytes of a clean event, on the spool and in dead letters.
 *
 * Version 1, little-endian, nothing aligned beyond what the offsets give:
 *
 *   offset  bytes  what
 *        0      4  "tce\x01", magic and version
 *        4      1  enum clean_type
 *        5      1  flags: 1 = a page view
 *        6      2  R, length of the route
 *        8      4  J, length of the JSON
 *       12      4  T, length of the session's token
 *       16      8  time of receipt, µs since 1970 UTC, signed
 *       24      8  visitor: equal for one visitor's events
 *       32     32  redactions by enum san_class, 16 numbers of 2 bytes
 *       64     16  repairs by enum repair, 16 numbers of 1 byte
 *       80     37  UUID of website, link or pixel in lower case, and a NUL
 *      117      3  0
 *      120      J  {"type":…,"payload":{…}}, and a NUL
 *  120+J+1      R  route, and a NUL
 *  122+J+R      T  where T > 0: the token that goes along as x-umami-cache, and a NUL
 *
 * A record of another length than 122 + J + R + (T > 0 ? T + 1 : 0) is none.
 */
#ifndef TAMIS_EVENT_CLEAN_RECORD_H
#define TAMIS_EVENT_CLEAN_RECORD_H

#include "clean.h"
#include "session.h"
#include "text.h"

#define CLEAN_REPAIRS 16 /* at least REPAIRS */
#define CLEAN_HEAD_BYTES 120
#define CLEAN_SOURCE_BYTES 37

struct clean_head {
	enum clean_type type;
	bool view;
	int64_t received_us;
	uint64_t visitor;
	uint16_t redactions[CLEAN_CLASSES];
	uint8_t repairs[CLEAN_REPAIRS];
	char source[CLEAN_SOURCE_BYTES];
	const struct session *session; /* NULL: unknown. Its token is kept where Umami knows it */
};

/*
 * writer holds CLEAN_HEAD_BYTES of anything and the JSON behind them; route follows.
 * *out takes the writer's memory over.
 */
MUST_CHECK enum status clean_make(struct clean **out, struct writer *writer,
				  const struct clean_head *head, struct text route);

#endif
