#!/usr/bin/env python3
"""Make what is served of script.js, on standard output.

pack.py SCRIPT         without comments and blanks, for servers of static files
pack.py SCRIPT header  the same as C for the responder: all that follows the first line, as it is
                       and as raw deflate, so that another first line can stand before it (script.c)

Needs every statement of the script to end with a semicolon or a brace, and no template literals.
"""
import hashlib
import pathlib
import re
import sys
import zlib

HEAD = '{const up=".",collect="/api/send";'
TOKEN = re.compile(r"""
      (?P<comment> /\*.*?\*/ | //[^\n]* )
    | (?P<blank>   \s+ )
    | (?P<string>  "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' )
    | (?P<regex>   (?<=[(,=]) / (?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+ /[a-z]* )
    | (?P<word>    [\w$]+ )
    | (?P<other>   . )
    """, re.X | re.S)


def minify(source):
    """The script without comments and without the blanks that separate nothing."""
    out, blank = [""], False
    for token in TOKEN.finditer(source):
        kind, text = token.lastgroup, token.group()
        if text == "`":
            raise ValueError("template literals are not understood here")
        if kind in ("comment", "blank"):
            blank = True
            continue
        last = out[-1][-1:]
        if blank and (re.match(r"[\w$]{2}", last + text) or last + text[0] in ("++", "--")):
            out.append(" ")
        if text == "}" and last == ";":
            out.pop()
        out.append(text)
        blank = False
    return "".join(out)


def header(text):
    """The C text of script_text.h."""
    body = text[len(HEAD):].encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(body) + packer.flush()

    def array(name, data):
        rows = (", ".join(map(str, data[i:i + 20])) for i in range(0, len(data), 20))
        return f"static const unsigned char {name}[] = {{\n\t" + ",\n\t".join(rows) + "};\n"

    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return ("/* Made by pack.py of script.js. */\n" + array("script_text", body)
            + array("script_deflated", packed) + f'#define SCRIPT_DIGEST "{digest}"\n')


def main(script, form="script"):
    text = minify(pathlib.Path(script).read_text())
    if not text.startswith(HEAD):
        sys.exit(f"{script} does not begin with {HEAD}")
    sys.stdout.write(header(text) if form == "header" else text + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
