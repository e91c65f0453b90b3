"""Labelled cases made from recipes: values of a class times the places where they stand.

A case is what ../shared/data/sanitizer-cases.jsonl.gz holds: {"class", "text", "spans", "may"},
spans being [start, end, class] in bytes of the UTF-8 text. Keys and tokens are put together
here, so that none stands in the repository.
"""
import base64
import json
import random
import string
from urllib.parse import quote

WORD = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
KINDS = {"a": WORD, "l": LOWER, "A": UPPER, "x": HEX, "X": HEX.upper(), "d": string.digits,
         "u": string.ascii_letters, "w": WORD + "_-", "b": WORD + "+/"}

PLAIN = ["{}", "user {} seen", "{'who':'{}','n':1}", '{"event":"x","value":"{}","n":3}', "got ({}) ok",
         "<b>{}</b>", "2026-05-01T12:00:00Z INFO app - {} done", "level=info who={} ok=1", "a,{},c",
         "the last one was {}.", "first {}, then none", '"{}"', "[{}]", "{}; next", 'call("{}");',
         "X-Data: {}", '{"a":{"b":["{}",2]}}', "\t{}\t", "=> {}"]
URLS = ["/p?x={}&y=1", "https://shop.example/a/{}", "https://shop.example/a/{}/b?c=d", "/f?a=1&q={}#top",
        '10.x "GET /v1/{} HTTP/1.1" 200 17']
NESTED = ['{"body":"{\\"value\\":\\"{}\\",\\"n\\":1}"}', '{"m":"a\\n{}\\nb"}']


def place(context, value, kind, may=()):
    """One case: the value within its context."""
    before, _, after = context.partition("{}") if "{}" in context else (context, "", "")
    start = len(before.encode())
    end = start + len(value.encode())
    return {"class": kind, "text": before + value + after, "spans": [[start, end, kind]], "may": list(may)}


def fill(rng, recipe):
    """<36a> becomes 36 letters and digits, and so on: KINDS."""
    out, rest = "", recipe
    while "<" in rest:
        head, _, rest = rest.partition("<")
        spec, _, rest = rest.partition(">")
        letters = KINDS[spec[-1]]
        made = [rng.choice(letters) for _ in range(int(spec[:-1]))]
        made[0] = made[-1] = "7" if spec[-1] in "dxX" else rng.choice([c for c in letters if c.isalnum()])
        if len(made) > 8 and spec[-1] not in "d":  # a letter and a digit, as real ones have
            made[2], made[4] = "4", next(c for c in "aA" if c in letters)
        out += head + "".join(made)
    return out + rest


EMAILS = """disposable.style.email.with+symbol@example.com x@example.com fully-qualified-domain@example.com
user.name+tag+sorting@example.co.uk user%example.com@example.org user-@example.org 
admin@mailserver1.example mailhost!username@example.org _______@example.museum firstname.o'neil@example.ie
1234567890@example.info email@sub-domain.example.co.jp
very.common@a.b.c.d.e.example.com r.stevens@xn--mnchen-3ya.example kontakt@xn--bcher-kva.example
user@xn--80akhbyknj4f.xn--p1ai пример@почта.рф 用户@例子.广告 अजय@डाटा.भारत θσερ@εχαμπλε.ψομ dörte@sörensen.example
jürgen.müller@bücher.example 我買@屋企.香港 甲斐@黒川.日本 чебурашка@ящик-с-апельсинами.рф josé.núñez@correo.example.es
o'brien@example.ie ann-marie_smith@office.example.travel m@ex.ample ALL.CAPS@EXAMPLE.COM Mixed.Case@Example.Org
a.very.long.local.part.that.goes.on.and.on.until.sixty.four.chars1@long-domain-name.example.international

reply-fe8e1c7070640c7b75@s10.example-mail.com u@example.photography info@123.example.com x.y@7-eleven.example
service.accounts@my-project-123.iam.gserviceaccount.example zażółć@gęślą.example αβγ@example.gr""".split()
QUOTED = ['"john doe"@example.org', '"much.more unusual"@example.com', '"a@b"@example.net', '"very.(),:;<>[]"@strange.example']


def emails(rng):
    for value in EMAILS:
        plain_local = all(c.isalnum() or c in "._+-" for c in value.partition("@")[0])
        for context in rng.sample(PLAIN, 5):
            if "'" in value and "'" in context:
                context = "{}"
            if not plain_local and any(c in value for c in "{=/'|`!"):
                context = rng.choice(["{}", "from {} at noon", "to: <{}>"])
            yield place(context, value, "email")
        if plain_local:
            yield place(rng.choice(URLS), value, "email")
            yield place(rng.choice(URLS[:4]), quote(value, safe=""), "email")
            yield place("/r?u=" + "{}" + "&n=1", quote(quote(value, safe=""), safe=""), "email")
            yield place("next=https%3A%2F%2Fa.example%2F%3Fu%3D{}%26b%3D1", quote(quote(value)), "email")
            yield place("<a href=\"mailto:{}?subject=Hi\">write</a>", value, "email")
            yield place("mailto:{}", value, "email")
            yield place("write to {} soon", value.replace("@", rng.choice(["&#64;", "&#x40;", "&commat;"])), "email")
            yield place('{"v":"{}"}', value.replace("@", "\\u0040"), "email")
            yield place("From: \"Some One\" <{}>", value, "email")
            yield place("{} (Some One)", value, "email")
            yield place("git commit --author='Some One <{}>'", value, "email")
            yield place(rng.choice(NESTED), value, "email")
    for value in QUOTED:
        yield place("from <{}> at noon", value, "email")
        yield place("{}", value, "email")
    yield place("mail {} now", "user＠example.com", "email")
    yield place("mail {} now", "us\u200ber@exam\u00adple.com", "email")
    yield place("mail {} now", "user@[192.0.2.1]", "email")
    yield place("mail {} now", "user@[IPv6:2001:db8::1]", "email")


def uuids(rng):
    for version in "12345678":
        for number in range(8):
            digits = [rng.choice(HEX) for _ in range(32)]
            digits[12], digits[16] = version, rng.choice("89ab")
            s = "".join(digits)
            value = f"{s[:8]}-{s[8:12]}-{s[12:16]}-{s[16:20]}-{s[20:]}"
            if number % 3 == 1:
                value = value.upper()
            for context in rng.sample(PLAIN + URLS + NESTED, 3) + rng.sample(
                    ["urn:uuid:{}", "{{}}", "file_{}.png", "order-{}-a", "/v1/{}.json", "x_{}_y", "request_id={}",
                     "CLSID\\{{}}", "id%3D{}%26a", "Guid(\"{}\")", "req:{}", "pod/{}/volumes", "ETag: W/\"{}\""], 2):
                yield place(context, value, "uuid")


SCHEMES = [("4", 16), ("4", 13), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("2500", 16), ("34", 15),
           ("37", 15), ("300", 14), ("305", 14), ("36", 14), ("38", 14), ("39", 14), ("6011", 16), ("644", 16), ("649", 16),
           ("65", 16), ("3528", 16), ("3589", 16), ("62", 16), ("62", 17), ("62", 18), ("62", 19), ("5018", 16),
           ("5020", 16), ("5038", 16), ("5893", 16), ("6304", 16), ("6304", 19), ("6759", 18), ("6761", 16), ("6763", 13),
           ("2200", 16), ("2204", 16), ("508", 16), ("6521", 16), ("9792", 16), ("506099", 16), ("506118", 19),
           ("650002", 16), ("636368", 16), ("509040", 16), ("606282", 16), ("5019", 16), ("636", 16), ("637", 16),
           ("639", 16), ("357111", 16), ("81", 16), ("60", 16)]


def luhn(digits):
    total = 0
    for i, c in enumerate(reversed(digits)):
        d = int(c) * (1 if i % 2 else 2)
        total += d - 9 if d > 9 else d
    return str(-total % 10)


def pan(rng, prefix, length):
    digits = prefix + "".join(rng.choice(string.digits) for _ in range(length - len(prefix) - 1))
    return digits + luhn(digits)


def grouped(digits, separator):
    sizes = {15: (4, 6, 5), 14: (4, 6, 4)}.get(len(digits), (4, 4, 4, 4, 4))
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at:at + size])
        at += size
    return separator.join(p for p in parts if p)


def cards(rng):
    for prefix, length in SCHEMES:
        for _ in range(3):
            value = pan(rng, prefix, length)
            for context in rng.sample(PLAIN + URLS, 3) + ["card {} declined", "pan={};exp=12/29", '{"number":"{}","cvx":1}']:
                yield place(context, value, "card")
            if length in (14, 15, 16, 19):
                for separator in " -":
                    yield place(rng.choice(PLAIN), grouped(value, separator), "card")
                yield place("/pay?n={}&y=1", grouped(value, rng.choice(["%20", "+", "%2D"])), "card")
        yield place('{"n":{},"ok":true}', value, "card")


PHONES = """+14155550132 +442079460958 +4915112345678 +33612345678 +819012345678 +8613912345678 +5511987654321
+27821234567 +61412345678 +971501234567 +918012345678 +6591234567 +35312345678 +3545812345 +2348031234567 +79161234567
+380501234567 +59171234567 +850212345678 00442079460958 004915112345678 0033612345678""".split()
SPACED = ["+1 415 555 0132", "+1 (415) 555-0132", "+44 20 7946 0958", "+44 (0)20 7946 0958", "+49 30 901820",
          "+49-30-901820-12", "+49 (0) 30 901820", "+33 6 12 34 56 78", "+33.6.12.34.56.78", "+81-3-1234-5678",
          "+86 139 1234 5678", "+91 98765 43210", "+55 (11) 98765-4321", "+358 9 1234 5678", "+1-415-555-0132",
          "+1.415.555.0132", "0044 20 7946 0958", "+39 06 698 82 123", "+31 (0)20-123 45 67", "+972-3-123-4567"]
NANP = ["415-555-0132", "(415) 555-0132", "415.555.0132", "(415)555-0132", "1-800-555-0199", "1 415 555 0132",
        "415 555 0132", "1.415.555.0132", "1 (415) 555-0132"]
NAMED = ["0301234567", "020 7946 0958", "06 12 34 56 78", "030/901820", "5550132", "0171-1234567", "(030) 90 18 20",
         "4155550132", "13912345678", "08012345678", "0151 23456789"]
PHONE_NAMES = ["phone", "tel", "telephone", "mobile", "cell", "fax", "msisdn", "sms", "whatsapp", "user_phone", "contactTel",
               "homePhone", "work-phone", "customer.mobile", "billing[phone]", "Phone", "TEL"]


def phones(rng):
    for value in PHONES:
        for context in rng.sample(PLAIN, 4) + ["tel:{}", "sms:{}", "https://wa.example/?to={}"]:
            if value.startswith("00") and context[0] in "thsla":
                context = "call {} now"
            if not value.startswith("+") or "?" not in context:
                yield place(context, value, "phone")
        yield place("/p?to={}&y=1", value.replace("+", "%2B"), "phone")
    for value in SPACED:
        for context in rng.sample([c for c in PLAIN if c[0] != "\t"], 4) + ["tel:{}" if " " not in value else "Call {} today"]:
            yield place(context, value, "phone")
    for value in NANP:
        for context in rng.sample(["call {} today", "{}", "({} is my number)", "phone: {}", "my number is {}, thanks",
                                   '{"to":"{}","ok":true}', "ring {}.", "a;{};c", "'{}'"], 5):
            yield place(context, value, "phone")
    for value in NAMED:
        for name in rng.sample(PHONE_NAMES, 4):
            yield place(rng.choice(["%s={}", "%s: {}", '{"%s":"{}","n":1}', "%s = '{}'", "'%s': '{}',"]) % name, value, "phone")
        yield place("/f?%s={}&z=1" % rng.choice(PHONE_NAMES[:9]), quote(value, safe=""), "phone")


def hexes(rng):
    for length in (32, 33, 40, 48, 56, 64, 96, 128):
        for number in range(6):
            digits = [rng.choice(HEX) for _ in range(length)]
            digits[3], digits[5] = "a", "7"
            value = "".join(digits)
            value = value.upper() if number % 3 == 1 else value
            for context in rng.sample(PLAIN + URLS + NESTED, 3) + rng.sample(
                    ["sha256:{}", "md5={}", "commit {}", "file_{}.css", "app-{}.js", "ETag: \"{}\"", "image@sha256:{}",
                     "{}  ./a.iso", "/static/main.{}.js", "index-{}-v2"], 2):
                yield place(context, value, "hex")


IPS = """192.0.2.1 198.51.100.254 203.0.113.7 10.0.0.1 172.16.254.3 192.168.178.20 8.8.8.8 1.1.1.1 100.64.0.1 127.0.0.1
255.255.255.255 0.0.0.0 169.254.169.254 224.0.0.251 2001:db8::1 2001:0db8:0000:0000:0000:ff00:0042:8329
2001:db8::ff00:42:8329 fe80::1 ::1 fd12:3456:789a:1::1 2606:4700:4700::1111 2a00:1450:4001:82a::200e ff02::1
::ffff:192.0.2.128 64:ff9b::192.0.2.33 2001:DB8:0:0:8:800:200C:417A 2001:db8:1:2:3:4:5:6 fe80::a1b2:c3ff:fed4:e5f6
2001:db8:85a3::8a2e:370:7334 1:2:3:4:5:6:7:8 2002:c000:204::1 ::2:3:4:5:6:7:8 1:2:3:4:5:6:7::""".split()


def ips(rng):
    for value in IPS:
        six = ":" in value
        contexts = ["{}", "from {} to nowhere", "client: {}, server: x", "X-Forwarded-For: {}", '{"ip":"{}","n":1}',
                    "addr={} port=22", "connect to {} failed", "({})", "{} - - [01/May/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 5",
                    "Failed password for root from {} port 22 ssh2", "peer {}, retry", "the host was {}.", "<{}>", "src={},dst=y",
                    "ping {}", "/track?ip={}&v=1", "route {}/24 via x", "{'addr': '{}'}", "a;{};b", "{} is down"]
        contexts += ["[{}]:443", "https://[{}]/a", "https://[{}]:8443/a?b=c", "udp6 [{}]:53 open"] if six else \
            ["{}:443", "https://{}/a", "http://{}:8080/a?b=c", "tcp {}:22 open", "ssh root@{}", "inet {}/8 brd x", "upstream: \"http://{}:80/\""]
        if value.endswith("::") or value.startswith("::"):
            contexts = [c for c in contexts if "=" not in c]
        for context in contexts:
            yield place(context, value, "ip")
    for zone in ("fe80::1%eth0", "fe80::a1b2%en0", "fe80::1%12"):
        for context in ("from {} to x", "[{}]:22", "{}"):
            yield place(context, zone, "ip")
    yield place("http://[{}]/", "fe80::1%25eth0", "ip")
    text = "X-Forwarded-For: 203.0.113.7, 198.51.100.2,10.0.0.1"
    yield {"class": "ip", "text": text, "may": [],
           "spans": [[17, 28, "ip"], [30, 42, "ip"], [43, 51, "ip"]]}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwts(rng):
    headers = [{"alg": a, "typ": "JWT"} for a in ("HS256", "RS512", "ES384", "PS256", "EdDSA")]
    headers += [{"typ": "JWT", "alg": "HS256", "kid": "k1"}, {"alg": "none"}, {"typ": "at+jwt", "alg": "RS256"}, {"kid": "x", "alg": "HS256"}]
    encrypted = [{"alg": "RSA-OAEP", "enc": "A256GCM"}, {"alg": "dir", "enc": "A128CBC-HS256"}, {"alg": "ECDH-ES", "enc": "A128GCM", "epk": {"kty": "EC"}}]
    values = []
    for header in headers:
        for spaced in (False, True):
            text = json.dumps(header) if spaced else json.dumps(header, separators=(",", ":"))
            claims = b64(json.dumps({"sub": str(rng.randrange(10 ** 9)), "iat": 1700000000}).encode())
            signature = "" if header["alg"] == "none" else b64(rng.randbytes(rng.choice([32, 64, 256])))
            values.append(f"{b64(text.encode())}.{claims}.{signature}")
    values.append(b64(b'{"alg":"HS256","b64":false,"crit":["b64"]}') + ".." + b64(rng.randbytes(32)))
    values.append(b64(b'{\n "alg":"HS256"}') + "." + b64(b'{"a":1}') + "." + b64(rng.randbytes(32)))
    for header in encrypted:
        key = "" if header["alg"] == "dir" else b64(rng.randbytes(64))
        values.append(".".join([b64(json.dumps(header).encode()), key, b64(rng.randbytes(12)), b64(rng.randbytes(90)), b64(rng.randbytes(16))]))
    for value in values:
        open_end = value.endswith(".")
        for context in rng.sample([c for c in PLAIN + URLS + NESTED if not (open_end and c.endswith("}."))], 5):
            yield place(context, value, "jwt")
        yield place("Authorization: Bearer {}", value, "jwt")
        yield place("Cookie: a=b; auth_token={}; c=d", value, "jwt")
        yield place("https://a.example/cb#id_token={}&state=x1", value, "jwt")
        yield place("wss://a.example/socket?jwt={}", value, "jwt")


KEYS = """AK|IA<16A> AS|IA<16A> AI|za<35w> ya|29.<60w> GOC|SPX-<28w> gh|p_<36a> gh|o_<36a> gh|u_<36a> gh|s_<36a> gh|r_<76a>
github|_pat_<22a>_<59a> gl|pat-<20w> gl|dt-<20w> gl|rt-<20w> glp|tt-<40x> sk|_live_<24a> sk|_test_<99a> rk|_live_<24a>
wh|sec_<32a> xo|xb-<12d>-<13d>-<24a> xo|xp-<12d>-<12d>-<12d>-<32x> xa|pp-1-A<10A>-<13d>-<64x> SG|.<22w>.<43w> key|-<32x>
np|m_<36a> py|pi-AgEIcHlwaS5vcmc<90w> dck|r_pat_<27w> do|p_v1_<64x> do|o_v1_<64x> dp|.pt.<43a> da|pi<32x> gl|sa_<32a>_<8x>
hv|s.<95w> hv|b.<140w> lin|_api_<40a> NR|AK-<27A> NR|JS-<19x> PM|AK-<24x>-<34x> pu|l-<40x> shp|at_<32x> shp|ss_<32x>
sq|0csp-<43w> EA|AA<60w> sb|p_<40x> r8|_<37a> h|f_<34u> pp|lx-<48a> gs|k_<52a> xa|i-<80a> AKCp<69a>
pat<14a>.<64x> AT|ATT3<186w> AT|BB<32a> sk|-ant-api03-<93w>AA sk|-proj-<74w>T3BlbkFJ<74w> sk|-<20a>T3BlbkFJ<20a> sha256~<43w>
CF|PAT-<43w> duff|el_live_<43w> dt|0c01.<24A>.<64A> EZ|AK<54a> pn|u_<36l> rub|ygems_<48x> xkey|sib-<64x>-<16a> ship|po_live_<40x>
tf|p_<59l> oy|2<43l> CLO|JARS_<60l> rz|p_live_<14a> fi|gd_<40w> bk|ua_<40x> CC|IPAT_<22a>_<40x> ts|key-auth-<12a>-<32a> nf|p_<36a>
sg|p_<40x> sq|p_<40x> ic|o-<32a> ph|c_<43a> ph|x_<43a> nt|n_<11d><35a> lsv2|_pt_<32x>_<10x> re|_<8a>_<24a>
AG|E-SECRET-KEY-1<58A> <9d>:AA<33w> ops_eyJ<260a> tk|-us-<48w> rd|me_<70l> ory_at_<43w>.<43w> API-<26A>
api_org_<34u> AC|CA<16A> amz|n.mws.<8x>-<4x>-<4x>-<4x>-<12x> L|TAI<20a> aio_<28a> secret_<43a> sl|.u.<140w>
pscale|_tkn_<40w> pscale|_pw_<40w> pscale|_oauth_<40w> v1.0-<24x>-<146x> fo1|_<43w>
sc|_<12l>.<5l>.acc_<16l>.<40l> ext|_<9l>.<4l>.acc-<12l>.<21l>=<24l>""".split()
HOOKS = ["https://hooks.slack.com/services/T<9A>/B<9A>/<24a>", "https://discord.com/api/webhooks/<18d>/<68w>",
         "https://discordapp.com/api/webhooks/<18d>/<68w>", "https://hooks.zapier.com/hooks/catch/<7d>/<7l>/",
         "https://acme.webhook.office.com/webhookb2/<8x>-<4x>-<4x>-<4x>-<12x>@<8x>-<4x>-<4x>-<4x>-<12x>/IncomingWebhook/<32x>/<8x>-<4x>-<4x>-<4x>-<12x>"]


def keys(rng):
    for recipe in KEYS:
        for _ in range(2):
            value = fill(rng, recipe.replace("|", ""))
            for context in rng.sample(PLAIN + NESTED, 4) + ["export THING={}", "Authorization: Bearer {}", "-H 'X-Thing: {}'"]:
                yield place(context, value, "api_key")
            if "/" not in value and "+" not in value and "|" not in value:
                yield place("https://example.com/p?x={}&y=1", value, "api_key")
    for recipe in HOOKS:
        value = fill(rng, recipe)
        host_end = value.index("/", 10)
        for context in ("{}", "curl -d @x {} ok", '{"url":"{}"}', "hook={};"):
            case = place(context, value, "api_key")
            start, end, kind = case["spans"][0]
            secret = value.rstrip("/").rfind("/") + 1
            case["spans"] = [[start + secret, start + len(value.rstrip("/")), kind]]
            case["may"] = [[start, start + secret], [start + len(value.rstrip("/")), end]]
            yield case
    body = fill(rng, "<120b>") + "=="
    for label in ("RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "DSA PRIVATE KEY"):
        for context in ('{"private_key":"-----BEGIN %s-----\\n{}\\n-----END %s-----\\n"}', "-----BEGIN %s-----\\n{}\\n-----END %s-----",
                        "KEY='-----BEGIN %s----- {} -----END %s-----'"):
            case = place(context % (label, label), body, "api_key")
            n = len(case["text"].encode())
            at, end, _ = case["spans"][0]
            case["may"] = [[case["text"].index("-----BEGIN"), at], [end, case["text"].rindex("-----") + 5 + 2 * case["text"].endswith("\\n\"}")]]
            yield case


SECRET_NAMES = """token tokens secret password passwd pwd pass passphrase api_key apiKey api-key API_KEY access_key secret_key
private_key signing_key encryption_key auth authorization credential credentials sig signature session session_id sessionId
sid JSESSIONID PHPSESSID otp pin cvv cvc csrf csrf_token XSRF-TOKEN jwt oauth_verifier X-Amz-Credential X-Amz-Signature
X-Amz-Security-Token accessToken refresh_token id_token bot_token client_secret clientSecret userPassword DB_PASSWORD
user[password] login.password auth[token] x-api-key X-Auth-Token db_pass new_password confirmPassword reset_token
STRIPE_SECRET AWS_SECRET_ACCESS_KEY SharedAccessSignature connect.sid webhook_secret HMAC_SECRET magic_token unsubscribe_token
device_token push_token _csrf authenticity_token __RequestVerificationToken ASP.NET_SessionId laravel_session""".split()
VALUES = ["hunter2", "s3cr3t", "Tr0ub4dor&3", "a1b2c3d4e5", "correcthorse", "p@ssw0rd!", "9f8e7d6c", "Zm9vYmFyYmF6", "x/y+z==", "MiXeD-Case_99",
          "q.w.e.r.t.y", "0123456789", "geheim123", "пароль9"]


def is_word(value):
    return all(c.isalnum() and c.isascii() or c in "-_." for c in value)


def secrets(rng):
    for name in SECRET_NAMES:
        words = [v for v in VALUES if is_word(v)]
        bracket = "[" in name
        for value in rng.sample(VALUES, 3):
            enc, n = quote(value, safe=""), quote(name, safe="")
            yield place(f"/p?a=1&{name}={{}}&z=2", enc, "secret_param")
            yield place(f"https://a.example/x?{n}={{}}", enc, "secret_param")
            yield place(f"https://a.example/x#{name}={{}}&b=1", enc, "secret_param")
            yield place(f"POST body a=1&{name}={{}}", enc, "secret_param")
            yield place("https://a.example/r?next=" + quote(f"https://b.example/?{name}=", safe="") + "{}" + "%26q%3D1", quote(quote(value, safe=""), safe=""), "secret_param")
            yield place(f'{{"{name}":"{{}}","n":1}}'.replace("{{}}", "{}"), value, "secret_param")
            yield place(f'{{"a":{{"{name}": "{{}}"}}}}', value, "secret_param")
            yield place(f"{{'{name}': '{{}}', 'n': 1}}", value, "secret_param")
            yield place('{"body":"{\\"' + name + '\\":\\"{}\\",\\"n\\":1}"}', value, "secret_param")
            if not bracket:
                yield place(f'level=info {name}="{{}}" ok=1', value, "secret_param")
        value = rng.choice(words)
        if not bracket and "." not in name:
            yield place(f"level=info {name}={{}} ok=1", value, "secret_param")
            yield place(f"{name}: {{}}" if name.startswith(("X-", "x-")) else f"{name}={{}}", value, "secret_param")
            yield place(f"export {name}={{}}", value, "secret_param")
            yield place(f"Cookie: theme=dark; {name}={{}}; lang=en", value, "secret_param")
            yield place(f"Set-Cookie: {name}={{}}; Path=/; HttpOnly; Secure", value, "secret_param")
            yield place(f"{name}: '{{}}'", value, "secret_param")
            yield place(f'const {name.replace("-", "_")} = "{{}}";', value, "secret_param")
            yield place(f"<{name}>{{}}</{name}>", value, "secret_param")
            yield place(f"--{name.replace('_', '-').lower()}={{}} --verbose", value, "secret_param")
    for scheme, value in (("Basic", "dXNlcjpwYXNzd29yZDE="), ("Bearer", "mF_9.B5f-4.1JqM"), ("Token", "a1b2c3d4e5f6"), ("ApiKey", "q1w2e3r4"),
                          ("Negotiate", "YIIFzwYGKwYBBQUCoIIF"), ("token", "zz9plural")):
        for header in ("Authorization", "authorization", "Proxy-Authorization"):
            yield place(f"{header}: {scheme} {{}}", value, "secret_param")
            yield place(f"curl -H '{header}: {scheme} {{}}' https://a.example/", value, "secret_param")
            yield place(f'{{"headers":{{"{header}":"{scheme} {{}}"}}}}', value, "secret_param", )
    for url in ("https://user:{}@db.example/x", "postgres://app:{}@db.internal:5432/main", "redis://:{}@cache:6379/0", "mongodb+srv://u:{}@c.example/db",
                "amqp://guest:{}@mq/%2F", "ftp://anna:{}@ftp.example/f", "https://deploy:{}@git.example/r.git"):
        case = place(url, "s3cr3tPw", "secret_param")
        at = case["spans"][0][0]
        case["may"] = [[case["text"].index("//") + 2, at]]
        yield case
        case = place("DATABASE_URL=" + url + " ok", "p%40ss%2Fw", "secret_param")
        case["may"] = [[case["text"].index("//") + 2, case["spans"][0][0]]]
        yield case
    for path in ("/oauth/callback?code={}&state=x", "https://a.example/cb?code={}", "/auth/google/callback?state=x&code={}", "/login?code={}"):
        yield place(path, "4x0AbCdEf9", "secret_param")
    for text in ('{"password":{}}', '{"pin":{},"n":1}', '{"otp": {}}'):
        yield place(text, "482913", "secret_param")
    for text, values in (('{"credentials":{"user":"%s","deep":["%s","%s"]},"n":1}', ("bob77", "x1y2z3", "q9w8e7")),
                         ('{"tokens":["%s","%s"],"n":"stay"}', ("t0k3n-1", "t0k3n-2"))):
        filled = text % values
        yield {"class": "secret_param", "text": filled, "may": [],
               "spans": [[filled.index(v), filled.index(v) + len(v), "secret_param"] for v in values]}


CLASSES = {"email": emails, "uuid": uuids, "card": cards, "phone": phones, "hex": hexes, "ip": ips, "jwt": jwts,
           "api_key": keys, "secret_param": secrets}


def cases(seed=7):
    """All made cases, the same each time."""
    for name, make in CLASSES.items():
        rng = random.Random(f"{seed} {name}")
        for number, case in enumerate(make(rng)):
            yield {"id": f"{name}-{number}", "source": "made", "note": name, **case}


if __name__ == "__main__":
    for made in cases():
        print(json.dumps(made, ensure_ascii=False))
