# docs - a page per topic that needs more than a manual page.

dist_doc_DATA = %D%/counting.md %D%/libsanitizer.md %D%/libtamis.md %D%/delivery.md %D%/dp.md %D%/forwarding.md %D%/operations.md %D%/privacy.md %D%/python.md \
	%D%/tracker.md %D%/umami-compatibility.md
