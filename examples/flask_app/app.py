#!/usr/bin/env python3
"""A small shop that counts its own visits: python3 app.py [PORT], then look at /counts."""
import logging
import os
import pathlib
import re
import sys

from flask import Flask, redirect, render_template_string

os.environ.setdefault("TAMIS_STATE_DIR", str(pathlib.Path(__file__).parent / "state"))
from shared.analytics import Sanitizer, get_analytics, track_event, track_route  # noqa: E402 - after the line above
from tamis.logging import SanitizingFilter  # noqa: E402

# Its lines have the URLs with their queries. It also says where it listens: loopback addresses are nobody's.
logging.getLogger("werkzeug").addFilter(SanitizingFilter(
    sanitizer=Sanitizer({"ip": "truncate"}, allow=["127.0.0.0/8", "::1"])))
app = Flask(__name__)
analytics = get_analytics("flask_app")
analytics.init_flask(app)

PAGE = """<!doctype html><title>shop</title>
<p><a href="/">home</a> <a href="/orders/1">order 1</a> <a href="/orders/2?mail=joe@example.com">order 2</a>
<a href="/signup">sign up</a> <a href="/api/generate">generate</a> <a href="/lost">lost</a> <a href="/counts">counts</a>
<h1>{{ title }}</h1>
<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}{% endfor %}{% endfor %}</table>"""


@app.route("/")
def home():
    return render_template_string(PAGE, title="Welcome", rows=[])


@app.route("/orders/<int:number>")
def order(number):
    return render_template_string(PAGE, title=f"Order {number}", rows=[])


@app.route("/signup")
def signup():
    track_event("signup", {"plan": "pro", "email": "joe@example.com"})
    return redirect("/")


@app.route("/api/generate")
@track_route("api.generate")
def generate():
    return {"image": "a cat"}


@app.route("/counts")
def counts():
    found = re.findall(r'http_server_request_duration_seconds_count\{http_request_method="(.+?)",http_route="(.+?)",'
                       r'http_response_status_code="(.+?)"\} (\d+)', analytics.metrics())
    return render_template_string(PAGE, title="Requests", rows=[row for row in sorted(found) if row[3] != "0"])


def port():
    """Of the command line."""
    word = " ".join(sys.argv[1:]) or "5000"
    if not re.fullmatch("[0-9]{1,5}", word) or not 1 <= int(word) <= 65535:
        sys.exit("flask_app: PORT has to be a number from 1 to 65535")
    return int(word)


if __name__ == "__main__":
    app.run(port=port())
