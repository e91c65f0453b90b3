# tests - every test speaks TAP: programs (cmocka), scripts (.sh), pytest files (.py).
#
# Unit tests stand in one unit/<room>.mk per room, linked against that room's library
# only. A test is one block of three lines: its name (the source is <name>.c by
# itself), its flags, the one library under test.

TESTS += $(check_PROGRAMS) %D%/layers.sh $(PYTESTS)
PYTESTS =
EXTRA_DIST += %D%/layers.sh $(PYTESTS) %D%/unit/unit.h \
	%D%/integration/conftest.py %D%/integration/pytest_tap.py
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

if HAVE_CMOCKA
unit_tests =
include tests/unit/base.mk
include tests/unit/event.mk
include tests/unit/sanitizer.mk
include tests/unit/san_robust.mk
include tests/unit/command.mk
include tests/unit/spool.mk
include tests/unit/count.mk
include tests/unit/cgi.mk
include tests/unit/forward.mk
include tests/unit/sanitize.mk
check_PROGRAMS += $(unit_tests)
endif

# ASan looks by itself.
if !ASAN
TESTS += %D%/valgrind.sh
endif
EXTRA_DIST += %D%/valgrind.sh

# The recording upstream and what it is held against.
PYTESTS += %D%/integration/test_upstream.py
EXTRA_DIST += %D%/integration/upstream.py %D%/integration/umami_app.py \
	%D%/integration/umami_rules.py %D%/data/umami-contract.jsonl

# The forwarder, fed without a web server.
noinst_PROGRAMS += %D%/integration/feed
tests_integration_feed_CPPFLAGS = $(GATEWAY_CPPFLAGS)
tests_integration_feed_LDADD = $(GATEWAY_LIBS)
PYTESTS += %D%/integration/test_forward.py %D%/integration/test_forward_torture.py

# The sanitize command.
PYTESTS += %D%/integration/test_sanitize.py %D%/integration/test_sanitize_files.py \
	%D%/integration/test_sanitize_formats.py %D%/integration/test_sanitize_report.py \
	%D%/integration/test_sanitize_follow.py %D%/integration/test_sanitize_servers.py \
	%D%/integration/test_sanitize_progress.py %D%/integration/test_sanitize_torture.py \
	%D%/integration/test_manual_sanitize.py
EXTRA_DIST += %D%/integration/sanitize_tool.py

# How accurate the sanitizer is, on labelled cases.
PYTESTS += %D%/integration/test_accuracy.py
EXTRA_DIST += %D%/integration/labelled.py %D%/data/labelled/logs.jsonl %D%/data/labelled/stay.jsonl

# The library as other programs use it.
PYTESTS += %D%/integration/test_libsanitizer.py
EXTRA_DIST += %D%/abi/baseline.sh %D%/abi/libsanitizer.abi

# The tamis command.
PYTESTS += %D%/integration/test_tamis_command.py %D%/integration/test_dead.py \
	%D%/integration/test_doctor.py %D%/integration/test_top.py %D%/integration/test_monitoring.py \
	%D%/integration/test_reload.py %D%/integration/test_import.py
EXTRA_DIST += %D%/integration/other_user.py

# The responder behind a web server, and against the recorded contract.
PYTESTS += %D%/integration/test_shutout.py
PYTESTS += %D%/integration/test_responder.py %D%/integration/test_contract.py
# The whole: the main job end to end, the README, the two commands from a fresh clone.
PYTESTS += %D%/integration/test_acceptance.py %D%/integration/test_readme.py
if !ASAN
PYTESTS += %D%/integration/test_setup.py
endif
