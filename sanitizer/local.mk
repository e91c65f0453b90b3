# libsanitizer - the C ABI (san_*), nothing else exported.
lib_LTLIBRARIES += libsanitizer.la
noinst_LTLIBRARIES += libsanitizer_engine.la
include_HEADERS += %D%/sanitizer.h
pkgconfig_DATA += %D%/libsanitizer.pc
EXTRA_DIST += %D%/sanitizer.map

libsanitizer_engine_la_SOURCES = \
	%D%/address.c %D%/apikey.def %D%/chars.c %D%/chars.h %D%/class.def %D%/detector.c \
	%D%/detector.def %D%/detector.h %D%/email.c %D%/name.def %D%/names.c %D%/names.h \
	%D%/output.c %D%/output.h %D%/pair.c %D%/piece.c %D%/piece.h %D%/redact.c %D%/redact.h %D%/ruleset.c \
	%D%/ruleset.h %D%/sanitizer.c %D%/sanitizer.h %D%/engine.c %D%/engine.h %D%/records.c \
	%D%/records.h %D%/trigger.h %D%/validate.c %D%/validate.h %D%/value.c %D%/value.h \
	%D%/view.c %D%/view.h
libsanitizer_engine_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/sanitizer
libsanitizer_engine_la_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS) $(SODIUM_CFLAGS)
libsanitizer_engine_la_LIBADD = $(PCRE2_LIBS) $(SODIUM_LIBS) -lm

libsanitizer_la_SOURCES =
libsanitizer_la_LIBADD = libsanitizer_engine.la
libsanitizer_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined \
	-Wl,--version-script=$(srcdir)/sanitizer/sanitizer.map
libsanitizer_la_DEPENDENCIES = libsanitizer_engine.la $(srcdir)/sanitizer/sanitizer.map
