# examples - configurations that the integration tests start as they stand.

lighttpdexampledir = $(docdir)/examples/lighttpd
dist_lighttpdexample_DATA = %D%/lighttpd/tamis.conf
