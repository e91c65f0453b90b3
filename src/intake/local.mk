# src/intake - increments of declared counters; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_intake.la
INTAKE_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/intake -I$(top_srcdir)/src/access \
	-I$(top_srcdir)/src/registry -I$(top_srcdir)/src/tally -I$(top_srcdir)/src/event -I$(top_srcdir)/src/count
INTAKE_LIBS = libtamis_intake.la libtamis_access.la libtamis_registry.la libtamis_tally.la
libtamis_intake_la_CPPFLAGS = $(INTAKE_CPPFLAGS) $(SODIUM_CFLAGS)
libtamis_intake_la_LIBADD = $(SODIUM_LIBS)
libtamis_intake_la_SOURCES = \
	%D%/bound.c %D%/bound.h %D%/desk.h \
	%D%/increment.def %D%/increment.c %D%/increment.h \
	%D%/intake.c %D%/intake.h \
	%D%/reports.c
