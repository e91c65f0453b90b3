# libsanitizer - the C ABI (san_*), nothing else exported.
lib_LTLIBRARIES += libsanitizer.la
noinst_LTLIBRARIES += libsanitizer_engine.la $(x86_libraries)
include_HEADERS += %D%/sanitizer.h
pkgconfig_DATA += %D%/libsanitizer.pc
EXTRA_DIST += %D%/sanitizer.map %D%/prefilter_any.c %D%/prefilter_x86.c \
	%D%/quad_any.c %D%/quad_x86.c

libsanitizer_engine_la_SOURCES = \
	%D%/address.c %D%/alphabet.c %D%/alphabet.h %D%/apikey.def %D%/callback.c %D%/candidates.c %D%/candidates.h \
	%D%/chars.c %D%/chars.h %D%/class.def %D%/cut.c %D%/cut.h %D%/detector.c %D%/detector.def %D%/detector.h \
	%D%/directive.c %D%/directive.h %D%/document.c %D%/document.h %D%/eight.h %D%/element.c %D%/email.c \
	%D%/engine.c %D%/engine.h %D%/entity.h %D%/escape.c %D%/escape.h %D%/jit.c %D%/jit.h %D%/keyline.c \
	%D%/keyline.h %D%/keyrecord.c %D%/keyrecord.h %D%/kind.c %D%/kind.h %D%/login.c %D%/marks.h %D%/mask.h %D%/name.def \
	%D%/names.c %D%/names.h %D%/nested.c %D%/output.c %D%/output.h %D%/pair.c %D%/phone.c %D%/piece.c %D%/piece.h \
	%D%/prefilter.c %D%/prefilter.h %D%/prefilter_build.c %D%/prefilter_build.h %D%/prefilter_place.c %D%/prefilter_isa.h \
	%D%/prefilter_look.h %D%/prefilter_kernel.inc %D%/prefilter_scalar.c %D%/prefilter_vector.inc %D%/quad.h %D%/quad.inc %D%/quoting.c \
	%D%/quoting.h %D%/record.h %D%/records.c %D%/records.h %D%/redact.c %D%/redact.h %D%/ruleset.c %D%/ruleset.h \
	%D%/sanitizer.c %D%/sanitizer.h %D%/scheme.c %D%/stays.c %D%/token.c %D%/try.h %D%/validate.c %D%/validate.h \
	%D%/value.c %D%/value.h %D%/version.c %D%/view.c %D%/view.h %D%/word.h
libsanitizer_engine_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/sanitizer
libsanitizer_engine_la_CFLAGS = $(AM_CFLAGS) $(PCRE2_CFLAGS) $(SODIUM_CFLAGS)
libsanitizer_engine_la_LIBADD = $(x86_libraries) $(PCRE2_LIBS) $(SODIUM_LIBS) -lm

if X86_64
# One file and one set of flags for each instruction set; prefilter_x86.c chooses.
x86_libraries = libsanitizer_sse.la libsanitizer_avx2.la libsanitizer_avx512.la libsanitizer_vbmi.la
libsanitizer_sse_la_SOURCES = %D%/prefilter_sse.c
libsanitizer_sse_la_CFLAGS = $(AM_CFLAGS) -march=x86-64-v2
libsanitizer_avx2_la_SOURCES = %D%/prefilter_avx2.c
libsanitizer_avx2_la_CFLAGS = $(AM_CFLAGS) -march=x86-64-v3
libsanitizer_avx512_la_SOURCES = %D%/prefilter_avx512.c %D%/prefilter_zmm.inc %D%/prefilter_gather.inc
libsanitizer_avx512_la_CFLAGS = $(AM_CFLAGS) -march=x86-64-v4
libsanitizer_vbmi_la_SOURCES = %D%/prefilter_vbmi.c %D%/prefilter_zmm.inc %D%/prefilter_gather.inc
libsanitizer_vbmi_la_CFLAGS = $(AM_CFLAGS) -march=x86-64-v4 -mavx512vbmi -mavx512vbmi2 -mavx512bitalg
libsanitizer_engine_la_SOURCES += %D%/prefilter_x86.c %D%/quad_x86.c
else
x86_libraries =
libsanitizer_engine_la_SOURCES += %D%/prefilter_any.c %D%/quad_any.c
endif

include sanitizer/standard.mk

libsanitizer_la_SOURCES =
libsanitizer_la_LIBADD = libsanitizer_engine.la libsanitizer_standard.la
libsanitizer_la_LDFLAGS = $(AM_LDFLAGS) -version-info 1:0:0 -no-undefined \
	-Wl,--version-script=$(srcdir)/sanitizer/sanitizer.map
libsanitizer_la_DEPENDENCIES = libsanitizer_engine.la libsanitizer_standard.la $(srcdir)/sanitizer/sanitizer.map \
	$(srcdir)/sanitizer/local.mk
