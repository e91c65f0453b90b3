"""Flask: the WSGI middleware, with the template from the rule that took the request."""
from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Optional

from werkzeug.exceptions import MethodNotAllowed

from .wsgi import TamisWSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

    from .analytics import UmamiAnalytics

logger = logging.getLogger("tamis")

EXTENSION = "tamis"


class _FlaskWSGI(TamisWSGI):
    """Knows where Flask leaves the rule of a request that is answered; blueprints' included."""

    flask: "Flask"

    def rule(self, environ: "WSGIEnvironment", status: int) -> Optional[str]:
        request = environ.get("werkzeug.request")
        if request is None:
            return None
        rule = request.url_rule or _rule_of_other_method(self.flask, request)
        return None if rule is None else rule.rule


def init(analytics: "UmamiAnalytics", app: "Flask", **options: Any) -> None:
    """See UmamiAnalytics.init_flask()."""
    if EXTENSION in app.extensions:
        logger.warning("init_flask() was called for this application before: the second call does nothing")
        return
    middleware = (TamisWSGI if options.get("route") else _FlaskWSGI)(app.wsgi_app, analytics.app_name, **options)
    if isinstance(middleware, _FlaskWSGI):
        middleware.flask = app
    app.extensions[EXTENSION] = analytics
    setattr(app, "wsgi_app", middleware.__call__)  # a method is called faster than an object


def _rule_of_other_method(app: "Flask", request: Any) -> Any:
    """A path that is right with a wrong method still has its rule."""
    error, adapter = request.routing_exception, app.create_url_adapter(request)
    if adapter is None or not isinstance(error, MethodNotAllowed):
        return None
    return adapter.match(method=next(iter(error.valid_methods or "")), return_rule=True)[0]
