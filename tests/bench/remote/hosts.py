"""Many hosts that are a few real sshds on many ports, with keys of their own, and the files by which each client finds them."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "loopback"))
from keys import make_ssh_key  # noqa: E402

SSHD = "/usr/sbin/sshd"
PORTS = 16      # more one sshd does not take
# The same key exchange for all clients, whatever they would prefer; and bash must not take its .bashrc into each of the commands.
CONFIG = """AuthorizedKeysFile {folder}/authorized_keys
HostKey {folder}/host_key
KexAlgorithms curve25519-sha256
PidFile none
UsePAM no
UseDNS no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
MaxStartups 500:30:1000
PerSourceMaxStartups none
SetEnv SHLVL=5
"""
SSH_CONFIG = """Host *
  User root
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  LogLevel ERROR
"""
# Its users are in its own mount namespace. systemd is out of sight, so that capsules are started with setsid on any machine.
START = ('mount --bind "$1/passwd" /etc/passwd && mkdir -p /run/sshd && { ! [ -d /run/systemd/system ] || mount -t tmpfs none /run/systemd; } && '
         f'exec {SSHD} -D -e -f "$1/$2"')


def why_not():
    """What this machine lacks; empty when nothing."""
    reasons = [] if os.geteuid() == 0 else ["root is needed"]
    return "; ".join(reasons + [f"{name} is missing" for name in ("ssh", "ssh-keygen", "unshare", SSHD) if not shutil.which(name)])


def free_ports(count):
    with contextlib.ExitStack() as taken:
        sockets = [taken.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


class Hosts:
    """`prefix`: words that bring a command to where the sshd shall run."""

    def __init__(self, folder, count, address="127.0.0.1", prefix=()):
        self.folder, self.address, self.prefix = pathlib.Path(folder), address, list(prefix)
        self.names = [f"h{i:03}" for i in range(1, count + 1)]
        (self.folder / "home").mkdir(parents=True)
        self.host_key = make_ssh_key(self.folder / "host_key")
        self._write("authorized_keys", make_ssh_key(self.folder / "user_key") + "\n")
        self._write("passwd", f"root:*:0:0:root:{self.folder}/home:/bin/bash\nsshd:*:100:65534::/run/sshd:/usr/sbin/nologin\n"
                              "nobody:*:65534:65534::/:/usr/sbin/nologin\n")
        self._sshds = []

    def _write(self, name, text):
        (self.folder / name).write_text(text)

    def file(self, name):
        return str(self.folder / name)

    def __enter__(self):
        try:
            for _ in range(5):      # another program may take a port between its choice and its use
                ports = free_ports(len(self.names))
                if all([self._start(ports[i:i + PORTS]) for i in range(0, len(ports), PORTS)]):
                    self._write_clients_files(ports)
                    return self
                self._end()
        except BaseException:
            self._end()
            raise
        raise RuntimeError(f"sshd does not start; see the logs in {self.folder}")

    def __exit__(self, *_):
        self._end()

    def _end(self):
        for pid in self.session_pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for sshd in self._sshds:
            sshd.kill()
            sshd.wait()
        self._sshds = []

    def _start(self, ports):
        number = len(self._sshds)
        log_path = self.folder / f"log{number}"
        self._write(f"sshd_config{number}", "".join(f"ListenAddress {self.address}:{port}\n" for port in ports) + CONFIG.format(folder=self.folder))
        with open(log_path, "wb") as log:
            sshd = subprocess.Popen([*self.prefix, "unshare", "--mount", "--propagation", "private", "sh", "-c", START, "sh", self.folder,
                                     f"sshd_config{number}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._sshds.append(sshd)
        deadline = time.monotonic() + 30
        while log_path.read_text().count("Server listening") < len(ports):
            if sshd.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _write_clients_files(self, ports):
        self._write("known_hosts", "".join(f"[{self.address}]:{port} {self.host_key}\n" for port in ports))
        self._write("ssh_config", "".join(f"Host {name}\n  HostName {self.address}\n  Port {port}\n" for name, port in zip(self.names, ports))
                    + SSH_CONFIG.format(folder=self.folder))
        self._write("names", "".join(f"{name}\n" for name in self.names))
        self.fleet = {"user": "root", "identity": self.file("user_key"), "known_hosts": self.file("known_hosts"), "capsules": self.file("steps"),
                      "hosts": [{"name": name, "address": self.address, "port": port} for name, port in zip(self.names, ports)]}
        self._write("fleet.json", json.dumps(self.fleet))

    def session_pids(self):
        """The processes that serve a connection each."""
        pids = []
        for sshd in self._sshds:
            with contextlib.suppress(FileNotFoundError):
                pids += [int(pid) for pid in pathlib.Path(f"/proc/{sshd.pid}/task/{sshd.pid}/children").read_text().split()]
        return pids

    def cpu_seconds(self):
        """What serving has cost so far, of all connections: of those that are over, hence it waits until all are."""
        deadline = time.monotonic() + 30
        while self.session_pids():
            if time.monotonic() > deadline:
                raise RuntimeError("connections to the sshds are still open after 30 s")
            time.sleep(0.005)
        stats = [pathlib.Path(f"/proc/{sshd.pid}/stat").read_text().rsplit(")", 1)[1].split() for sshd in self._sshds]
        return sum(int(fields[i]) for fields in stats for i in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
