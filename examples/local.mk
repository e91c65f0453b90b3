# examples - what the integration tests start as it stands.

lighttpdexampledir = $(docdir)/examples/lighttpd
dist_lighttpdexample_DATA = %D%/lighttpd/tamis.conf %D%/lighttpd/tamis-cgi.conf
librarycexampledir = $(docdir)/examples/c
dist_librarycexample_DATA = %D%/c/clean.c %D%/c/track.c
librarypythonexampledir = $(docdir)/examples/python
dist_librarypythonexample_DATA = %D%/python/clean.py

prometheusexampledir = $(docdir)/examples/prometheus
dist_prometheusexample_DATA = %D%/prometheus/tamis.rules.yml
grafanaexampledir = $(docdir)/examples/grafana
dist_grafanaexample_DATA = %D%/grafana/tamis.json
nginxexampledir = $(docdir)/examples/nginx
dist_nginxexample_DATA = %D%/nginx/tamis.conf %D%/nginx/tamis-kept.conf %D%/nginx/tamis-upstream.conf
apacheexampledir = $(docdir)/examples/apache
dist_apacheexample_DATA = %D%/apache/tamis.conf %D%/apache/tamis-kept.conf \
	%D%/apache/tamis-fcgid.conf %D%/apache/tamis-cgi.conf
h2oexampledir = $(docdir)/examples/h2o
dist_h2oexample_DATA = %D%/h2o/tamis.yaml
caddyexampledir = $(docdir)/examples/caddy
dist_caddyexample_DATA = %D%/caddy/Caddyfile %D%/caddy/options.caddy
EXTRA_DIST += %D%/flask_app/app.py %D%/flask_app/run %D%/flask_app/shared/analytics/__init__.py \
	%D%/flask_app/shared/analytics/config.yaml
EXTRA_DIST += %D%/welcome.html
systemdexampledir = $(docdir)/examples/systemd
dist_systemdexample_DATA = %D%/systemd/tamis.socket %D%/systemd/tamis.service \
	%D%/systemd/tamis-forward.service %D%/systemd/tamis-key.service %D%/systemd/tamis-key.timer \
	%D%/systemd/tamis-count.service %D%/systemd/tamis-count.timer \
	%D%/systemd/tamis-snapshot.service %D%/systemd/tamis-snapshot.timer %D%/systemd/tamis-rollup.service \
	%D%/systemd/tamis.sysusers %D%/systemd/tamis.tmpfiles
registryexampledir = $(docdir)/examples
dist_registryexample_DATA = %D%/registry.yaml
postgresqlexampledir = $(docdir)/examples/postgresql
dist_postgresqlexample_DATA = %D%/postgresql/roles.sql
