# cgi - the responders tamis.fcgi and tamis.cgi. All but their main() is a library, for its tests.
CGI_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/event -I$(top_srcdir)/src/count \
	-I$(top_srcdir)/src/intake -I$(top_srcdir)/src/access -I$(top_srcdir)/src/registry \
	-I$(top_srcdir)/src/page \
	-I$(top_srcdir)/cgi -Imiddleware/js/served -DTAMIS_VERSION='"$(VERSION)"'
noinst_LTLIBRARIES += libtamis_cgi.la
libtamis_cgi_la_CPPFLAGS = $(CGI_CPPFLAGS)
libtamis_cgi_la_SOURCES = \
	%D%/routes.def \
	%D%/arguments.c %D%/arguments.h \
	%D%/analytics.c %D%/analytics_get.c \
	%D%/api_batch.c \
	%D%/api_counts.c \
	%D%/api_error.c %D%/api_error.h \
	%D%/api_routes.c \
	%D%/api_send.c %D%/endpoint.h \
	%D%/client.c %D%/client.h \
	%D%/counting.c %D%/counting.h \
	%D%/counts_get.c \
	%D%/exchange.c \
	%D%/fastcgi.c %D%/fastcgi.h \
	%D%/kept.c %D%/kept.h \
	%D%/listen.c %D%/listen.h \
	%D%/once.c %D%/once.h \
	%D%/ops.c \
	%D%/pixel.c \
	%D%/privacy_page.c \
	%D%/query_text.c %D%/query_text.h \
	%D%/request.c %D%/request.h \
	%D%/response.c %D%/response.h \
	%D%/router.c \
	%D%/thread.c %D%/thread.h \
	%D%/tenure.c %D%/tenure.h \
	%D%/tracker.c %D%/tracker.h \
	%D%/worker.c %D%/worker.h
nodist_libtamis_cgi_la_SOURCES = middleware/js/served/script_text.h

# Without the stores: for one request, and for tests.
CGI_SMALL_LIBS = libtamis_cgi.la libtamis_counts_none.la libtamis_page.la $(INTAKE_LIBS)

fcgi_PROGRAMS += tamis.fcgi
tamis_fcgi_CPPFLAGS = $(CGI_CPPFLAGS)
tamis_fcgi_SOURCES = %D%/respond.c
tamis_fcgi_LDADD = libtamis_cgi.la libtamis_counts.la libtamis_page.la $(INTAKE_LIBS) $(GATEWAY_LIBS) -lpthread

fcgi_PROGRAMS += tamis.cgi
tamis_cgi_CPPFLAGS = $(CGI_CPPFLAGS)
tamis_cgi_SOURCES = %D%/tamis_cgi.c
tamis_cgi_LDADD = $(CGI_SMALL_LIBS) $(GATEWAY_STATIC_LIBS)
tamis_cgi_LDFLAGS = $(AM_LDFLAGS) $(CGI_LDFLAGS)

dist_man_MANS += %D%/tamis.fcgi.8 %D%/tamis.cgi.8
