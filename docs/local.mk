# docs - a page per topic that needs more than a manual page.

dist_doc_DATA = %D%/counting.md %D%/delivery.md %D%/deploy.md %D%/dp.md %D%/forwarding.md %D%/libsanitizer.md \
	%D%/libtamis.md %D%/operations.md %D%/privacy.md %D%/python.md %D%/tracker.md %D%/umami-compatibility.md %D%/upgrade.md
