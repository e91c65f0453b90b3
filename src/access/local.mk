# src/access - tokens and their scopes; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_access.la
ACCESS_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/access
libtamis_access_la_CPPFLAGS = $(ACCESS_CPPFLAGS) $(SODIUM_CFLAGS)
libtamis_access_la_SOURCES = \
	%D%/scope.def \
	%D%/access.c %D%/access.h \
	%D%/audit.c %D%/audit.h
libtamis_access_la_LIBADD = $(SODIUM_LIBS) -lpthread
