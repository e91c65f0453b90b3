"""Applications of ASGI whose requests are not taken by a route of the first router, or by none at all."""
import asyncio
import time

from tamis.asgi import TamisASGI

NAME = "shop"
PAGE = "<!doctype html><title>shop</title>"


async def plain(scope, receive, send):
    """/nothing is a 404, /boom raises once its answer has begun, all else is a page."""
    if scope["type"] != "http":
        return
    path = scope["path"]
    status = 404 if path.endswith("/nothing") else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"Content-Type", b"text/html")]})
    if path.endswith("/boom"):
        raise RuntimeError("on the way")
    await send({"type": "http.response.body", "body": PAGE.encode()})


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html")])
    return [PAGE.encode()]


def mounts(folder):
    """What both frameworks mount."""
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse
    from starlette.applications import Starlette
    from starlette.middleware.wsgi import WSGIMiddleware
    from starlette.routing import Host, Mount, Route
    from starlette.staticfiles import StaticFiles

    async def page(request):
        return HTMLResponse(PAGE)

    sub = FastAPI()
    sub.get("/e/{f}", response_class=HTMLResponse)(lambda f: PAGE)
    twice = Starlette(routes=[Route("/g/{h}", page)])
    return [
        Route("/old/{x}", page), Route("/new/{x:int}", page), Route("/new/{x:int}", page, methods=["PUT"]),
        Mount("/m", routes=[Route("/c/{d}", page), Route("/{d}/c", page, methods=["POST"])]),
        Mount("/star", Starlette(routes=[Route("/a/{b}", page)])), Mount("/of/{tenant}", sub),
        Mount("/one", twice), Mount("/two", twice),
        Host("api.example", Starlette(routes=[Route("/k/{l}", page)])),
        Mount("/files", StaticFiles(directory=folder)), Mount("/wsgi", WSGIMiddleware(hello)), Mount("/raw", plain),
    ]


def make_starlette():
    import pathlib
    from starlette.applications import Starlette
    app = Starlette(routes=mounts(pathlib.Path(__file__).parent))
    app.add_middleware(TamisASGI, app_name=NAME)
    return app


def make_fastapi():
    import pathlib
    from fastapi import APIRouter, FastAPI
    from fastapi.responses import HTMLResponse
    app, shop = FastAPI(routes=mounts(pathlib.Path(__file__).parent)), APIRouter(prefix="/shop")
    shop.get("/{n}", response_class=HTMLResponse)(lambda n: PAGE)
    app.include_router(shop)
    app.include_router(shop, prefix="/v2")
    app.add_middleware(TamisASGI, app_name=NAME)
    return app


def make_outside():
    """The middleware is around the application, not in it."""
    import pathlib
    from starlette.applications import Starlette
    return TamisASGI(Starlette(routes=mounts(pathlib.Path(__file__).parent)), NAME)


def make_plain():
    return TamisASGI(plain, NAME)


def make_tasks():
    """Background tasks: one that takes its time, one that raises."""
    from fastapi import BackgroundTasks, FastAPI
    from tamis import track_event
    app = FastAPI()

    def slow():
        time.sleep(1.5)
        track_event("done")

    async def failing():
        await asyncio.sleep(0.01)
        raise RuntimeError("afterwards")

    @app.get("/slow")
    async def slowly(tasks: BackgroundTasks):
        tasks.add_task(slow)
        return {}

    @app.get("/failing")
    async def badly(tasks: BackgroundTasks):
        tasks.add_task(failing)
        return {}

    app.add_middleware(TamisASGI, app_name=NAME)
    return app
