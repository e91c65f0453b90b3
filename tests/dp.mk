# check-dp - the promises of src/privacy on larger samples, outside of check.
.PHONY: check-dp
check-dp: all
	$(MAKE) $(AM_MAKEFLAGS) tests/unit/test_noise_exact tests/unit/test_noise tests/unit/test_audit
	tests/unit/test_noise_exact && tests/unit/test_noise && TAMIS_DP_SCALE=4 tests/unit/test_audit
	TAMIS_DP_SCALE=10 top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
		$(PYTHON) -m pytest -q $(abs_top_srcdir)/tests/integration/test_releases_audit.py
