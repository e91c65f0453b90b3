# src/store - the database of counts; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_store.la
STORE_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/store
libtamis_store_la_CPPFLAGS = $(STORE_CPPFLAGS) $(SQLITE_CFLAGS) $(LIBPQ_CFLAGS)
libtamis_store_la_SOURCES = \
	%D%/migration.def %D%/query.def \
	%D%/driver.h \
	%D%/store.c %D%/store.h \
	%D%/source.c %D%/source.h %D%/source_driver.h %D%/source_sqlite.c \
	%D%/store_sqlite.c \
	%D%/url_kind.c %D%/url_kind.h
libtamis_store_la_LIBADD = $(SQLITE_LIBS)
if HAVE_LIBPQ
libtamis_store_la_SOURCES += %D%/source_pq.c %D%/store_pq.c
libtamis_store_la_LIBADD += $(LIBPQ_LIBS)
else
libtamis_store_la_SOURCES += %D%/store_no_pq.c
endif
EXTRA_DIST += %D%/source_pq.c %D%/store_pq.c %D%/store_no_pq.c
