"""Flask: the WSGI middleware, with the template from the rule that took the request."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from flask import current_app, request
from werkzeug.exceptions import MethodNotAllowed

from .wsgi import ROUTE, TamisWSGI

if TYPE_CHECKING:
    from flask import Flask

    from .analytics import UmamiAnalytics


def init(analytics: "UmamiAnalytics", app: "Flask", **options: Any) -> None:
    """See UmamiAnalytics.init_flask()."""
    setattr(app, "wsgi_app", TamisWSGI(app.wsgi_app, analytics.app_name, **options))
    app.before_request_funcs.setdefault(None, []).insert(0, _leave_rule)


def _leave_rule() -> None:
    """Runs before all else of a request, blueprints and wrong paths included."""
    rule = request.url_rule
    request.environ[ROUTE] = rule.rule if rule is not None else _rule_of_other_method()


def _rule_of_other_method() -> Optional[str]:
    """A path that is right with a wrong method still has its rule."""
    error, adapter = request.routing_exception, current_app.create_url_adapter(request)
    if adapter is None or not isinstance(error, MethodNotAllowed):
        return None
    rule, _ = adapter.match(method=next(iter(error.valid_methods or "")), return_rule=True)
    path: str = rule.rule
    return path
