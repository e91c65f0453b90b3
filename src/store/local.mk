# src/store - the database of counts; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_store.la
STORE_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/store
libtamis_store_la_CPPFLAGS = $(STORE_CPPFLAGS) $(SQLITE_CFLAGS) $(LIBPQ_CFLAGS)
libtamis_store_la_SOURCES = \
	%D%/migration.def %D%/query.def \
	%D%/driver.h \
	%D%/store.c %D%/store.h \
	%D%/store_sqlite.c
libtamis_store_la_LIBADD = $(SQLITE_LIBS)
if HAVE_LIBPQ
libtamis_store_la_SOURCES += %D%/store_pq.c
libtamis_store_la_LIBADD += $(LIBPQ_LIBS)
else
libtamis_store_la_SOURCES += %D%/store_no_pq.c
endif
EXTRA_DIST += %D%/store_pq.c %D%/store_no_pq.c
