"""umami.app_secret: answers and forwarded requests carry the session's genuine token."""
import json

import pytest

from conftest import WEBSITE, wait_for
from umami_session import Sessions
from upstream import Upstream

SECRET = "a secret of a test"


def start(tamis, upstream=None, **settings):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_UMAMI_APP_SECRET=SECRET, TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS=1,
              **settings)
    if upstream:
        tamis.set(UMAMI_API_URL=upstream.url)
    tamis.lighttpd()


def kept(tamis):
    """The payloads of all events on the spool."""
    return [json.loads(line)["payload"] for line in tamis.command("spool", "cat", check=True).stdout.splitlines()]


def test_answers_are_umamis(tamis):
    start(tamis)
    sessions = Sessions(SECRET)
    answers = [tamis.send(url="/a").json, tamis.send(kind="identify", id="u1").json]
    for answer, payload in zip(answers, kept(tamis)):
        session = sessions.session(WEBSITE, payload["timestamp"], id=payload["id"])
        assert answer["sessionId"] == session
        assert answer["visitId"] == sessions.visit(session, payload["timestamp"])
        said = sessions.read(answer["cache"])
        assert said == {"websiteId": WEBSITE, "sessionId": session, "visitId": answer["visitId"],
                        "iat": payload["timestamp"]}
    assert answers[0]["sessionId"] != answers[1]["sessionId"]


def test_a_batch_is_answered_with_the_session_of_its_last_event(tamis):
    start(tamis)
    sessions = Sessions(SECRET)
    elements = [{"type": "identify", "payload": {"website": WEBSITE, "id": who}} for who in ("u1", "u2")]
    answer = tamis.request("POST", "/api/batch", [*elements, {"type": "event", "payload": {"url": "/"}}]).json
    last = kept(tamis)[-1]
    assert (answer["processed"], answer["errors"]) == (2, 1)
    assert sessions.read(answer["cache"])["sessionId"] == sessions.session(WEBSITE, last["timestamp"], id=last["id"])


def test_without_an_id_it_is_address_agent_and_month(tamis):
    start(tamis, TAMIS_IDENTITY_MODE="full")
    answer = tamis.send().json
    payload, = kept(tamis)
    assert "id" not in payload
    assert answer["sessionId"] == Sessions(SECRET).session(WEBSITE, payload["timestamp"], ip=payload["ip"],
                                                           agent=payload["userAgent"])


def test_the_secret_says_nothing_where_it_is_not_set(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    assert tamis.send().json == tamis.send(kind="identify", id="u1").json


def test_the_token_goes_along_in_order(tamis):
    sessions = Sessions(SECRET)
    with Upstream(websites=[WEBSITE]) as upstream:
        start(tamis, upstream)
        first = tamis.send(url="/0").json
        token = sessions.read(first["cache"])
        older = sessions.token(WEBSITE, token["sessionId"], token["visitId"], token["iat"] - 60)
        for n in range(1, 6):
            answer = tamis.send(url=f"/{n}", headers={"x-umami-cache": older})
            assert sessions.read(answer.json["cache"])["iat"] == token["iat"] - 60
        tamis.send(url="/6", headers={"x-umami-cache": "forged"})
        tamis.forward()
        records = wait_for(lambda: len(upstream.events) == 7 and upstream.events, "all events")
        assert [r["event"]["payload"]["url"] for r in records] == [f"/{n}" for n in range(7)]
        assert [r["cache"] for r in records] == [None] + [older] * 5 + [None]


@pytest.mark.parametrize("mode", ["daily", "none", "full"])
def test_identify_events_of_one_session_never_meet(tamis, mode):
    """Umami spoils a visitor for good whose identify events are worked on at once."""
    browsers = [f"Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0" for n in range(120, 126)]
    with Upstream(websites=[WEBSITE]) as upstream:
        start(tamis, upstream, TAMIS_IDENTITY_MODE=mode, TAMIS_UMAMI_ASYNC_BATCH_SIZE=1,
              TAMIS_FORWARD_MAX_BATCH=2, TAMIS_FORWARD_CONNECTIONS=8)
        upstream.set(pace=200)
        for n in range(60):
            who = {"id": f"u{n % 3}"} if n % 2 else {}
            tamis.send(kind="identify", data={"n": n}, headers={"User-Agent": browsers[n % 6]}, **who)
            tamis.send(url=f"/{n}", headers={"User-Agent": browsers[n % 6]})
        tamis.forward()
        wait_for(lambda: len(upstream.events) == 120, "all events", 60)
        assert upstream.stats["identify_races"] == 0
        assert mode == "none" or upstream.stats["busy_most"] > 1, "nothing was sent at once"
