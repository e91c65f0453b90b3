"""What Umami 3.1.0 takes, refuses and breaks on: pure functions over one parsed event.

Written from the recorded contract (spec and tests/data/umami-contract.jsonl), so that a test
upstream can enforce it. A value of JSON is what json.loads gives, with ABSENT where a key is
missing. Messages are Umami's own.
"""
import base64
import calendar
import hashlib
import hmac
import ipaddress
import json
import re
import time
import urllib.parse
import uuid

ABSENT = object()
TYPES = ("event", "identify", "performance")
LENGTHS = {"hostname": 100, "language": 35, "screen": 11, "name": 50, "tag": 50}
STRINGS = ("hostname", "language", "referrer", "screen", "title", "url", "name", "tag", "ip",
           "userAgent", "id", "browser", "os", "device")
RANGES = {"lcp": 60000, "inp": 60000, "fcp": 60000, "ttfb": 60000, "cls": 100}
SOURCES = ("website", "link", "pixel")
ONE_SOURCE = "Exactly one of website, link, or pixel must be provided"
QUERY_255 = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid",
             "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id")

UUID = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
                  r"|0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12})", re.I)

# The kinds of agents that Umami's bot list names; not the list itself.
BOT = re.compile(
    r"bot\b|bot[/;, _-]|crawl|spider|slurp|scrap|fetch|headless|phantomjs|lighthouse|monitor|"
    r"compatible;(?! MSIE)|https?:|@[a-z]+\.|^[\w.-]+/v?\d[\w.]*$|"
    r"curl|wget|python|httpx|aiohttp|go-http-client|java/|okhttp|axios|node-fetch|undici|"
    r"apache-httpclient|ruby|perl|php|postman|insomnia|preview|facebookexternalhit", re.I)


def is_bot(agent):
    """A missing or empty user agent is no bot."""
    return bool(agent) and BOT.search(agent) is not None


def kind(value):
    """The name zod gives to a value's type."""
    if value is ABSENT:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def parse(body):
    """Any bytes as Umami reads them; ABSENT where they are no JSON."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")

    def constant(name):
        raise ValueError(name)
    try:
        return json.loads(text, parse_constant=constant)
    except (ValueError, RecursionError):
        return ABSENT


# --- URLs as the WHATWG's parser takes them (only whether it does)

SPECIAL = ("http", "https", "ws", "wss", "ftp")
FORBIDDEN_HOST = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")


def host_ok(host, special):
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            return False
        return host.endswith("]")
    if not special:
        return not re.search(r"[\x00\t\n\r #/<>?@\[\\\]^|]", host)
    host = urllib.parse.unquote(host)
    if not host or FORBIDDEN_HOST.search(host):
        return False
    last = host.rstrip(".").rsplit(".", 1)[-1]
    if re.fullmatch(r"\d+|0x[0-9a-f]*", last, re.I):
        try:
            parts = [int(p, 0) if p.lower() != "0x" else 0 for p in host.rstrip(".").split(".")]
        except ValueError:
            return False
        return len(parts) <= 4 and all(p <= 255 for p in parts[:-1]) and \
            parts[-1] < 256 ** (5 - len(parts))
    return True


def authority_ok(rest, special):
    authority = re.split(r"[/\\?#]" if special else r"[/?#]", rest, maxsplit=1)[0]
    authority = authority.rsplit("@", 1)[-1]
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?", authority, re.S)
    if not match or int(match[2] or 0) > 65535:
        return False
    return host_ok(match[1], special) or (not special and not match[1])


def url_ok(value):
    """Would `new URL(value, 'https://localhost')` succeed?"""
    value = re.sub(r"[\t\n\r]", "", value.strip("".join(map(chr, range(33)))))
    match = re.match(r"([a-z][a-z0-9+.-]*):(.*)", value, re.I | re.S)
    if not match:
        slashes = re.match(r"[/\\]{2,}", value)
        return not slashes or authority_ok(value[slashes.end():], True)
    scheme, rest = match[1].lower(), match[2]
    if scheme in SPECIAL:
        if scheme == "https" and not re.match(r"[/\\]{2}", rest):
            return True
        return authority_ok(rest.lstrip("/\\"), True)
    return not rest.startswith("//") or scheme == "file" or authority_ok(rest[2:], False)


# --- 400

def number_of(value):
    """JavaScript's Number(value), None for NaN."""
    if value is None or value is False or value == "" or value == []:
        return 0
    if value is True:
        return 1
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            return float(value.strip() or 0)
        except ValueError:
            return None
    return None


def length(text):
    """In UTF-16 units, as JavaScript counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def string_errors(key, value):
    if not isinstance(value, str):
        return [f"Invalid input: expected string, received {kind(value)}"]
    if key in LENGTHS and length(value) > LENGTHS[key]:
        return [f"Too big: expected string to have <={LENGTHS[key]} characters"]
    if key in ("url", "referrer") and not url_ok(value):
        return ["Invalid URL."]
    return []


def value_errors(key, value):
    if key in SOURCES:
        if not isinstance(value, str):
            return [f"Invalid input: expected string, received {kind(value)}"]
        return [] if UUID.fullmatch(value) else ["Invalid UUID"]
    if key == "data":
        if isinstance(value, dict):
            return []
        return [f"Invalid input: expected record, received {kind(value)}"]
    if key == "timestamp":
        number = number_of(value)
        if number is None:
            return ["Invalid input: expected number, received NaN"]
        return [] if number == int(number) else ["Invalid input: expected int, received number"]
    if key in RANGES:
        if kind(value) != "number":
            return [f"Invalid input: expected number, received {kind(value)}"]
        if value < 0:
            return ["Too small: expected number to be >=0"]
        return [] if value <= RANGES[key] else \
            [f"Too big: expected number to be <={RANGES[key]}"]
    return string_errors(key, value)


def payload_errors(payload):
    places = {}
    for key in (*SOURCES, "data", *STRINGS, "timestamp", *RANGES):
        if key in payload:
            errors = value_errors(key, payload[key])
            if errors:
                places[key] = errors
    wrong_type = any(e.startswith("Invalid input") for errors in places.values() for e in errors)
    if not wrong_type and sum(bool(payload.get(key)) for key in SOURCES) != 1:
        places.setdefault("website", []).append(ONE_SOURCE)
    return places


def bad_request(errors=(), properties=None):
    error = {"message": "Bad request", "code": "bad-request", "status": 400, "errors": list(errors)}
    if properties:
        error["properties"] = properties
    return {"error": error}


def validation_error(event):
    """The 400 body for what /api/send got, or None."""
    if not isinstance(event, dict):
        return bad_request([f"Invalid input: expected object, received {kind(event)}"])
    tree = {}
    if event.get("type") not in TYPES:
        names = "|".join(f'"{name}"' for name in TYPES)
        tree["type"] = {"errors": [f"Invalid option: expected one of {names}"]}
    payload = event.get("payload", ABSENT)
    if not isinstance(payload, dict):
        tree["payload"] = {
            "errors": [f"Invalid input: expected object, received {kind(payload)}"]}
    else:
        places = payload_errors(payload)
        if places:
            tree["payload"] = {"errors": [],
                               "properties": {k: {"errors": v} for k, v in places.items()}}
    return bad_request(properties=tree) if tree else None


def batch_error(batch):
    """The 400 body for what /api/batch got, or None."""
    if not isinstance(batch, list):
        return bad_request([f"Invalid input: expected array, received {kind(batch)}"])
    items = [None if isinstance(e, dict) else
             {"errors": [f"Invalid input: expected record, received {kind(e)}"]} for e in batch]
    if any(items):
        answer = bad_request()
        answer["error"]["items"] = items
        return answer
    return None


# --- 500

def flatten(data, prefix=""):
    for key, value in data.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            yield from flatten(value, name)
        else:
            yield name, value


def data_breaks(payload):
    """What the database refuses after the event's own row is written."""
    data = payload.get("data") or {}
    for key, value in flatten(data):
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        if len(key) > 500 or "\0" in key:
            return True
        if isinstance(value, (str, list)) and (len(text) > 500 or "\0" in text
                                               or "\\u0000" in text):
            return True
        if kind(value) == "number" and abs(value) >= 1e15:
            return True
    currency = data.get("currency")
    return bool(data.get("revenue")) and isinstance(currency, str) and len(currency) > 10


def row_breaks(payload):
    """What makes Umami answer 500 with nothing stored."""
    if any(isinstance(v, str) and "\0" in v for v in payload.values()):
        return True
    if len(payload.get("id") or "") > 50:
        return True
    if any(len(payload.get(key) or "") > 20 for key in ("browser", "os", "device")):
        return True
    if payload.get("hostname") and not url_ok("http://" + payload["hostname"]):
        return True
    query = payload.get("url", "").partition("#")[0].partition("?")[2]
    return any(key in QUERY_255 and len(value) > 255
               for key, value in urllib.parse.parse_qsl(query, errors="replace"))


# --- identity

def sha512(text):
    return hashlib.sha512(text.encode("utf-8", "surrogatepass")).hexdigest()


def utc_string(seconds, form):
    """Start of the month ('month') or of the hour ('hour') in toUTCString() form."""
    t = time.gmtime(seconds)
    start = (t.tm_year, t.tm_mon, 1, 0) if form == "month" else t[:4]
    moment = time.gmtime(calendar.timegm((*start, 0, 0)))
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", moment)


def identity(payload, address, agent, secret):
    """sessionId, visitId and the cache token."""
    now = number_of(payload.get("timestamp")) or time.time()
    try:
        month, hour = utc_string(now, "month"), utc_string(now, "hour")
    except (ValueError, OverflowError, OSError):
        month = hour = "Invalid Date"
    source = next(payload[key] for key in SOURCES if payload.get(key))
    key = sha512(secret)
    who = source + payload["id"] + key if payload.get("id") else \
        source + address + agent + sha512(month) + key
    session = str(uuid.uuid5(uuid.NAMESPACE_DNS, sha512(who)))
    visit = str(uuid.uuid5(uuid.NAMESPACE_DNS, sha512(session + sha512(hour) + key)))
    claims = {"websiteId": source, "sessionId": session, "visitId": visit, "iat": int(now)}
    return session, visit, token(claims, key)


def token(claims, key):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    head = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + \
        part(json.dumps(claims, separators=(",", ":")).encode())
    return (head + b"." + part(hmac.digest(key.encode(), head, "sha256"))).decode()
