"""Declared counters, for the operator: registry, tokens, and what of them lies on the disk."""
import re

REGISTRY = """\
version: 1
metrics:
  directory_view:
    question: How often is <an event's> directory looked at?
    description: One each time the page is shown.
    owner: events team
    subject: event
    review: 2099-01-31
    event_id: integer
    sources: [web, admin]
    public_ingest: true
"""


def test_registry_lint_tells_line_metric_and_field(tamis):
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    done = tamis.command("registry", "lint", path)
    assert done.returncode == 0, done.stdout + done.stderr
    path.write_text(REGISTRY.replace("subject: event", "subject: visitor").replace("owner", "ower"))
    done = tamis.command("registry", "lint", path)
    assert done.returncode == 1
    assert f"{path}:4: directory_view.owner: is missing" in done.stdout
    assert "directory_view.subject: is a person" in done.stdout
    assert tamis.command("registry", "lint").returncode == 64  # no file is named anywhere
    tamis.set(TAMIS_COUNTS_REGISTRY=path)
    assert tamis.command("registry", "lint").returncode == 1
    assert tamis.command("registry", "page").returncode == 78


def test_registry_page_is_for_people(tamis):
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    page = tamis.command("registry", "page", path).stdout
    assert "How often is &lt;an event's&gt; directory looked at?" in page
    assert "<script" not in page and "http" not in page
    assert "2099-01-31" in page and "an integer" in page


def test_tokens_are_told_once_and_taken_back(tamis):
    made = tamis.command("token", "make", "--scope=read:team,ingest", "--subject=42")
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    assert re.fullmatch(r"tamis_[A-Za-z0-9_-]{43}", token)
    name = re.search(r"token (\w{8}) ", made.stderr).group(1)
    kept = (tamis.state / "tokens").read_text()
    assert name in kept and token not in kept and token[6:] not in kept
    assert (tamis.state / "tokens").stat().st_mode & 0o777 == 0o640
    row = tamis.command("token", "ls").stdout.splitlines()[1]
    assert row.split() == [name, "-", "ingest,read:team", "42"]
    assert tamis.command("token", "revoke", name).returncode == 0
    assert tamis.command("token", "revoke", name).returncode == 66
    assert len(tamis.command("token", "ls").stdout.splitlines()) == 1
    for wrong in (["make"], ["make", "--scope=fly"], ["make", "--scope=ops", "--expires=soon"],
                  ["make", "--scope=ops", "--subject=a b"], ["revoke"]):
        done = tamis.command("token", *wrong)
        assert done.returncode == 64 and done.stderr and not done.stdout, wrong
