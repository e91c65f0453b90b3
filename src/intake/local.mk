# src/intake - increments of declared counters; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_intake.la
INTAKE_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/intake -I$(top_srcdir)/src/access \
	-I$(top_srcdir)/src/registry -I$(top_srcdir)/src/tally -I$(top_srcdir)/src/event -I$(top_srcdir)/src/count
INTAKE_LIBS = libtamis_intake.la libtamis_access.la libtamis_registry.la libtamis_tally.la
libtamis_intake_la_CPPFLAGS = $(INTAKE_CPPFLAGS)
libtamis_intake_la_SOURCES = \
	%D%/increment.def %D%/increment.c %D%/increment.h \
	%D%/intake.c %D%/intake.h
