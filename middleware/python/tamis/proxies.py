"""The client's address behind proxies that are trusted (`http.trusted_proxies`), told as the responder tells it."""
from __future__ import annotations

import socket
from typing import Iterable, List, Optional, Set, Tuple

CHAINS = ("x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip")
"""Headers that proxies tell the client's address in; the first that is there counts."""
FORWARDED = 1
"""Of them the one with a grammar of its own, RFC 7239."""

_MAPPED = bytes(10) + b"\xff\xff"
_TEXT_MAX = 45
_SEEN_MAX = 256


class Proxies:
    """networks: as libtamis takes them; it has refused what is none."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [network for network in map(_network, networks) if network is not None]
        self.trusted = bool(self._networks)
        """Is any proxy?"""
        self._seen: Set[bytes] = set()  # proxies only: of clients nothing is kept

    def client(self, peer: str, chains: Iterable[Optional[str]]) -> str:
        """The last address on the way here that is no trusted proxy's.

        chains: what the headers of CHAINS say, in that order; None: it is not there.

        >>> Proxies(['10.0.0.0/8']).client('::ffff:10.0.0.1', ['203.0.113.9, 198.51.100.7, 10.2.0.1'])
        '198.51.100.7'
        """
        ip = _read(peer)
        if ip is None or not self._trusts(ip):
            return peer
        for number, chain in enumerate(chains):
            if chain is not None:
                found = self._last_stranger(chain, number == FORWARDED)
                return peer if found is None else _write(found)
        return peer

    def _last_stranger(self, chain: str, forwarded: bool) -> Optional[bytes]:
        """From its end, as long as it names trusted proxies; what cannot be read ends it."""
        found = None
        for element in reversed(chain.split(",")):
            ip = _read(_for(element) if forwarded else element.strip(' \t"'))
            if ip is None:
                break
            found = ip
            if not self._trusts(ip):
                break
        return found

    def _trusts(self, ip: bytes) -> bool:
        if ip in self._seen:
            return True
        number = int.from_bytes(ip, "big")
        if not any(number >> rest == prefix for prefix, rest in self._networks):
            return False
        if len(self._seen) < _SEEN_MAX:
            self._seen.add(ip)
        return True


def _network(text: str) -> Optional[Tuple[int, int]]:
    """Its number without the last bits, and how many those are."""
    address, slash, bits = text.partition("/")
    ip = _read(address)
    if ip is None:
        return None
    most = 32 if ip.startswith(_MAPPED) else 128
    if slash and not (bits.isascii() and bits.isdigit() and int(bits) <= most):
        return None
    rest = most - int(bits) if slash else 0
    return int.from_bytes(ip, "big") >> rest, rest


def _read(text: str) -> Optional[bytes]:
    """16 bytes, IPv4 in IPv6; brackets, zone and port may be there."""
    if text.startswith("["):
        text, closed, _ = text[1:].partition("]")
        text = text if closed else ""
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    text = text.partition("%")[0]
    if len(text) > _TEXT_MAX:
        return None
    try:
        return _MAPPED + socket.inet_pton(socket.AF_INET, text)
    except (OSError, ValueError):
        pass
    try:
        return socket.inet_pton(socket.AF_INET6, text)
    except (OSError, ValueError):
        return None


def _write(ip: bytes) -> str:
    if ip.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, ip[len(_MAPPED):])
    return socket.inet_ntop(socket.AF_INET6, ip)


def _for(element: str) -> str:
    """What an element of Forwarded says of it."""
    pairs: List[str] = [pair.lstrip(" ") for pair in element.split(";")]
    return next((pair[4:].strip(' \t"') for pair in pairs if pair[:4].lower() == "for=" and len(pair) > 4), "")
