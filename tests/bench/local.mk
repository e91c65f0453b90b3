# bench - `make bench`: tables into RESULTS.md; never part of a test.

EXTRA_DIST += %D%/bench.py %D%/RESULTS.md

.PHONY: bench
bench: all $(EXTRA_PROGRAMS)
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' $(PYTHON) $(srcdir)/%D%/bench.py $(BENCH)
