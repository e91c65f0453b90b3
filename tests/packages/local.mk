# check-packages - the Debian packages, built and lived with. For root; not part of `make check`.
EXTRA_DIST += %D%/check.py %D%/container.py

.PHONY: check-packages
check-packages: distdir
	rm -rf packages/source && mkdir -p packages && mv $(distdir) packages/source
	$(PYTHON) $(srcdir)/%D%/check.py packages/source packages
