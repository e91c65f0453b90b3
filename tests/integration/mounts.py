"""Web servers with tamis mounted as examples/ shows; only paths, ports and users are the tests'."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import tempfile

import pytest

from conftest import BUILD, SOURCE, WEBSITE, free_port, listening, need, wait_for

EXAMPLES = SOURCE / "examples"
DEPLOY = (SOURCE / "docs" / "deploy.md").read_text()
APACHE_MODULES = "/usr/lib/apache2/modules"
NOBODY, NOGROUP = 65534, 65534


def section(title):
    """(kind, text) of each example in that section of docs/deploy.md."""
    text = DEPLOY.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    assert text, title
    return found


class Site:
    """A web server with tamis behind it, and a page of its own that its access log tells of."""

    def __init__(self, tamis, kept, threads):
        self.tamis, self.kept, self.threads = tamis, kept, threads
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tamis-servers-"))
        self.folder.chmod(0o755)  # the server's own user comes by here
        (self.folder / "www").mkdir()
        (self.folder / "www" / "index.html").write_text("hello\n")
        self.log = self.folder / "site-access"
        self.port = tamis.port = free_port()
        self.socket = self.folder / "tamis.sock"
        self.server = self.responder = self.listener = None
        tamis.set(TAMIS_TOKENS_FILE=self.folder / "tokens")
        self.token = tamis.command("token", "make", "--scope=ops").stdout.strip()
        tamis.set(TAMIS_HTTP_REQUEST_TIMEOUT_SECONDS=2, TAMIS_HTTP_THREADS=threads)

    def responds(self):
        """tamis.fcgi as a process of its own, on a socket that outlives it as a supervisor's does."""
        if self.listener is None:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.socket))
            self.listener.listen(128)
            self.socket.chmod(0o666)  # in place of the server's membership in the group
        self.responder = self.tamis.start(BUILD / "tamis.fcgi", stdin=self.listener)

    def here(self, text):
        for path, here in {"/run/tamis/tamis.sock": self.socket, "/var/log/nginx": self.folder,
                           "/usr/libexec/tamis": self.folder / "programs", "/dev/shm": self.tamis.keys,
                           "${APACHE_LOG_DIR}/access.log": self.log}.items():
            text = text.replace(path, str(here))
        return text

    def example(self, name):
        """A file of examples/ with the test's paths, written beside the others."""
        text = self.here((EXAMPLES / name).read_text())
        text = text.replace("keepalive 8;", f"keepalive {self.threads};")  # as it says: one worker process here
        path = self.folder / pathlib.Path(name).name
        path.write_text(text)
        return path

    def shown(self, title, kind):
        """The configuration of docs/deploy.md, with the test's paths."""
        return [self.here(re.sub(r"/usr/share/doc/tamis/examples/([\w/.-]+)", lambda name: str(self.example(name[1])), text))
                for k, text in section(title) if k == kind]

    def starts(self, *command, **options):
        self.server = self.tamis.start(*command, start_new_session=True, **options)
        wait_for(lambda: listening(self.port) or self.server.poll() is not None, "the web server")
        assert self.server.poll() is None, self.tamis.logs()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def programs(self):
        """Copies for the web server's user, who may not enter the build folder."""
        folder = self.folder / "programs"
        folder.mkdir()
        for name in ("tamis.fcgi", "tamis.cgi"):
            real = BUILD / ".libs" / name
            shutil.copy(real if real.exists() else BUILD / name, folder / name)
        for library in (BUILD / ".libs").glob("libsanitizer.so.*"):
            shutil.copy(library, folder / library.name)
        self.tamis.state = self.folder / "state"
        self.tamis.state.mkdir()
        (self.folder / "ipc").mkdir()
        self.tamis.set(TAMIS_STATE_DIR=self.tamis.state, LD_LIBRARY_PATH=folder)
        if os.geteuid() == 0:
            for path in (self.tamis.state, self.tamis.keys, self.folder / "tokens", self.folder / "ipc"):
                os.chown(path, NOBODY, NOGROUP)

    def variables(self):
        """Settings for servers that hand on none of their environment."""
        return {k: v for k, v in self.tamis.environment.items() if k.startswith(("TAMIS_", "UMAMI_", "LD_LIBRARY"))}

    def ends(self):
        self.tamis.end()
        if self.server is not None:  # Apache that ends while it starts leaves children, which spin
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.server.pid, signal.SIGKILL)
        if self.listener is not None:
            self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def children(self, name):
        """Process ids of that name below the web server."""
        found, seen = [], [self.server.pid]
        for pid in seen:
            with contextlib.suppress(OSError):  # one that ends meanwhile
                for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                    seen += map(int, task.read_text().split())
                if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name:
                    found.append(pid)
        return found


def nginx(site):
    *upstream, mounted = site.shown("nginx, connections kept" if site.kept else "nginx", "nginx")
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = site.write("nginx.conf", f"""{user} daemon off; worker_processes 1; pid {site.folder}/pid;
        error_log {site.folder}/error.log; events {{ }}
        http {{ access_log {site.log}; {"".join(upstream)}
            client_body_temp_path {site.folder}/body; fastcgi_temp_path {site.folder}/fcgi;
            proxy_temp_path {site.folder}/proxy; uwsgi_temp_path {site.folder}/uwsgi; scgi_temp_path {site.folder}/scgi;
            server {{ listen 127.0.0.1:{site.port}; root {site.folder}/www; {mounted} }} }}""")
    site.starts(need("nginx"), "-c", configuration, "-p", site.folder)


def start_apache(site, title, settings="", server=""):
    """With the modules that Debian enables by itself, and those that docs/deploy.md has enabled."""
    binary = need("apache2")
    enabled = next(re.findall(r"a2enmod (.*)", text)[0].split() for kind, text in section(title) if kind == "sh")
    modules = ["alias", "authz_core", "authz_host", "dir", "env", "mpm_event"] + ["proxy"] * ("proxy_fcgi" in enabled) + enabled
    includes, = site.shown(title, "apache")
    for module in modules:
        if not pathlib.Path(f"{APACHE_MODULES}/mod_{module}.so").exists():
            pytest.skip(f"Apache's mod_{module} is not installed")
    load = "\n".join(f"LoadModule {m}_module {APACHE_MODULES}/mod_{m}.so" for m in modules)
    user = "User nobody\nGroup nogroup" if os.geteuid() == 0 else ""
    configuration = site.write("apache.conf", f"""{load}
{user}
{server}
ServerRoot {site.folder}
ServerName localhost
PidFile {site.folder}/pid
DefaultRuntimeDir {site.folder}
Listen 127.0.0.1:{site.port}
DocumentRoot {site.folder}/www
ErrorLog {site.folder}/error.log
StartServers 1
ServerLimit 4
ThreadsPerChild 16
MaxRequestWorkers 64
LogFormat "%h %r %>s" combined
<VirtualHost *:{site.port}>
{settings}{includes}</VirtualHost>
""")
    site.tamis.set(TMPDIR="/dev/shm")
    site.starts(binary, "-D", "FOREGROUND", "-f", configuration)


def apache(site):
    start_apache(site, "Apache, connections kept" if site.kept else "Apache")


def apache_fcgid(site):
    site.programs()
    settings = "".join(f"FcgidInitialEnv {k} {v}\n" for k, v in site.variables().items())
    start_apache(site, "Apache, mod_fcgid", settings,
                 f"FcgidIPCDir {site.folder}/ipc\nFcgidProcessTableFile {site.folder}/ipc/table\n")


def apache_cgi(site):
    site.programs()
    settings = "".join(f"SetEnv {k} {v}\n" for k, v in site.variables().items())
    start_apache(site, "Apache, CGI", settings)


def h2o(site):
    text = site.example("h2o/tamis.yaml").read_text()
    if site.kept:
        assert "fastcgi.timeout.keepalive: 0\n" in text
        text = text.replace("fastcgi.timeout.keepalive: 0\n", "fastcgi.timeout.keepalive: 60000\n")
    user = "user: root\n" if os.geteuid() == 0 else ""
    configuration = site.write("h2o.conf", f"{user}num-threads: 1\npid-file: {site.folder}/pid\n"
                               f"listen:\n  host: 127.0.0.1\n  port: {site.port}\n{text}"
                               f"      /:\n        file.dir: {site.folder}/www\n        access-log: {site.log}\n")
    site.starts(need("h2o"), "-m", "master", "-c", configuration)


def caddy(site):
    site.tamis.set(HOME=site.folder, XDG_DATA_HOME=site.folder, XDG_CONFIG_HOME=site.folder)
    top, mounted = site.shown("Caddy", "caddyfile")
    configuration = site.write("site.caddy", f"{{\n\tadmin unix/{site.folder}/admin.sock\n\tauto_https off\n"
                               f"{top.removeprefix('{')}"
                               f"http://:{site.port} {{\n\tbind 127.0.0.1\n\t{mounted}"
                               f"\tlog {{\n\t\toutput file {site.log}\n\t}}\n"
                               f"\troot * {site.folder}/www\n\tfile_server\n}}\n")
    site.starts(need("caddy"), "run", "--adapter", "caddyfile", "--config", configuration)


def start_lighttpd(site, mounted):
    configuration = site.write("lighttpd.conf", f"""server.document-root = "{site.folder}/www"
server.port = {site.port}
server.bind = "127.0.0.1"
server.errorlog = "{site.folder}/error.log"
server.modules += ( "mod_accesslog" )
accesslog.filename = "{site.log}"
index-file.names = ( "index.html" )
{mounted}""")
    site.starts(need("lighttpd"), "-D", "-f", configuration)


def lighttpd(site):
    (site.folder / "programs").symlink_to(BUILD)
    start_lighttpd(site, site.shown("lighttpd", "lighttpd")[0])


def lighttpd_cgi(site):
    (site.folder / "programs").symlink_to(BUILD)
    settings = ", ".join(f'"{k}" => "{v}"' for k, v in site.variables().items())
    start_lighttpd(site, f'server.modules += ( "mod_setenv" )\nsetenv.set-environment = ( {settings} )\n'
                   + site.shown("lighttpd, CGI", "lighttpd")[0])


# server, kept connections, threads: few where each request has its own connection, else as
# many as the server may keep.
WAYS = {"nginx": (nginx, False, 2), "nginx-kept": (nginx, True, 16),
        "apache": (apache, False, 2), "apache-kept": (apache, True, 32),
        "apache-fcgid": (apache_fcgid, False, 1), "apache-cgi": (apache_cgi, False, 1),
        "h2o": (h2o, False, 2), "h2o-kept": (h2o, True, 64), "caddy": (caddy, False, 2),
        "lighttpd": (lighttpd, False, 2), "lighttpd-cgi": (lighttpd_cgi, False, 1)}
# These start the programs; the others find a socket.
STARTS = {"apache-fcgid", "apache-cgi", "lighttpd", "lighttpd-cgi"}


@pytest.fixture(name="site", params=WAYS)
def mounted(request, tamis):
    """A web server with tamis behind it."""
    start, kept, threads = WAYS[request.param]
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    it = Site(tamis, kept, threads)
    it.name = request.param
    try:
        if it.name not in STARTS:
            it.responds()
        start(it)
        yield it
    finally:
        it.ends()
