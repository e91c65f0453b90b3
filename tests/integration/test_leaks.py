"""Canaries in every field and header, in several spellings, are nowhere afterwards: in each mode of identity."""
import base64
import json
import urllib.parse

import pytest

from conftest import BROWSER, WEBSITE, files, wait_for
from test_acceptance import assert_no_trace
from upstream import Upstream

EMAIL = "canary.bird@mail.example"
SECRET = "Canary" + "Value77"
CORES = ["canary.bird", SECRET]
TEXTS = ["title", "name", "tag", "language", "browser", "os", "device", "hostname", "id", "screen"]
HEADERS = ["Referer", "Cookie", "Authorization", "X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP",
           "Origin", "Accept-Language", "Accept-Encoding", "If-None-Match", "x-umami-cache", "X-Canary", "From"]


def percent(text):
    return "".join(f"%{b:02X}" for b in text.encode())


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


def utf16(text):
    """As UTF-16 looks where its bytes are taken for characters."""
    return text.encode("utf-16-le").decode()


def utf16_percent(text):
    return "".join(f"%{b:02X}" for b in text.encode("utf-16-le"))


def payloads(mode):
    """One field each."""
    for spell in (str, percent, lambda text: percent(percent(text)), base64_of, utf16, utf16_percent,
                  lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
                  lambda text: base64_of(f'{{"mail":"{text}"}}')):
        for field in ("url", "referrer"):
            yield {field: f"/user/{spell(EMAIL)}/x"}
            yield {field: f"https://x.example/?q={spell(EMAIL)}&token={spell(SECRET)}"}
            yield {field: f"https://x.example/#{spell(EMAIL)}"}
        yield {"title": f"see {spell(EMAIL)}"}
        yield {"data": {"a": {"b": [f"to {spell(EMAIL)}", {"token": spell(SECRET)}]}, spell(EMAIL): 1}}
    for field in TEXTS:
        yield {field: EMAIL[:11] if field == "screen" else EMAIL}
    if mode != "full":  # where click ids stay
        yield {"url": f"/?gclid={SECRET}", "referrer": f"https://x.example/?fbclid={SECRET}"}
    yield {"data": {"password": SECRET}}
    yield {"userAgent": f"{BROWSER} password={SECRET}"}
    yield {"ip": EMAIL}
    yield {"unknown": EMAIL}


def bodies(mode):
    for payload in payloads(mode):
        if payload.get("screen"):
            continue  # eleven characters hold no address; Umami takes no more
        event = {"type": "event", "payload": {"website": WEBSITE, "url": "/", **payload}}
        text = json.dumps(event)
        yield text.encode()
        # every letter of the values as a JSON escape
        yield text.replace(EMAIL, "".join(f"\\u{ord(c):04x}" for c in EMAIL)).replace(
            SECRET, "".join(f"\\u{ord(c):04x}" for c in SECRET)).encode()
    yield text.encode("utf-16")  # no JSON: refused, and not told back
    yield b'{"type":"event","payload":{"website":"' + EMAIL.encode() + b'"}}'
    yield b'{"type":"' + EMAIL.encode() + b'"}'


@pytest.mark.parametrize("mode", ["daily", "none", "full"])
def test_no_canary_survives_anywhere(tamis, tmp_path_factory, mode):
    raw = tmp_path_factory.mktemp("upstream") / "raw"
    with Upstream(raw=str(raw)) as upstream:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=upstream.url, TAMIS_IDENTITY_MODE=mode,
                  TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS=1, TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.0/8")
        tamis.lighttpd()
        answers = [tamis.request("POST", "/api/send", body, {"User-Agent": BROWSER}) for body in bodies(mode)]
        for spell in (str, percent, urllib.parse.quote, base64_of):
            headers = {name: f"{spell(EMAIL)} {SECRET}" for name in HEADERS}
            answers.append(tamis.send(headers={"User-Agent": f"{BROWSER} token={SECRET}", **headers}))
            answers.append(tamis.request("POST", f"/api/send?mail={spell(EMAIL)}&token={SECRET}", b"{}"))
            answers.append(tamis.request("GET", f"/{spell(EMAIL)}/{SECRET}"))
            for field in ("url", "title", "referrer", "name", "hostname", "website", "unknown"):
                answers.append(tamis.request("GET", f"/pixel.gif?{field}=/{spell(EMAIL)}?token={SECRET}"))
            answers.append(tamis.request("GET", "/pixel.gif", headers={"Referer": f"https://x.example/{spell(EMAIL)}"}))
        taken = tamis.metrics()["tamis_events_accepted_total"]
        assert taken > 50
        spool = tamis.command("spool", "cat", check=True).stdout
        tamis.forward()
        wait_for(lambda: tamis.metrics().get("tamis_events_forwarded_total") == taken, "all events upstream")
        places = [*files(tamis.directory, tamis.keys), ("upstream", raw.read_bytes()), ("spool", spool.encode()),
                  ("metrics", tamis.command("metrics", check=True).stdout.encode()),
                  ("status", tamis.command("status", "--json", check=True).stdout.encode())]
        places += [("an answer", answer.body + repr(answer.headers).encode()) for answer in answers]
        assert_no_trace(places, CORES)
