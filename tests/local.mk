# tests - every test speaks TAP: programs (cmocka), scripts (.sh), pytest files (.py).
#
# Unit tests stand in one unit/<room>.mk per room, linked against that room's library
# only. A test is one block of three lines: its name (the source is <name>.c by
# itself), its flags, the one library under test.

# They start in this order: the longest first, so that none is waited for alone at the end.
TESTS += $(LONG_TESTS) $(check_PROGRAMS) %D%/layers.sh $(PYTESTS)
LONG_TESTS =
PYTESTS =
EXTRA_DIST += $(LONG_TESTS) %D%/layers.sh $(PYTESTS) %D%/unit/unit.h
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
include tests/unit/libtamis.mk
include tests/unit/sanitize.mk
include tests/unit/intake.mk
include tests/unit/store.mk
include tests/unit/access.mk
include tests/unit/registry.mk
include tests/unit/tally.mk
include tests/unit/privacy.mk
check_PROGRAMS += $(unit_tests)
endif

# ASan looks by itself.
if !ASAN
LONG_TESTS += %D%/valgrind.sh
if HAVE_CMOCKA
LONG_TESTS += %D%/mutants/mutants.sh
endif
endif
EXTRA_DIST += %D%/mutants/mutants.sh %D%/mutants/mutants.def
EXTRA_DIST += %D%/valgrind.sh

include tests/integration/local.mk
include tests/soak.mk
include tests/dp.mk
