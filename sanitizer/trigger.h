/*
 * trigger - which bytes can begin a candidate, per rule set.
 */
#ifndef SANITIZER_TRIGGER_H
#define SANITIZER_TRIGGER_H

enum {
	TRIGGER_EDGE = 1, /* may follow a name's last letter */
	TRIGGER_JWT = 2,
	TRIGGER_ANCHOR = 4, /* first byte of a literal anchor */
	TRIGGER_NUMBER = 8,
	TRIGGER_IBAN = 16,
};

#endif
