"""The routers of Starlette and FastAPI: the rule of a request that one of them has sent on its way.

What is left in the scope afterwards says who took the request: FastAPI's route, Starlette's endpoint, or what is
mounted. Where that stands in the tree of routers, mounts and hosts is looked up in a table, made once; only what
stands there more than once is told apart by the path.
"""
from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, MutableMapping, NamedTuple, Optional, Tuple

Scope = MutableMapping[str, Any]
Starts = Tuple[Tuple[str, str], ...]
"""Path and root path that the first router may have seen."""

DEPTH_MAX = 16
REST = "/{path}"
"""What a mount leaves to an application that has no routes of its own, such as static files."""
NONE, FULL = 0, 2
"""How a route matches, as Starlette numbers it; between them only the method is another."""


class Place(NamedTuple):
    """Where something stands in the tree."""

    rule: str
    steps: Tuple[Any, ...]
    """Mounts and hosts on the way, and the route itself."""


class Tree:
    """All below `root`, a router."""

    rules: Dict[int, str]
    """Of all that stands in one place only, by id()."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._read()

    def rule(self, scope: Scope, path: str, root_path: str) -> Optional[str]:
        """Of a finished request. path, root_path: as they were before any router; None: no route took it."""
        taker = scope["route"] if "route" in scope else scope["endpoint"]
        if "fastapi" in scope:
            taker = _included(scope["fastapi"], taker)
        places = self._places.get(id(taker))
        if places is None:
            if self._seen != self._sizes():
                self._read()  # routes came later
            places = self._places.get(id(taker))
        if places is not None and len(places) == 1:
            return places[0].rule
        starts = (path, root_path), (root_path + path, "")
        return self._unknown(taker, scope, starts) if places is None else _taken(places, scope, starts)

    def _unknown(self, taker: Any, scope: Scope, starts: Starts) -> Optional[str]:
        """Of an application that is hidden in one of the mounted, or around the router."""
        path: Optional[str] = getattr(taker, "path", None) if hasattr(taker, "endpoint") else None
        mount = _taken(self._opaque, scope, starts)
        return path if mount is None else mount if path is None else mount[:-len(REST)] + path

    def _read(self) -> None:
        self._places: Dict[int, List[Place]] = {}  # by id(): routes cannot be hashed; the steps keep them alive
        self._opaque: List[Place] = []  # mounts without routes
        self._routers: List[Any] = []
        self._collect(self.root, (), "")
        for key, places in self._places.items():
            if len({place.rule for place in places}) == 1:
                self._places[key] = places[:1]  # such as one for each method
        self.rules = {key: places[0].rule for key, places in self._places.items() if len(places) == 1}
        self._seen = self._sizes()

    def _sizes(self) -> List[int]:
        return [len(router.routes) for router in self._routers]

    def _collect(self, router: Any, steps: Tuple[Any, ...], prefix: str) -> None:
        self._routers.append(router)
        for route in _routes(router.routes):
            here = (*steps, route)
            if hasattr(route, "endpoint"):
                self._add((route, route.endpoint), Place(prefix + route.path, here))
            elif hasattr(route, "app") and len(here) < DEPTH_MAX:
                self._enter(route, here, prefix + getattr(route, "path", ""))

    def _enter(self, mount: Any, steps: Tuple[Any, ...], prefix: str) -> None:
        below = mount if mount.routes else _router_in(mount.app)
        if below is None:
            self._opaque.append(Place(prefix + REST, steps))
            self._add((mount, mount.app), self._opaque[-1])
        else:
            self._add((mount, mount.app))  # none of its routes took the request
            self._collect(below, steps, prefix)

    def _add(self, takers: Iterable[Any], *places: Place) -> None:
        for taker in takers:
            self._places.setdefault(id(taker), []).extend(places)


def _routes(routes: Iterable[Any]) -> Iterator[Any]:
    """Newer FastAPI keeps included routers as they are: theirs, with the prefixes under which they are included."""
    for route in routes:
        included = getattr(route, "effective_candidates", None)
        if included is None:
            yield getattr(route, "starlette_route", None) or route
        else:
            yield from _routes(included())


def _included(known: Any, taker: Any) -> Any:
    """The route as it is included, which newer FastAPI notes beside it."""
    context = known.get("effective_route_context")
    return context if context is not None and context.original_route is taker else taker


def _router_in(app: Any) -> Any:
    """The application with routes within middlewares; None: there is none."""
    for _ in range(DEPTH_MAX):
        if isinstance(getattr(app, "routes", None), list):
            return app
        app = getattr(app, "app", None)
    return None


def _taken(places: List[Place], scope: Scope, starts: Starts) -> Optional[str]:
    """The first one that matches, as routers try it; with another method only where none does with this one."""
    for path, root_path in starts:
        other_method = None
        for place in places:
            match = _match(place.steps, {**scope, "path": path, "root_path": root_path, "path_params": {}})
            if match == FULL:
                return place.rule
            if match != NONE and other_method is None:
                other_method = place.rule
        if other_method is not None:
            return other_method
    return None


def _match(steps: Tuple[Any, ...], scope: Scope) -> int:
    match = NONE
    for step in steps:
        result, child = step.matches(scope)
        match = result.value
        if match == NONE:
            break
        scope.update(child)
    return match
