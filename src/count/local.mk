# src/count - what processes count together in mapped memory: the counters, and how much a
# client has sent (limit.c: the same kind of table, in memory only). Nothing installed.
noinst_LTLIBRARIES += libtamis_count.la
libtamis_count_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/count -I$(top_srcdir)/src/event \
	-I$(top_srcdir)/src/base -I$(top_srcdir)/src -I$(top_srcdir)/sanitizer $(SODIUM_CFLAGS)
libtamis_count_la_SOURCES = \
	%D%/metric.def %D%/bucket.def %D%/bucket.h \
	%D%/counters.c %D%/counters.h \
	%D%/cells.h \
	%D%/lanes.c %D%/lanes.h \
	%D%/layout.c %D%/layout.h \
	%D%/limit.c %D%/limit.h \
	%D%/look.c \
	%D%/map.c %D%/map.h \
	%D%/routes.c %D%/routes.h %D%/served.h \
	%D%/text.c
libtamis_count_la_LIBADD = $(SODIUM_LIBS)
