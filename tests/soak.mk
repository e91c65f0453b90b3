# The long forms of what `make check` does for seconds; SOAK_SECONDS is the length of each.
.PHONY: soak
soak: all
	$(MAKE) $(AM_MAKEFLAGS) tests/unit/test_spool_kill
	$(AM_TESTS_ENVIRONMENT) SOAK_SECONDS=$${SOAK_SECONDS:-600} \
		$(PY_LOG_COMPILER) $(srcdir)/%D%/integration/test_soak.py
	SPOOL_KILL_SECONDS=$${SOAK_SECONDS:-600} tests/unit/test_spool_kill
