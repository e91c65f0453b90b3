# src/spool - the durable queue between responders and forwarder. Convenience library.
noinst_LTLIBRARIES += libtamis_spool.la
SPOOL_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/event -I$(top_srcdir)/src/spool
libtamis_spool_la_CPPFLAGS = $(SPOOL_CPPFLAGS)
libtamis_spool_la_SOURCES = \
	%D%/adopt.c %D%/adopt.h \
	%D%/commit.c \
	%D%/dead.c %D%/dead.h \
	%D%/find.c \
	%D%/journal.c %D%/journal.h \
	%D%/letter.c %D%/letter.h \
	%D%/load.c \
	%D%/merge.c \
	%D%/owned.c %D%/owned.h \
	%D%/ranges.c %D%/ranges.h \
	%D%/reader.c %D%/reader.h %D%/reading.h \
	%D%/reserve.c %D%/reserve.h \
	%D%/room.c \
	%D%/scan.c %D%/scan.h \
	%D%/segment.c %D%/segment.h \
	%D%/shelf.c %D%/shelf.h \
	%D%/spool.c %D%/spool.h \
	%D%/track.c %D%/track.h \
	%D%/spool_walk.c %D%/spool_walk.h \
	%D%/writer.h
