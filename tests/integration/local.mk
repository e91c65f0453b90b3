# tests/integration - pytest files: the programs as they are used, servers really started.
EXTRA_DIST += %D%/conftest.py %D%/pytest_tap.py

# The recording upstream and what it is held against.
PYTESTS += %D%/test_upstream.py
EXTRA_DIST += %D%/umami_session.py %D%/upstream.py %D%/umami_app.py %D%/umami_rules.py tests/data/umami-contract.jsonl

# The forwarder, fed without a web server.
noinst_PROGRAMS += %D%/feed
tests_integration_feed_CPPFLAGS = $(GATEWAY_CPPFLAGS)
tests_integration_feed_LDADD = $(GATEWAY_LIBS)
LONG_TESTS += %D%/test_forward.py
PYTESTS += %D%/test_forward_pace.py %D%/test_forward_torture.py

# The public C API in other programs, also in such as fork.
noinst_PROGRAMS += %D%/forker
tests_integration_forker_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
tests_integration_forker_LDADD = libtamis.la -lpthread
# As many increments as are wanted, the same ones each time.
noinst_PROGRAMS += %D%/increments
tests_integration_increments_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
tests_integration_increments_LDADD = libtamis.la
# Not under ASan: children of processes that fork amid threads wait for a lock of its own, crashes
# are its own too, and Python would load libtamis without its runtime.
if !ASAN
PYTESTS += %D%/test_libtamis.py %D%/test_leaks_servers.py %D%/test_stores.py
endif
EXTRA_DIST += %D%/library.py %D%/libtamis_tool.py tests/abi/libtamis.abi

# The sanitize command; how accurate it is, on labelled cases; the library in other programs.
PYTESTS += %D%/test_apikey_patterns.py %D%/test_sanitize.py %D%/test_sanitize_files.py %D%/test_sanitize_formats.py %D%/test_sanitize_keys.py \
	%D%/test_sanitize_csv.py \
	%D%/test_sanitize_report.py %D%/test_sanitize_follow.py %D%/test_sanitize_servers.py \
	%D%/test_sanitize_progress.py %D%/test_sanitize_torture.py %D%/test_manual_sanitize.py \
	%D%/test_accuracy.py %D%/test_libsanitizer.py
EXTRA_DIST += %D%/sanitize_tool.py %D%/labelled.py tests/data/labelled/logs.jsonl \
	tests/data/labelled/stay.jsonl tests/data/labelled/field.jsonl tests/data/labelled/wild.jsonl \
	tests/data/labelled/blind.jsonl tests/data/labelled/unseen.jsonl tests/data/labelled/fresh.jsonl \
	tests/abi/baseline.sh tests/abi/libsanitizer.abi

# The tamis command.
PYTESTS += %D%/test_tamis_command.py %D%/test_dead.py %D%/test_doctor.py %D%/test_top.py \
	%D%/test_monitoring.py %D%/test_reload.py %D%/test_import.py
EXTRA_DIST += %D%/other_user.py

# The responder behind a web server, and against the recorded contract.
PYTESTS += %D%/test_responder.py %D%/test_responder_process.py %D%/test_shutout.py %D%/test_session.py \
	%D%/test_full_disk.py %D%/test_state_gone.py %D%/test_leaks.py %D%/test_contract.py
EXTRA_DIST += %D%/fastcgi.py

# The tracker: as it is served, and in Chromium (its own code is the same under ASan).
PYTESTS += %D%/test_tracker.py
EXTRA_DIST += %D%/browser.py
if !ASAN
PYTESTS += %D%/test_tracker_browser.py
endif

# The Python package; what it is held against is installed by ./setup.
if !ASAN
PYTESTS += %D%/test_python_sanitizer.py %D%/test_python_structures.py %D%/test_python_calls.py %D%/test_python_start.py \
	%D%/test_python_logs.py %D%/test_python_frameworks.py %D%/test_python_asgi.py %D%/test_python_http.py \
	%D%/test_python_spool.py %D%/test_python_canaries.py %D%/test_python_proxies.py %D%/test_python_flask.py
LONG_TESTS += %D%/test_python_package.py
endif
EXTRA_DIST += %D%/middleware.py %D%/python_apps.py %D%/python_apps_urls.py %D%/python_asgi_apps.py

# Every web server, mounted as examples/ shows.
LONG_TESTS += %D%/test_servers.py
PYTESTS += %D%/test_deploy.py %D%/test_upgrade.py
EXTRA_DIST += %D%/mounts.py
# The systemd units.
PYTESTS += %D%/test_units.py
# The whole: the main job end to end, the README, the two commands from a fresh clone.
PYTESTS += %D%/test_acceptance.py %D%/test_readme.py %D%/test_soak.py
if !ASAN
LONG_TESTS += %D%/test_setup.py
PYTESTS += %D%/test_tricky.py
endif

# Declared counters; the store on PostgreSQL.
PYTESTS += %D%/test_counting.py %D%/test_census.py %D%/test_errors.py %D%/test_publish.py %D%/test_releases.py %D%/test_releases_audit.py %D%/test_store.py
if !ASAN
PYTESTS += %D%/test_analytics_browser.py %D%/test_count_calls.py %D%/test_dp_examples.py %D%/test_increment_calls.py %D%/test_increments_far.py
endif
EXTRA_DIST += %D%/postgres.py
