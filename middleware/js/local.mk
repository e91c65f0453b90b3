# middleware/js - the tracker: script.js for servers of static files, script_text.h for tamis.fcgi;
# analytics.mjs: counts for releases.
trackerdir = $(pkgdatadir)
nodist_tracker_DATA = %D%/served/script.js
dist_tracker_DATA = %D%/analytics.mjs %D%/analytics.d.mts
EXTRA_DIST += %D%/script.js %D%/pack.py
BUILT_SOURCES += %D%/served/script_text.h
CLEANFILES += %D%/served/script.js %D%/served/script_text.h

%D%/served/script.js: %D%/script.js %D%/pack.py
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(PYTHON) $(srcdir)/%D%/pack.py $(srcdir)/%D%/script.js >$@
%D%/served/script_text.h: %D%/script.js %D%/pack.py
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(PYTHON) $(srcdir)/%D%/pack.py $(srcdir)/%D%/script.js header >$@
