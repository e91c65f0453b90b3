# middleware/python - the package tamis; `pip install ./middleware/python` builds it, not make.
EXTRA_DIST += %D%/tamis/__init__.py %D%/tamis/_containers.py %D%/tamis/_lenient.py %D%/tamis/_library.py \
	%D%/tamis/_native.py %D%/tamis/_walk.py %D%/tamis/analytics.py %D%/tamis/asgi.py \
	%D%/tamis/django.py %D%/tamis/errors.py %D%/tamis/event.py %D%/tamis/flask.py \
	%D%/tamis/http.py %D%/tamis/releases.py %D%/tamis/logging.py %D%/tamis/process.py %D%/tamis/proxies.py \
	%D%/tamis/py.typed %D%/tamis/responder.py %D%/tamis/routers.py %D%/tamis/sanitizer.py %D%/tamis/sentry.py \
	%D%/tamis/settings.py %D%/tamis/spool.py %D%/tamis/structlog.py %D%/tamis/testing.py \
	%D%/tamis/transport.py %D%/tamis/visit.py %D%/tamis/waiting_counts.py %D%/tamis/watch.py \
	%D%/tamis/wsgi.py \
	%D%/mypy.ini %D%/README.md %D%/pyproject.toml %D%/setup.py
