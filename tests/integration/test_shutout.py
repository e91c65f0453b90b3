"""Whose events are counted and not kept, and whose address it is, through a real web server."""
import json

from conftest import BUILD, WEBSITE

REFUSED = 'tamis_events_refused_total{reason="%s"}'


def reasons(tamis, *sent):
    """Send events; what each was answered as a reason (None: taken)."""
    answers = [tamis.send(headers=headers, **fields) for fields, headers in sent]
    assert all(answer.status == 200 for answer in answers)
    assert all((answer.json == {"beep": "boop"}) == ("x-tamis-reason" in answer.headers)
               for answer in answers)
    return [answer.headers.get("x-tamis-reason") for answer in answers]


def test_networks_hostnames_and_spam_are_shut_out(tamis):
    spam = tamis.directory / "spam.txt"
    spam.write_text("\ufeffspam.example\n# a list\n\n  Casino.test \n*.star.example\n"
                    "https://url.example/x\ndot.example.\n",
                    encoding="utf-8")
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_EXCLUDE_NETWORKS="198.51.100.0/25,2001:db8:5::/48",
              TAMIS_UMAMI_HOSTNAMES="shop.example.com,*.shop.example.com",
              TAMIS_EXCLUDE_REFERRER_FILE=spam)
    tamis.lighttpd()
    assert reasons(
        tamis,
        ({}, None), ({"ip": "198.51.100.7"}, None), ({"ip": "198.51.100.200"}, None),
        ({"ip": "2001:db8:5:1::2"}, None),
        ({"hostname": "evil.example"}, None), ({"hostname": "WWW.shop.example.com"}, None),
        ({"hostname": "shop.example.com:8443"}, None),
        ({"referrer": "https://spam.example/x"}, None),
        ({"referrer": "http://a.b.CASINO.test:80?x"}, None),
        ({"referrer": "https://SPAM.example./x"}, None), ({"referrer": "https://a.star.example/"}, None),
        ({"referrer": "https://url.example/"}, None), ({"referrer": "https://dot.example/"}, None),
        ({"hostname": "shop.example.com."}, None),
        ({"referrer": "https://notspam.example/"}, None),
        ({"referrer": "https://x.example/?u=//spam.example"}, None),
    ) == [None, "network", None, "network", "hostname", None, None] + ["referrer"] * 6 + [None] * 3
    metrics = tamis.metrics()
    assert [metrics[REFUSED % name] for name in ("network", "hostname", "referrer")] == [2, 1, 6]
    assert metrics["tamis_events_accepted_total"] == 7 and metrics["tamis_events_received_total"] == 16
    batch = [{"type": "event", "payload": {"website": WEBSITE, "hostname": host, "url": "/"}}
             for host in ("evil.example", "shop.example.com")]
    answer = tamis.request("POST", "/api/batch", batch)
    assert (answer.json["processed"], answer.json["errors"]) == (2, 0)


def addresses(tamis):
    """The ip of every event on the spool."""
    lines = tamis.command("spool", "cat", check=True).stdout.splitlines()
    return [json.loads(line)["payload"].get("ip") for line in lines]


def test_forwarded_addresses_only_from_trusted_proxies(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    tamis.send(headers={"X-Forwarded-For": "203.0.113.7"})
    assert addresses(tamis) == ["127.0.0.0"]


def test_the_client_behind_a_trusted_proxy(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8")
    tamis.lighttpd()
    for headers in ({"X-Forwarded-For": "1.1.1.1, 203.0.113.7, 10.0.0.9"}, {"X-Real-IP": "198.51.100.9"},
                    {"CF-Connecting-IP": "2001:db8:1:2::3"}, {"Forwarded": 'for="[2001:db8:7::1]:80"'}, {}):
        tamis.send(headers=headers)
    assert addresses(tamis) == ["203.0.113.0", "198.51.100.0", "2001:db8:1::", "2001:db8:7::", "127.0.0.0"]


def test_what_cannot_be_read_stops_the_start(tamis):
    for variable, value, key in (("TAMIS_EXCLUDE_REFERRER_FILE", tamis.directory / "missing", "exclude.referrer_file"),
                                 ("TAMIS_EXCLUDE_NETWORKS", "10.0.0.0/99", "exclude.networks"),
                                 ("TAMIS_HTTP_TRUSTED_PROXIES", "x", "http.trusted_proxies")):
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, **{variable: value})
        end = tamis.start(BUILD / "tamis.fcgi", "--http.socket=" + str(tamis.directory / "sock"))
        assert end.wait(30) != 0
        assert key in tamis.logs()
        tamis.set(**{variable: None})
