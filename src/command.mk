# The tamis command: a table of subcommands, one cmd_*.c each.
bin_PROGRAMS += tamis
tamis_CPPFLAGS = $(GATEWAY_CPPFLAGS) -I$(top_srcdir)/src/forward -I$(top_srcdir)/src/import \
	-I$(top_srcdir)/src/tally -I$(top_srcdir)/src/store -I$(top_srcdir)/src/registry \
	-I$(top_srcdir)/src/access -I$(top_srcdir)/src/page -I$(top_srcdir)/src/privacy $(SODIUM_CFLAGS)
tamis_SOURCES = src/tamis.c src/command.c src/command.h src/command.def \
	src/cmd_config.c src/refusals.c src/refusals.h src/cmd_counts.c src/cmd_dead.c src/cmd_doctor.c src/cmd_dp.c src/cmd_dp_ledger.c src/cmd_top.c src/top.c src/top.h src/top_screen.c \
	src/doctor_counts.c src/rollup_watch.c src/rollup_watch.h src/cmd_count.c src/census.c src/census.h src/route_days.c src/route_days.h src/counts_table.c src/counts_table.h \
	src/cmd_publish.c src/publish.c src/publish.h \
	src/doctor.h src/doctor.def src/doctor_flow.c src/doctor_place.c src/words.c src/words.h \
	src/cmd_forward.c src/cmd_import.c src/cmd_key.c src/cmd_metrics.c src/cmd_registry.c src/registry_client.c src/registry_client.h src/cmd_rollup.c src/cmd_token.c \
	src/cmd_snapshot.c src/cmd_spool.c src/cmd_status.c src/overview.c src/overview.h
tamis_LDADD = libtamis_tables.la libtamis_counts.la libtamis_privacy.la libtamis_page.la libtamis_registry.la libtamis_access.la libtamis_tally.la libtamis_store.la libtamis_import.la libtamis_forward.la $(GATEWAY_LIBS)
dist_man_MANS += src/tamis.1
