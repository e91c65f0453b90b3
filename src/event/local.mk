# src/event - JSON to event to clean: the only room that looks inside raw text.
noinst_LTLIBRARIES += libtamis_event.la
EVENT_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/event -I$(top_srcdir)/sanitizer
libtamis_event_la_CPPFLAGS = $(EVENT_CPPFLAGS) $(SODIUM_CFLAGS) $(UUID_CFLAGS)
libtamis_event_la_SOURCES = \
	%D%/bots.def %D%/field.def %D%/repair.def %D%/event.h %D%/payload.h %D%/stamp.h %D%/ascii.h \
	%D%/address.c %D%/address.h \
	%D%/agent.c %D%/agent.h %D%/agent.def %D%/agents.c %D%/agents.h \
	%D%/bot.c %D%/bot.h %D%/cleaning.h \
	%D%/clean.c %D%/clean.h %D%/clean_record.h \
	%D%/data.c %D%/data.h \
	%D%/exclude.c %D%/exclude.h \
	%D%/event_parse.c %D%/sanitize.c %D%/sender.c \
	%D%/host.c %D%/host.h \
	%D%/identity.c %D%/identity.h \
	%D%/json.c %D%/json.h \
	%D%/number.c %D%/number.h \
	%D%/page_view.c %D%/page_view.h \
	%D%/query.c %D%/query.h \
	%D%/clickid.c %D%/clickid.h \
	%D%/session.c %D%/session.h \
	%D%/template.c %D%/template.h \
	%D%/strained_route.c %D%/strained_route.h \
	%D%/strainer.c %D%/strainer.h %D%/strain.h \
	%D%/text.c %D%/text.h \
	%D%/url.c %D%/url.h %D%/uuid.h \
	%D%/wrapped.c %D%/wrapped.h
libtamis_event_la_LIBADD = $(SODIUM_LIBS) $(UUID_LIBS) -lm
EXTRA_libtamis_event_la_DEPENDENCIES = $(srcdir)/%D%/local.mk
