"""Personal data stays out of what goes to Sentry.

    sentry_sdk.init(dsn, before_send=tamis.sentry.before_send, before_breadcrumb=tamis.sentry.before_breadcrumb)
"""
from __future__ import annotations

from typing import Any, Dict, Optional

from .sanitizer import Sanitizer

# What Sentry needs as it is, and what is made by machines: ids would be taken for keys of somebody.
_STAYS = ("event_id", "timestamp", "start_timestamp", "release", "dist", "environment", "platform", "level",
          "type", "sdk", "modules", "debug_meta")
_TRACE_STAYS = ("trace_id", "span_id", "parent_span_id")

_sanitizer = Sanitizer({"ip": "truncate"})


def before_send(event: Dict[str, Any], hint: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """The event without personal data, for `before_send` and `before_send_transaction`.

    None, which drops it, where it cannot be cleaned.
    """
    cleaned = before_breadcrumb(event, hint)
    if cleaned is None:
        return None
    cleaned.update((name, event[name]) for name in _STAYS if name in event)
    trace = _trace(event)
    _trace(cleaned).update((name, trace[name]) for name in _TRACE_STAYS if name in trace)
    return cleaned


def _trace(event: Dict[str, Any]) -> Dict[str, Any]:
    """Whose ids stay; an empty one where the event has none."""
    contexts = event.get("contexts")
    trace = contexts.get("trace") if isinstance(contexts, dict) else None
    return trace if isinstance(trace, dict) else {}


def before_breadcrumb(crumb: Dict[str, Any], hint: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """The breadcrumb without personal data; None where it cannot be cleaned."""
    try:
        return _sanitizer.sanitize_data(crumb)
    except Exception:
        return None
