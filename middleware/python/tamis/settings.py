"""Settings: environment and YAML, read by libtamis, so that all of tamis understands them alike."""
from __future__ import annotations

import dataclasses
import os
import pathlib
from typing import Dict, List, Optional, Tuple

from ._native import SETTINGS, Gateway


@dataclasses.dataclass
class Sources:
    """Where settings come from besides the environment; see `configure`."""

    file: Optional[str] = None
    """The YAML file; None: $TAMIS_CONFIG, else the system's tamis.yaml if it is there."""
    overrides: Dict[str, str] = dataclasses.field(default_factory=dict)
    """By key, such as "state.dir"; these win over environment and file."""

    def lines(self) -> List[str]:
        """The overrides as libtamis takes them."""
        return [f"{key}={value}" for key, value in self.overrides.items()]


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings that concern this package; tamis.yaml(5) has all, with their meaning."""

    enabled: bool
    debug: bool
    website_id: str
    transport: str
    """"spool" or "http"."""
    responder_url: str
    token_file: str
    page_views: bool
    query: bool
    exclude_paths: Tuple[str, ...]
    trusted_proxies: Tuple[str, ...]
    queue_size: int
    batch_size: int
    flush_interval_s: int


def read(app_name: str, sources: Sources) -> Settings:
    """The settings in force. Raises LibraryError, or GatewayError that names file, line and key."""
    gateway = Gateway(app_name, sources.file, sources.lines(), SETTINGS)
    try:
        return _settings(gateway)
    finally:
        gateway.stop()


def _settings(gateway: Gateway) -> Settings:
    def true(key: str) -> bool:
        return gateway.setting(key) == "true"

    def items(key: str) -> Tuple[str, ...]:
        return tuple(gateway.setting(key).split())

    return Settings(
        enabled=true("umami.enabled"), debug=true("umami.debug"), website_id=gateway.setting("umami.website_id"),
        transport=gateway.setting("app.transport"), responder_url=gateway.setting("app.responder_url"),
        token_file=gateway.setting("app.token_file"), page_views=true("app.page_views"),
        query=true("app.query"), exclude_paths=items("app.exclude_paths"),
        trusted_proxies=items("http.trusted_proxies"), queue_size=int(gateway.setting("umami.async.queue_size")),
        batch_size=int(gateway.setting("umami.async.batch_size")),
        flush_interval_s=int(gateway.setting("umami.async.flush_interval_seconds")))


def beside(python_file: str) -> str:
    """config.yaml in the directory of a Python file."""
    return os.fspath(pathlib.Path(python_file).resolve().with_name("config.yaml"))
