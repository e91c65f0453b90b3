"""One application in five dialects: the same pages in Flask, FastAPI, Django (WSGI and ASGI) and plain WSGI.

    /                 HTML               /stream     HTML in three parts, one event from within
    /orders/{id}      HTML, POST: JSON   /away       302 with HTML
    /json             JSON               /boom       raises
    /broken           HTML that breaks off after its first part
    /pages/{name}     HTML (not in plain WSGI)
    /api/generate     JSON, track_route  /static/x   excluded
"""
import os

from tamis import get_analytics, track_event, track_route

NAME = "shop"
PAGE = "<!doctype html><title>shop</title>"
EXCLUDE = ["/static"]
OPTIONS = {"exclude": EXCLUDE}


def parts():
    yield PAGE
    track_event("streaming", {"part": 2})
    yield "<p>two"
    yield "<p>three"


def broken():
    yield PAGE
    raise RuntimeError("on the way")


@track_route("api.generate")
def generate():
    return {"made": 1}


def make_flask():
    from flask import Blueprint, Flask, Response, jsonify, redirect
    app, shop = Flask("shop", static_folder=None), Blueprint("shop", __name__)
    get_analytics(NAME).init_flask(app, **OPTIONS)
    app.add_url_rule("/", "home", lambda: PAGE)
    shop.add_url_rule("/<int:id>", "order", lambda id: PAGE)
    shop.add_url_rule("/<int:id>", "pay", lambda id: jsonify(paid=True), methods=["POST"])
    app.register_blueprint(shop, url_prefix="/orders")
    app.add_url_rule("/pages/<name>", "page", lambda name: PAGE)
    app.add_url_rule("/json", "json", lambda: jsonify(ok=True))
    app.add_url_rule("/stream", "stream", lambda: Response(parts(), mimetype="text/html"))
    app.add_url_rule("/broken", "broken", lambda: Response(broken(), mimetype="text/html"))
    app.add_url_rule("/away", "away", lambda: redirect("/json"))
    app.add_url_rule("/boom", "boom", lambda: 1 / 0)
    app.add_url_rule("/static/x", "static", lambda: PAGE)
    app.add_url_rule("/api/generate", "generate", lambda: jsonify(generate()))
    return app


def make_fastapi():
    from fastapi import APIRouter, FastAPI
    from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
    from tamis.asgi import TamisASGI
    app, shop = FastAPI(), APIRouter(prefix="/orders")

    @app.get("/", response_class=HTMLResponse)
    async def home():
        return PAGE

    @app.get("/pages/{name}", response_class=HTMLResponse)
    async def page(name: str):
        return PAGE

    @shop.get("/{id}", response_class=HTMLResponse)
    async def order(id: int):
        return PAGE

    @shop.post("/{id}")
    def pay(id: int):
        return {"paid": True}

    @app.get("/json")
    def json():
        return {"ok": True}

    @app.get("/stream")
    async def stream():
        return StreamingResponse(parts(), media_type="text/html")

    @app.get("/broken")
    async def break_off():
        return StreamingResponse(broken(), media_type="text/html")

    @app.get("/away")
    def away():
        return RedirectResponse("/json", 302, headers={"Content-Type": "text/html"})

    @app.get("/boom")
    async def boom():
        return 1 / 0

    @app.get("/static/x", response_class=HTMLResponse)
    def static():
        return PAGE

    @app.get("/api/generate")
    @track_route("api.generate")
    async def generate_async():
        return {"made": 1}

    app.include_router(shop)
    app.add_middleware(TamisASGI, app_name=NAME, **OPTIONS)
    return app


def configure_django():
    import django
    from django.conf import settings
    if not settings.configured:
        settings.configure(SECRET_KEY="of a test", ROOT_URLCONF="python_apps_urls", ALLOWED_HOSTS=["*"],
                           MIDDLEWARE=["tamis.django.TamisMiddleware", "django.middleware.common.CommonMiddleware"],
                           TAMIS={"app_name": NAME, **OPTIONS}, LOGGING_CONFIG=None)
        django.setup()


def make_django():
    configure_django()
    from django.core.wsgi import get_wsgi_application
    return get_wsgi_application()


def make_django_asgi():
    configure_django()
    from django.core.asgi import get_asgi_application
    return get_asgi_application()


def make_wsgi():
    import json
    from tamis.wsgi import TamisWSGI
    html, data = [("Content-Type", "text/html")], [("Content-Type", "application/json")]

    def app(environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/boom":
            return 1 / 0
        if path == "/stream":
            start_response("200 OK", html)
            return (part.encode() for part in parts())
        if path == "/broken":
            start_response("200 OK", html)
            return (part.encode() for part in broken())
        if path == "/away":
            start_response("302 Found", [*html, ("Location", "/json")])
        elif path == "/json" and method == "DELETE":
            start_response("405 Method Not Allowed", html)
        elif path in ("/", "/static/x") or path.startswith("/orders/") and method == "GET":
            start_response("200 OK", html)
            return [PAGE.encode()]
        elif path in ("/json", "/api/generate") or path.startswith("/orders/"):
            start_response("200 OK", data)
            return [json.dumps(generate() if path == "/api/generate" else {}).encode()]
        else:
            start_response("404 Not Found", html)
        return [b""]

    return TamisWSGI(app, NAME, **OPTIONS)


SERVERS = {
    "flask": ("gunicorn", "make_flask"), "wsgi": ("gunicorn", "make_wsgi"), "django": ("gunicorn", "make_django"),
    "fastapi": ("uvicorn", "make_fastapi"), "django-asgi": ("uvicorn", "make_django_asgi"),
}
OTHERS = {
    "mounts-starlette": ("uvicorn", "make_starlette"), "mounts-fastapi": ("uvicorn", "make_fastapi"),
    "mounts-outside": ("uvicorn", "make_outside"), "plain-asgi": ("uvicorn", "make_plain"),
    "tasks": ("uvicorn", "make_tasks"),
}
"""Of python_asgi_apps, with pages of their own."""


def command(dialect, port, *options):
    """What starts the application on a port of the loopback."""
    module = "python_apps" if dialect in SERVERS else "python_asgi_apps"
    server, factory = SERVERS.get(dialect) or OTHERS[dialect]
    if server == "gunicorn":
        return ["/usr/bin/gunicorn", "--bind", f"127.0.0.1:{port}", *options, f"{module}:{factory}()"]
    return ["/usr/bin/python3", "-m", "uvicorn", "--factory", "--port", str(port), "--log-level", "warning",
            "--no-access-log", *options, f"{module}:{factory}"]


if os.environ.get("PYTHON_APPS"):  # for servers that take an object
    application = globals()[os.environ["PYTHON_APPS"]]()
