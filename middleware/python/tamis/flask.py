"""Flask: the WSGI middleware, with the template from the rule that took the request."""
from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Optional

from werkzeug.exceptions import MethodNotAllowed

from .wsgi import TamisWSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Flask

    from .analytics import UmamiAnalytics


def init(analytics: "UmamiAnalytics", app: "Flask", **options: Any) -> None:
    """See UmamiAnalytics.init_flask()."""
    options.setdefault("route", functools.partial(rule_of, app))
    setattr(app, "wsgi_app", TamisWSGI(app.wsgi_app, analytics.app_name, **options))


def rule_of(app: "Flask", environ: "WSGIEnvironment") -> Optional[str]:
    """The rule of a request that is answered, which Flask leaves in its environ; blueprints' included."""
    request = environ.get("werkzeug.request")
    if request is None:
        return None
    rule = request.url_rule or _rule_of_other_method(app, request)
    return None if rule is None else str(rule.rule)


def _rule_of_other_method(app: "Flask", request: Any) -> Any:
    """A path that is right with a wrong method still has its rule."""
    error, adapter = request.routing_exception, app.create_url_adapter(request)
    if adapter is None or not isinstance(error, MethodNotAllowed):
        return None
    return adapter.match(method=next(iter(error.valid_methods or "")), return_rule=True)[0]
