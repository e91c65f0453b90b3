"""The Python package as it lies in the source tree, over the libraries of the build tree.

Imported before `tamis`. Also: a canary of every class, put together here, since the repository
holds nothing that looks like a secret.
"""
import base64
import json
import os
import sys
import tempfile

from conftest import BUILD, SOURCE

PACKAGE = SOURCE / "middleware" / "python"
LIBRARIES = BUILD / ".libs"
PYTHON = sys.executable

sys.dont_write_bytecode = True
sys.path.insert(0, str(PACKAGE))
os.environ["TAMIS_LIBRARY_DIR"] = str(LIBRARIES)
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = os.path.join(tempfile.gettempdir(), "tamis-hypothesis")


def environment(base=None):
    """For programs of their own that import tamis."""
    base = dict(os.environ if base is None else base)
    paths = [str(PACKAGE), str(SOURCE / "tests" / "integration"), base.get("PYTHONPATH", "")]
    return dict(base, PYTHONPATH=os.pathsep.join(filter(None, paths)), PYTHONDONTWRITEBYTECODE="1",
                TAMIS_LIBRARY_DIR=str(LIBRARIES), top_srcdir=str(SOURCE), top_builddir=str(BUILD))


def _token(claims):
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return part


CANARIES = {
    "jwt": ".".join([_token({"alg": "HS256"}), _token({"sub": "canary-7"}), "c2lnbmF0dXJlc2lnbmF0dXJl"]),
    "api_key": "AK" + "IA" + "Q3EGRVXMPL7K2WZT",
    "email": "canary.bird@example.org",
    "uuid": "7f3c1a52-" + "9d4e-4b6a-8c21-5e0f9a7b3d64",
    "card": "4111" + "1111" * 3,
    "phone": "+49 89 " + "12345678",
    "hex": "0f9e8d7c6b5a4938" + "271605f4e3d2c1b0",
}
