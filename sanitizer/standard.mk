# The tables of the built-in detectors, as a program made of them prints them; see standard.h.
noinst_LTLIBRARIES += libsanitizer_standard.la
libsanitizer_standard_la_SOURCES = %D%/standard.h
nodist_libsanitizer_standard_la_SOURCES = sanitizer/standard.c
libsanitizer_standard_la_CPPFLAGS = $(libsanitizer_engine_la_CPPFLAGS)
noinst_PROGRAMS += sanitizer/standard_make
sanitizer_standard_make_CPPFLAGS = $(libsanitizer_engine_la_CPPFLAGS)
sanitizer_standard_make_LDADD = libsanitizer_engine.la
CLEANFILES += sanitizer/standard.c
sanitizer/standard.c: sanitizer/standard_make$(EXEEXT)
	$(AM_V_GEN)sanitizer/standard_make$(EXEEXT) >$@.tmp && mv $@.tmp $@
