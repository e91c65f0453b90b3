# src/registry - the controlled vocabulary; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_registry.la
REGISTRY_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/registry
libtamis_registry_la_CPPFLAGS = $(REGISTRY_CPPFLAGS) $(YAML_CFLAGS)
libtamis_registry_la_SOURCES = \
	%D%/registry.def %D%/states.def \
	%D%/check.c \
	%D%/dimension.h \
	%D%/field.c \
	%D%/registry.c %D%/registry.h %D%/registry_yaml.h \
	%D%/thing.c %D%/thing.h \
	%D%/values.c %D%/values.h
libtamis_registry_la_LIBADD = $(YAML_LIBS)
