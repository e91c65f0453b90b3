# src/forward - from the spool to the upstream; the only room that speaks curl.
noinst_LTLIBRARIES += libtamis_forward.la
FORWARD_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/event -I$(top_srcdir)/src/spool \
	-I$(top_srcdir)/src/count -I$(top_srcdir)/src/forward $(CURL_CFLAGS) $(CJSON_CFLAGS)
libtamis_forward_la_CPPFLAGS = $(FORWARD_CPPFLAGS) -DTAMIS_VERSION='"$(VERSION)"'
libtamis_forward_la_SOURCES = \
	%D%/backoff.c %D%/backoff.h \
	%D%/batch.c %D%/batch.h \
	%D%/errand.c %D%/errand.h \
	%D%/forward.c %D%/forward.h %D%/work.h \
	%D%/health.c %D%/health.h \
	%D%/intake.c \
	%D%/item.c %D%/item.h \
	%D%/lane.c %D%/lane.h \
	%D%/mark.c \
	%D%/pace.c %D%/pace.h \
	%D%/post.c %D%/post.h \
	%D%/probe.c %D%/probe.h \
	%D%/settle.c \
	%D%/sink_umami.c %D%/sink.h \
	%D%/witness.c %D%/witness.h
libtamis_forward_la_LIBADD = $(CURL_LIBS) $(CJSON_LIBS)
