"""tamis: private analytics for Python applications.

    from tamis import get_analytics

    analytics = get_analytics('my_app')
    analytics.track_event('signup', {'plan': 'pro'})

Events are strained of personal data in this process before anything is kept or sent.
"""
from __future__ import annotations

from ._library import VERSION as __version__
from .analytics import (UmamiAnalytics, budget, count, get_analytics, increment, track_event, track_page_view,
                        track_route)
from .errors import DataError, EventError, LibraryError, SanitizeError
from .process import configure
from .sanitizer import (Finding, Sanitizer, find_pii, is_pii_detected, sanitize_data, sanitize_text,
                        sanitize_url)
from .transport import Budget

__all__ = ["Budget", "DataError", "EventError", "Finding", "LibraryError", "SanitizeError", "Sanitizer",
           "UmamiAnalytics", "__version__", "budget", "configure", "count", "find_pii", "get_analytics", "increment",
           "is_pii_detected", "sanitize_data", "sanitize_text", "sanitize_url", "track_event", "track_page_view", "track_route"]
