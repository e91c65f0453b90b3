/*
 * fate - what became of an event that came in.
 */
#ifndef TAMIS_FATE_H
#define TAMIS_FATE_H

enum fate {
	FATE_ACCEPTED, /* on the spool */
	FATE_BOT,      /* valid, from a bot, not kept */
	FATE_NETWORK,  /* these three: valid, shut out by configuration, not kept */
	FATE_HOSTNAME,
	FATE_REFERRER,
	FATE_DISABLED, /* not kept: switched off, or the visitor asks not to be tracked */
	FATE_INVALID,  /* struct verdict's problem says why */
	FATE_WEBSITE,  /* a website that is not taken here */
	FATE_REFUSED,  /* struct verdict's status says why: ST_FULL, ST_IO, ST_NO_MEMORY … */
};

#endif
