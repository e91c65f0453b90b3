# libtamis - the C ABI (tamis_*) over the gateway, nothing else exported.
lib_LTLIBRARIES += libtamis.la
noinst_LTLIBRARIES += libtamis_api.la
include_HEADERS += %D%/libtamis.h
pkgconfig_DATA += %D%/libtamis.pc
EXTRA_DIST += %D%/libtamis.map

# All of it, for its tests.
LIBTAMIS_CPPFLAGS = $(GATEWAY_CPPFLAGS) $(INTAKE_CPPFLAGS) -I$(top_srcdir)/src/forward -I$(top_srcdir)/src/privacy
libtamis_api_la_CPPFLAGS = $(LIBTAMIS_CPPFLAGS)
libtamis_api_la_SOURCES = %D%/libtamis.c %D%/libtamis.h %D%/courier.c %D%/courier.h %D%/crew.c %D%/crew.h \
	%D%/allowance.c %D%/allowance.h %D%/envoy.c %D%/envoy.h %D%/herald.c %D%/herald.h \
	%D%/reply.c %D%/reply.h %D%/teller.c %D%/teller.h
libtamis_api = libtamis_api.la libtamis_forward.la libtamis_noise.la $(INTAKE_LIBS) $(GATEWAY_LIBS)

libtamis_la_SOURCES =
libtamis_la_LIBADD = $(libtamis_api) -lpthread
libtamis_la_LDFLAGS = $(AM_LDFLAGS) -version-info 1:0:0 -no-undefined \
	-Wl,--version-script=$(srcdir)/src/libtamis.map
libtamis_la_DEPENDENCIES = $(libtamis_api) $(srcdir)/src/libtamis.map
