# examples - configurations that the integration tests start as they stand.

EXTRA_DIST += %D%/lighttpd/tamis.conf
