"""Programs for users who may not enter the build folder, which may lie in root's home."""
import pathlib
import shutil
import subprocess
import tempfile

from conftest import BUILD


class OtherUser:
    """Runs programs as users and groups without names; the test's directory is opened for them."""

    def __init__(self, tamis):
        self.tamis, self.programs = tamis, tamis.directory / "programs"
        self.programs.mkdir()
        for name in ("tamis", "tamis.fcgi"):
            real = BUILD / ".libs" / name
            shutil.copy(real if real.exists() else BUILD / name, self.programs / name)
        for library in (BUILD / ".libs").glob("libsanitizer.so.*"):
            shutil.copy(library, self.programs / library.name)
        for directory in [tamis.directory, *tamis.directory.parents]:
            if directory == pathlib.Path(tempfile.gettempdir()):
                break
            directory.chmod(0o755)

    def run(self, user, group, others, program, *arguments, text="", **variables):
        """uid, gid and a further gid; the finished process."""
        environment = {**self.tamis.environment, "LD_LIBRARY_PATH": str(self.programs), **variables}
        return subprocess.run(["setpriv", f"--reuid={user}", f"--regid={group}",
                               f"--groups={others}", program if program == "ls"
                               else self.programs / program, *map(str, arguments)],
                              env=environment, input=text, capture_output=True, text=True,
                              timeout=60)
