# src/base - the kit: what every room stands on. Convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_base.la
BASE_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/base -I$(top_srcdir)/src
libtamis_base_la_CPPFLAGS = $(BASE_CPPFLAGS) $(YAML_CFLAGS) -DSYSCONFDIR='"$(sysconfdir)"'
libtamis_base_la_SOURCES = \
	src/status.def src/config.def src/config_gone.def \
	%D%/arena.c %D%/arena.h \
	%D%/buf.c %D%/buf.h \
	%D%/clock.c %D%/clock.h \
	%D%/config.c %D%/config.h %D%/config_rows.h %D%/config_expand.c \
	%D%/config_nearest.c %D%/config_show.c %D%/config_value.c %D%/config_yaml.c \
	%D%/core.c %D%/core.h \
	%D%/day.c %D%/day.h \
	%D%/crc32c.c %D%/crc32c_table.c %D%/crc32c.h %D%/crc32c_impl.h \
	%D%/file.c %D%/file.h \
	%D%/le.h \
	%D%/log.c %D%/log.h \
	%D%/net.c %D%/net.h \
	%D%/pages.c %D%/pages.h \
	%D%/problem.c %D%/problem.h \
	%D%/state.c %D%/state.h \
	%D%/status.c %D%/status.h \
	%D%/utf8.c %D%/utf8.h
libtamis_base_la_LIBADD = $(YAML_LIBS)

# One instruction set per file, each with flags of its own, chosen once at run time.
if X86_64
libtamis_base_la_SOURCES += %D%/crc32c_x86.c
noinst_LTLIBRARIES += libtamis_crc32c_sse42.la
libtamis_crc32c_sse42_la_CPPFLAGS = $(BASE_CPPFLAGS)
libtamis_crc32c_sse42_la_CFLAGS = $(AM_CFLAGS) -msse4.2
libtamis_crc32c_sse42_la_SOURCES = %D%/crc32c_sse42.c
noinst_LTLIBRARIES += libtamis_crc32c_clmul.la
libtamis_crc32c_clmul_la_CPPFLAGS = $(BASE_CPPFLAGS)
libtamis_crc32c_clmul_la_CFLAGS = $(AM_CFLAGS) -msse4.2 -mpclmul
libtamis_crc32c_clmul_la_SOURCES = %D%/crc32c_clmul.c
libtamis_base_la_LIBADD += libtamis_crc32c_clmul.la libtamis_crc32c_sse42.la
else
libtamis_base_la_SOURCES += %D%/crc32c_none.c
endif
