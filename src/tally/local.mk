# src/tally - increments that wait for the store; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_tally.la
TALLY_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/tally
libtamis_tally_la_CPPFLAGS = $(TALLY_CPPFLAGS)
libtamis_tally_la_SOURCES = \
	%D%/drain.c \
	%D%/lane_file.c %D%/lane_file.h \
	%D%/tally.c %D%/tally.h
