"""Flask in its own tests: what tamis.testing captures of its test client, and options that are given in other ways."""
import logging

import middleware  # noqa: F401 - before tamis
import flask
import pytest
import tamis
import tamis.testing
from tamis.testing import Event, Request
from tamis.visit import current

PAGE = "<!doctype html><title>shop</title>"


def signup():
    tamis.track_event("signup", {"plan": "pro"})
    return "thanks"


def application(**options):
    app = flask.Flask("shop", static_folder=None)
    tamis.get_analytics("shop").init_flask(app, **options)
    app.add_url_rule("/", "home", lambda: PAGE)
    app.add_url_rule("/signup", "signup", signup, methods=["POST"])
    app.add_url_rule("/empty", "empty", lambda: ("", 204, {"Content-Type": "text/plain"}))
    app.add_url_rule("/stream", "stream", lambda: flask.Response(iter([PAGE, "more"]), mimetype="text/html"))
    app.add_url_rule("/static/a", "static", lambda: PAGE)
    app.add_url_rule("/staticky", "other", lambda: PAGE)
    return app


@pytest.fixture
def sent():
    with tamis.testing.capture(umami__website_id="") as captured:
        yield captured


def test_a_test_does_not_have_to_read_the_answer(sent):
    client = application().test_client()
    answers = [client.get("/"), client.post("/signup"), client.head("/"), client.get("/empty"), client.get("/nothing")]
    assert current.get() is None
    assert sent.requests == [Request("GET", "/", 200), Request("POST", "/signup", 200), Request("HEAD", "/", 200),
                             Request("GET", "/empty", 204), Request("GET", "__unrouted__", 404)]
    assert sent.events == [Event("", {}, "/", "localhost"), Event("signup", {"plan": "pro"}, "/signup", "localhost")]
    assert answers[0].text == PAGE and answers[1].text == "thanks"


def test_a_streamed_answer_counts_when_it_is_read_or_closed(sent):
    client = application().test_client()
    answer = client.get("/stream")
    assert sent.requests == []
    assert answer.text == PAGE + "more" and sent.requests == [Request("GET", "/stream", 200)]
    client.get("/stream").close()
    assert len(sent.requests) == 2 and current.get() is None


def test_a_second_init_flask_counts_nothing_twice(sent, caplog):
    app = application()
    with caplog.at_level(logging.WARNING, "tamis"):
        tamis.get_analytics("shop").init_flask(app)
    app.test_client().get("/")
    assert sent.requests == [Request("GET", "/", 200)] and len(sent.events) == 1
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "init_flask() was called for this application before"]


@pytest.mark.parametrize("exclude", ["/static", "/static/", ["/static"], ("/static",)])
def test_one_path_to_exclude_may_stand_by_itself(sent, exclude):
    client = application(exclude=exclude).test_client()
    for path in ("/", "/static/a", "/staticky"):
        assert client.get(path).status_code == 200
    assert sent.requests == [Request("GET", "/", 200), Request("GET", "/staticky", 200)]
