"""Every example of docs/dp.md is run, in its order."""
import json
import os
import re
import subprocess

import library
from conftest import BUILD, SOURCE, wait_for
from test_count_calls import python

TEXT = (SOURCE / "docs" / "dp.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.M | re.S)


def test_examples(tamis):
    registry, = [text for kind, text in BLOCKS if kind == "yaml"]
    (tamis.directory / "registry.yaml").write_text(registry)
    tamis.set(TAMIS_COUNTS_REGISTRY=tamis.directory / "registry.yaml", TAMIS_RELEASES_PUBLIC="true",
              TAMIS_LIMIT_REQUESTS_PER_MINUTE="0")
    token = tamis.command("token", "make", "--scope=ingest").stdout.strip()
    tamis.lighttpd()
    wait_for(lambda: tamis.request("GET", "/healthz").status == 200, "the responder")
    environment = {**tamis.environment, "PATH": f"{BUILD}:{os.environ['PATH']}", "TOKEN": token}
    outs = []
    for kind, text in BLOCKS:
        if kind != "sh":
            continue
        done = subprocess.run(["bash", "-ec", text.replace("127.0.0.1:8080", f"127.0.0.1:{tamis.port}")],
                              cwd=tamis.directory, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (text, done.stderr)
        outs.append(done.stdout)
    assert "nothing to complain of" in outs[0] and re.search(r"template_view\s+laplace\s+228\s+10\s+30", outs[0])
    assert outs[1].startswith("released 2,") and '"unit":"client-day"' in outs[1]
    assert "day,value,lo95,hi95" in outs[1] and "What is published" in outs[1]
    assert json.loads(outs[3]) == {"accepted": 1, "rejected": []}
    assert "trackTemplateView" in (tamis.directory / "metrics.mjs").read_text()
    assert "trackOpinion" in (tamis.directory / "metrics.d.mts").read_text()


def test_examples_in_process(tamis):
    registry, = [text for kind, text in BLOCKS if kind == "yaml"]
    (tamis.directory / "registry.yaml").write_text(registry)
    tamis.set(TAMIS_COUNTS_REGISTRY=tamis.directory / "registry.yaml")
    code, = [text for kind, text in BLOCKS if kind == "python"]
    python(tamis, code + "\nassert increment('opinion', {'topic': 'schools'}, address='192.0.2.7') is False\n")
    text, = [text for kind, text in BLOCKS if kind == "c"]
    source = tamis.directory / "example.c"
    source.write_text('#include <libtamis.h>\n#include <stdio.h>\nint main(void)\n{\nstruct tamis *tamis;\nchar why[256] = "", text[512] = "";\n'
                      "if (tamis_start(&tamis, NULL, why, sizeof(why)) < 0)\nreturn 9;\nint counted =\n"
                      + text[text.index("tamis_increment"):] + 'puts(text);\ntamis_stop(tamis);\nreturn counted == TAMIS_ELIMITED ? 0 : 1;\n}\n')
    body = source.read_text().replace("int counted", text[:text.index("tamis_increment")] + "int counted")
    source.write_text(body)
    library.build(source, tamis.directory / "example", f"-I{SOURCE / 'src'}", f"-L{library.LIBRARIES}", "-ltamis")
    done = subprocess.run([tamis.directory / "example"], check=True, stdout=subprocess.PIPE, text=True,
                          env={**tamis.environment, "LD_LIBRARY_PATH": str(library.LIBRARIES)})
    assert json.loads(done.stdout)["opinion"] == {"used": 1, "allowed": 1, "epsilon": 2}


def test_halfwidths_that_are_told(tamis):
    """With epsilon 1: 3 at one cell a client, 30 at ten."""
    for cells, told in ((1, "3"), (10, "30")):
        assert told in TEXT
        path = tamis.directory / "r.yaml"
        path.write_text("version: 1\nmetrics:\n  m: {question: q, description: d, owner: o, subject: page, "
                        "review: 2099-01-31, read: released, mechanism: laplace, epsilon: 1, "
                        f"cells_per_client: {cells}}}\n")
        assert tamis.command("dp", "forecast", path).stdout.splitlines()[3].split()[4] == told


def test_named_tests_exist():
    table = TEXT[TEXT.index("## Which test"):]
    for name in re.findall(r"`(test_\w+)(?:\.py)?`", table):
        found = list((SOURCE / "tests").rglob(f"{name}.[cp]*"))
        assert found or any(f"def {name}(" in p.read_text() for p in (SOURCE / "tests/integration").glob("*.py")), name
