# src/privacy - noise, randomised response, releases; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_privacy.la
PRIVACY_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/privacy -I$(top_srcdir)/src/registry \
	-I$(top_srcdir)/src/store
libtamis_privacy_la_CPPFLAGS = $(PRIVACY_CPPFLAGS) $(SODIUM_CFLAGS)
libtamis_privacy_la_SOURCES = \
	%D%/aggregate.c %D%/aggregate.h \
	%D%/chance.h \
	%D%/domain.c %D%/domain.h \
	%D%/entropy.c %D%/entropy.h %D%/estimate.h \
	%D%/forecast.c %D%/forecast.h \
	%D%/kanon.c %D%/kanon.h \
	%D%/krr.c %D%/krr.h \
	%D%/noise.c %D%/noise.h \
	%D%/release.c %D%/release.h \
	%D%/snapshot.c %D%/snapshot.h
libtamis_privacy_la_LIBADD = libtamis_store.la $(SODIUM_LIBS) -lm
