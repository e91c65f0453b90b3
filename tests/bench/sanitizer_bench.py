"""The sanitizer against what people use today, and against the machine's own limits."""
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

from measure import in_turn, table

SOURCE = pathlib.Path(os.environ["top_srcdir"]).resolve()
BUILD = pathlib.Path(os.environ["top_builddir"]).resolve()
SHARED = SOURCE.parent / "shared"
ROUNDS = 7  # a third of a second each but for what is slow
MEGABYTES = int(os.environ.get("BENCH_MB", "150"))
SLOW = 20  # times less input for what would take minutes
# The program as it is installed: libtool's script before it costs 10 ms of CPU.
LIBS = BUILD / ".libs"
SANITIZE = LIBS / "sanitize" if (LIBS / "sanitize").exists() else BUILD / "sanitize"
ENVIRONMENT = {**os.environ, "LD_LIBRARY_PATH": str(LIBS)}

# The same eight classes in the dialects of sed -E, perl and Python.
EIGHT = [
    r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*",
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    r"(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|AIza[0-9A-Za-z_-]{35})",
    r"(token|password|passwd|pwd|secret|api_?key|sessionid|signature)=[^&[:space:]]+",
    r"[3-6][0-9]{3}([ -]?[0-9]){9,15}",
    r"[+][1-9][0-9]{7,14}|[2-9][0-9]{2}[-. ][0-9]{3}[-. ][0-9]{4}",
    r"[0-9a-fA-F]{32,}",
]


def perl_class(pattern):
    return pattern.replace("[:space:]", r"\s")


def corpora(directory):
    """(a) a real access log, (b) the same with personal data in 5 % of its lines; and slices."""
    subprocess.run(["python3", SHARED / "tools" / "make_corpus.py", SHARED / "data" /
                    "apache_access.log.gz", directory, "--mb", str(MEGABYTES)], check=True)
    for name in ("access", "access-pii"):
        whole = directory / f"{name}.log"
        with whole.open("rb") as f:
            text = f.read(whole.stat().st_size // SLOW)
        (directory / f"{name}.slice").write_bytes(text[:text.rindex(b"\n") + 1])
        yield name, whole, directory / f"{name}.slice"


def isas():
    """The code paths this machine and this build have."""
    for isa in ("avx512vbmi", "avx512", "avx2", "sse4.2", "scalar"):
        out = subprocess.run([SANITIZE, "--version"], capture_output=True, text=True,
                             env={**ENVIRONMENT, "SANITIZER_ISA": isa})
        if out.returncode == 0 and isa in out.stdout:
            yield isa


def contestants(whole, part):
    """name -> (command, environment, file)"""
    python = ("import re,sys\np=re.compile(rb'''" + "|".join(map(perl_class, EIGHT)) + "''')\n"
              "w=sys.stdout.buffer.write\nfor l in open(sys.argv[1],'rb'): w(p.sub(b'X',l))")
    found = {f"tamis, {isa}": ([SANITIZE, "--quiet", whole],
                               {**ENVIRONMENT, "SANITIZER_ISA": isa}, whole) for isa in isas()}
    key = whole.parent / "pseudonym.key"
    key.write_bytes(bytes(range(16)))
    key.chmod(0o600)
    found["tamis, --ip=pseudonym"] = ([BUILD / "sanitize", "--quiet", "--ip=pseudonym",
                                       f"--pseudonym-key-file={key}", whole], None, whole)
    found["cat"] = (["cat", whole], None, whole)
    if shutil.which("rg"):
        found["ripgrep --passthru -r"] = (
            ["rg", "-N", "--no-filename", "--color=never", "--passthru", "-r", "[REDACTED]", "-f",
             SHARED / "tools" / "rg-eight.txt", whole], None, whole)
    scanner = BUILD / "tests" / "bench" / "vectorscan_scan"
    if scanner.exists():
        found["vectorscan, detect only"] = ([scanner, whole], None, whole)
    found["sed -E"] = (["sed", "-E", *(w for e in EIGHT for w in ("-e", f"s#{e}#X#g")), part],
                       {**os.environ, "LC_ALL": "C"}, part)
    found["perl"] = (["perl", "-pe", ";".join(f"s#{perl_class(e)}#X#g" for e in EIGHT), part],
                     {**os.environ, "LC_ALL": "C"}, part)
    found["Python re"] = (["python3", "-c", python, part], None, part)
    return found


def sanitizer():
    """MB/s of one core (CPU time), file to /dev/null, default classes with IP truncation."""
    if not (SHARED / "tools" / "make_corpus.py").exists():
        return "skipped: needs ../shared/tools/make_corpus.py"
    speeds, cores = {}, []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        for corpus, whole, part in corpora(pathlib.Path(directory)):
            found = contestants(whole, part)
            seconds = in_turn({n: (c, e) for n, (c, e, _) in found.items()}, ROUNDS)
            cores.append(f"{all_cores(whole):.2f} ({corpus})")
            speeds[corpus] = {n: seconds[n] and f.stat().st_size / 1e6 / seconds[n]
                              for n, (_, _, f) in found.items()}
    names = list(speeds["access"])
    base = {c: s.get("ripgrep --passthru -r") for c, s in speeds.items()}
    rows = []
    for n in names:
        row = [n]
        for c in speeds:
            value = speeds[c][n]
            row += ["failed", ""] if not value else [
                f"{value:,.0f}", f"{value / base[c]:.2f}" if base[c] else ""]
        rows.append(row)
    return (table(["one core", "access log MB/s", "/ ripgrep", "with personal data MB/s",
                   "/ ripgrep"], rows)
            + f"\n\n{MEGABYTES} MB each (a twentieth for sed, perl and Python), CPU time, medians of "
              f"{ROUNDS} rounds in turn. ripgrep does less: eight classes, no IP, no Luhn, one tag.\n\n"
              f"All cores, elapsed time of one over theirs: {', '.join(cores)}.\n\n"
            + bandwidth())


def all_cores(whole):
    """How many times faster all cores are than one, by the clock: the median of pairs."""
    def elapsed(jobs):
        start = time.perf_counter()
        subprocess.run([SANITIZE, "--quiet", f"-j{jobs}", whole], stdout=subprocess.DEVNULL, env=ENVIRONMENT,
                       check=True)
        return time.perf_counter() - start
    return statistics.median(elapsed(1) / elapsed(os.cpu_count()) for _ in range(2 * ROUNDS))


def bandwidth():
    """What the memory gives, for the distance to it."""
    program = BUILD / "tests" / "bench" / "bandwidth"
    return subprocess.run([program], capture_output=True, text=True, check=True).stdout.strip()


def small_strings():
    """Time of one call through the C ABI."""
    program = BUILD / "tests" / "bench" / "san_calls"
    return subprocess.run([program], capture_output=True, text=True, check=True).stdout.strip()


def worst_inputs():
    """300 KB of what each row of the tables looks for, almost finds, or finds, again and again."""
    program = BUILD / "tests" / "bench" / "san_worst"
    return subprocess.run([program], capture_output=True, text=True, check=True).stdout.strip()
