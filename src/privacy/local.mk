# src/privacy - noise, randomised response, releases; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_noise.la libtamis_privacy.la
PRIVACY_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/privacy -I$(top_srcdir)/src/registry \
	-I$(top_srcdir)/src/store
# The draws alone, for who has no store.
libtamis_noise_la_CPPFLAGS = $(PRIVACY_CPPFLAGS) $(SODIUM_CFLAGS)
libtamis_noise_la_SOURCES = \
	%D%/chance.h \
	%D%/domain.c %D%/domain.h \
	%D%/entropy.c %D%/entropy.h %D%/estimate.h \
	%D%/krr.c %D%/krr.h \
	%D%/noise.c %D%/noise.h
libtamis_noise_la_LIBADD = $(SODIUM_LIBS) -lm
libtamis_privacy_la_CPPFLAGS = $(PRIVACY_CPPFLAGS) $(SODIUM_CFLAGS)
libtamis_privacy_la_SOURCES = \
	%D%/aggregate.c %D%/aggregate.h \
	%D%/delta.c %D%/delta.h \
	%D%/forecast.c %D%/forecast.h \
	%D%/annals.c %D%/annals.h \
	%D%/kanon.c %D%/kanon.h \
	%D%/law.c %D%/law.h \
	%D%/release.c %D%/release.h \
	%D%/snapshot.c %D%/snapshot.h \
	%D%/warrant.c %D%/warrant.h
libtamis_privacy_la_LIBADD = libtamis_noise.la libtamis_store.la $(SODIUM_LIBS) -lm
