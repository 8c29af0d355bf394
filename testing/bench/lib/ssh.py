"""ssh between two nodes of the lab, for the peers that use it."""
import pathlib
import time

from lib.command import run
from lib.failure import Unmeasured


class Ssh:
    """A context: an sshd on each of these nodes, and a configuration by which each reaches the other by its name."""

    def __init__(self, lab, nodes, folder):
        self._lab = lab
        self._nodes = nodes
        self._folder = pathlib.Path(folder) / "ssh"
        self.config = str(self._folder / "config")
        self._servers = []

    def __enter__(self):
        self._folder.mkdir(mode=0o700)
        for name in ("user", "host"):
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._folder / name)])
        (self._folder / "sshd_config").write_text(
            f"HostKey {self._folder}/host\nAuthorizedKeysFile {self._folder}/user.pub\nStrictModes no\nUsePAM no\n"
            "PermitRootLogin prohibit-password\nPidFile none\nMaxStartups 100\n", encoding="ascii")
        (self._folder / "config").write_text(
            f"Host *\n  User root\n  IdentityFile {self._folder}/user\n  IdentitiesOnly yes\n"
            "  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n", encoding="ascii")
        try:
            for node in self._nodes:
                self._lab.run(node, "mkdir", "-p", "/run/sshd")
                self._servers.append(
                    self._lab.background(node, "/usr/sbin/sshd", "-D", "-e", "-f", self._folder / "sshd_config"))
            for node in self._nodes:
                self._await_answer(node)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.end()

    def _await_answer(self, node):
        for _ in range(50):
            try:
                self._lab.run("client", "ssh", "-F", self.config, node, "true")
                return
            except Unmeasured:
                time.sleep(0.1)
        raise Unmeasured(f"the sshd of {node} does not answer")
