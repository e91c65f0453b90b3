"""The client's address behind proxies that are trusted (`http.trusted_proxies`)."""
from __future__ import annotations

import functools
import ipaddress
from typing import Iterable, Optional


class Proxies:
    """An address that is none trusts nobody."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ipaddress.ip_network(network, strict=False) for network in networks]
        self.trusted = bool(self._networks)
        """Is any proxy?"""
        self._trusts = functools.lru_cache(maxsize=256)(self._is_one_of_them)

    def _is_one_of_them(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._networks)

    def client(self, peer: str, forwarded_for: Optional[str]) -> str:
        """The last address on the way here that is no trusted proxy's.

        >>> Proxies(['10.0.0.0/8']).client('10.0.0.1', '203.0.113.9, 198.51.100.7, 10.2.0.1')
        '198.51.100.7'
        """
        address = peer
        for hop in reversed((forwarded_for or "").split(",")):
            if not self._trusts(address) or not hop.strip():
                break
            address = hop.strip()
        return address
