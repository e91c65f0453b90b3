# sanitizer/command - `sanitize`, its manual and completions made from one table.
noinst_LTLIBRARIES += libsanrules.la libsancmd.la
libsanrules_la_SOURCES = sanitizer/rules.c sanitizer/rules.h
libsanrules_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sanitizer

# chars.c and keyline.c are the library's, which exports san_* only.
libsancmd_la_SOURCES = %D%/bytes.c %D%/bytes.h %D%/cause.c %D%/cause.h %D%/codec.c %D%/codec.h \
	%D%/codec_gzip.c %D%/codec_zstd.c %D%/csv.c %D%/csv.h %D%/csvcell.c %D%/csvcell.h %D%/csvscan.c %D%/csvscan.h %D%/diff.c %D%/engine.c %D%/engine.h %D%/field.c \
	%D%/field.h %D%/follow.c %D%/follow.h %D%/frame.c %D%/frame.h %D%/guess.c %D%/guess.h \
	%D%/inplace.c %D%/jsoncheck.c %D%/jsoncheck.h %D%/jsonfield.c %D%/jsonfield.h %D%/jsonname.c %D%/jsonname.h %D%/keyblock.c \
	%D%/keyblock.h %D%/logformat.c %D%/logformat.h %D%/outlet.c %D%/outlet.h %D%/plan.c %D%/plan.h %D%/progress.c %D%/progress.h %D%/report.c %D%/report.h \
	%D%/rulefile.c %D%/rulefile.h %D%/run.c %D%/run.h %D%/settings.c %D%/settings.h %D%/source.c \
	%D%/source.h %D%/split.c %D%/split.h %D%/split_fields.c %D%/stop.c %D%/stop.h %D%/stream.c \
	%D%/stream.h %D%/tally.c %D%/tally.h %D%/target.c %D%/target.h %D%/tell.c %D%/tell.h %D%/walk.c %D%/walk.h %D%/classes.def \
	%D%/formats.def %D%/options.def sanitizer/chars.c sanitizer/chars.h \
	sanitizer/keyline.c sanitizer/keyline.h
libsancmd_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sanitizer -I$(top_srcdir)/%D% \
	$(YAML_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS) $(SODIUM_CFLAGS)
libsancmd_la_LIBADD = libsanrules.la libsanitizer.la \
	$(YAML_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(SODIUM_LIBS)

bin_PROGRAMS += sanitize
sanitize_SOURCES = %D%/sanitize.c
sanitize_CPPFLAGS = $(libsancmd_la_CPPFLAGS)
sanitize_LDADD = libsancmd.la

noinst_PROGRAMS += sanitize-doc
sanitize_doc_SOURCES = %D%/doc.c
sanitize_doc_CPPFLAGS = $(libsancmd_la_CPPFLAGS)
sanitize_doc_LDADD = libsancmd.la
man_MANS += %D%/sanitize.1
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = %D%/bash/sanitize
zshcompletiondir = $(datadir)/zsh/site-functions
zshcompletion_DATA = %D%/zsh/_sanitize
EXTRA_DIST += %D%/sanitize.1.in
CLEANFILES += %D%/sanitize.1 $(bashcompletion_DATA) $(zshcompletion_DATA)
%D%/sanitize.1: %D%/sanitize.1.in sanitize-doc$(EXEEXT)
	$(AM_V_GEN)./sanitize-doc man <$(srcdir)/%D%/sanitize.1.in >$@
$(bashcompletion_DATA) $(zshcompletion_DATA): sanitize-doc$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D); case $@ in */bash/*) k=bash ;; *) k=zsh ;; esac; \
		./sanitize-doc $$k >$@
