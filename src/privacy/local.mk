# src/privacy - noise, randomised response, releases; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_privacy.la
PRIVACY_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/privacy
libtamis_privacy_la_CPPFLAGS = $(PRIVACY_CPPFLAGS) $(SODIUM_CFLAGS)
libtamis_privacy_la_SOURCES = \
	%D%/chance.h \
	%D%/entropy.c %D%/entropy.h \
	%D%/krr.c %D%/krr.h \
	%D%/noise.c %D%/noise.h
libtamis_privacy_la_LIBADD = $(SODIUM_LIBS) -lm
