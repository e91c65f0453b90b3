# examples - what the integration tests start as it stands.

lighttpdexampledir = $(docdir)/examples/lighttpd
dist_lighttpdexample_DATA = %D%/lighttpd/tamis.conf
librarycexampledir = $(docdir)/examples/c
dist_librarycexample_DATA = %D%/c/clean.c
librarypythonexampledir = $(docdir)/examples/python
dist_librarypythonexample_DATA = %D%/python/clean.py

prometheusexampledir = $(docdir)/examples/prometheus
dist_prometheusexample_DATA = %D%/prometheus/tamis.rules.yml
grafanaexampledir = $(docdir)/examples/grafana
dist_grafanaexample_DATA = %D%/grafana/tamis.json
