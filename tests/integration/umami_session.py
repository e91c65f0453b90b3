"""Sessions by Umami's formulas, written from them and not from tamis' code."""
import base64
import datetime
import hashlib
import hmac
import json
import uuid


def sha512(text):
    return hashlib.sha512(text.encode()).hexdigest()


def http_date(seconds, month):
    at = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
    if month:
        at = at.replace(day=1, hour=0)
    return at.strftime("%a, %d %b %Y %H:%M:%S GMT")


class Sessions:
    def __init__(self, app_secret):
        self.secret = sha512(app_secret)

    def uuid(self, *parts):
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, sha512("".join(parts) + self.secret)))

    def session(self, website, seconds, id=None, ip="", agent=""):
        if id:
            return self.uuid(website, id)
        return self.uuid(website, ip, agent, sha512(http_date(seconds, True)))

    def visit(self, session, seconds):
        return self.uuid(session, sha512(http_date(seconds, False)))

    def token(self, website, session, visit, iat):
        def encode(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        head = encode(b'{"alg":"HS256","typ":"JWT"}')
        body = encode(json.dumps({"websiteId": website, "sessionId": session, "visitId": visit, "iat": iat},
                                 separators=(",", ":")).encode())
        mac = hmac.new(self.secret.encode(), f"{head}.{body}".encode(), "sha256").digest()
        return f"{head}.{body}.{encode(mac)}"

    def read(self, token):
        """What a genuine token says."""
        head, body, mac = token.split(".")
        said = json.loads(base64.urlsafe_b64decode(body + "=="))
        assert token == self.token(said["websiteId"], said["sessionId"], said["visitId"], said["iat"])
        return said
