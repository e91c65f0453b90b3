# tests - every test speaks TAP: programs (cmocka), scripts (.sh), pytest files (.py).
#
# A unit test is one block: its program, its sources, the one library under test.

TESTS += $(check_PROGRAMS) %D%/layers.sh $(PYTESTS)
PYTESTS =
EXTRA_DIST += %D%/layers.sh $(PYTESTS) \
	%D%/integration/conftest.py %D%/integration/pytest_tap.py
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
