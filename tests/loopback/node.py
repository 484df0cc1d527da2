"""One machine: a private root on this host in which a real sshd logs people in and the stand-ins of `tools/` answer."""
import os
import pathlib
import shutil
import socket
import subprocess
import time
import uuid

from keys import make_ssh_key, public_of

TOOLS = pathlib.Path(__file__).resolve().parent / "tools"
OLD, TARGET = "1.33.13", "1.34.4"
FOLDERS = ["etc/ssh", "etc/apt/sources.list.d", "etc/kubernetes/manifests", "etc/alternatives", "var/cache/apt/archives", "var/lib/dpkg/updates",
           "var/lib/etcd/member/snap", "var/lib/world/packages", "var/lib/world/holds", "var/lib/world/offers", "var/lib/world/lists", "var/log",
           "run/sshd", "tmp", "root"]
PASSWD = """root:*:0:0:root:/root:/bin/bash
ops:*:0:0:ops:/root:/bin/bash
sshd:*:100:65534::/run/sshd:/usr/sbin/nologin
nobody:*:65534:65534::/:/usr/sbin/nologin
"""
SSHD = """ListenAddress 127.0.0.1:{port}
HostKey /etc/ssh/host_key
AuthorizedKeysFile /etc/ssh/authorized_keys
PidFile none
UsePAM no
StrictModes no
UseDNS no
PermitRootLogin yes
PasswordAuthentication no
MaxStartups 100
PerSourceMaxStartups none
"""


def repository(version, cri_tools):
    return "".join(f"{name} {version}-1.1\n" for name in ("kubeadm", "kubelet", "kubectl")) + f"cri-tools {cri_tools}-1.1\n"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Node:
    """`sshd_config`: lines that stand before the usual ones. `small`: a folder with next to no room."""

    def __init__(self, root, name, keys, packages, sshd_config="", small=None):
        self.root, self.name, self.sshd_config, self.small = pathlib.Path(root), name, sshd_config, small
        self.port, self._process = None, None
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True)
        for folder in ("root", "run/sshd"):
            (self.root / folder).chmod(0o700)
        (self.root / "tmp").chmod(0o1777)
        self.write("etc/passwd", PASSWD)
        self.write("etc/group", "root:*:0:\nnogroup:*:65534:\n")
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n")
        self.write("etc/hosts", "127.0.0.1 localhost\n")
        self.write("etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
        self.write("etc/apt/sources.list.d/kubernetes.list", "deb [trusted=yes] file:/srv/apt/v1.33/ ./\n")
        self.boots = [f"{uuid.uuid4()}"]
        self.write("boot_id", f"{self.boots[0]}\n")
        shutil.copy("/etc/ld.so.cache", self.root / "etc")
        make_ssh_key(self.root / "etc/ssh/host_key")
        self.write("etc/ssh/authorized_keys", public_of(keys.user) + "\n")
        self._install(packages)

    def _install(self, packages):
        self.write("var/lib/world/offers/v1.33", repository(OLD, "1.33.0"))
        self.write("var/lib/world/offers/v1.34", repository(TARGET, "1.34.0"))
        self.write("var/lib/world/lists/minor", "v1.33\n")
        self.write("var/lib/world/images", "")
        self.write("var/lib/world/starts", "")
        self.write("var/lib/world/kubelet", f"v{OLD} 0\n")
        self.write("var/lib/world/packages/cri-tools", "1.33.0-1.1\n")
        for name in packages:
            self.write(f"var/lib/world/packages/{name}", f"{OLD}-1.1\n")
            self.write(f"var/lib/world/holds/{name}", "")

    def make_control_plane(self, admin_conf, api_port):
        self.write("var/lib/world/control-plane", f"v{OLD} 0\n")
        self.write("etc/kubernetes/admin.conf", admin_conf)
        self.write("etc/kubernetes/manifests/kube-apiserver.yaml",
                   f"spec:\n  containers:\n  - command:\n    - kube-apiserver\n    - --secure-port={api_port}\n")
        self.write("etc/kubernetes/manifests/etcd.yaml", "spec:\n  containers:\n  - command:\n    - etcd\n    - --data-dir=/var/lib/etcd\n"
                                                         "    - --listen-client-urls=https://127.0.0.1:2379,https://192.0.2.11:2379\n")
        self.write("var/lib/etcd/member/snap/db", "x" * 20480)

    def write(self, path, text):
        (self.root / path).write_text(text)

    def read(self, path):
        return (self.root / path).read_text()

    def starts(self):
        """Every start of a tool call that changes something, in order."""
        return [call for _, call in self.starts_by_capsule()]

    def starts_by_capsule(self):
        """The same, each with the capsule in which it happened; "-": in none."""
        return [tuple(line.split(" ", 1)) for line in self.read("var/lib/world/starts").splitlines()]

    def known_host(self):
        return f"[127.0.0.1]:{self.port} {public_of(self.root / 'etc/ssh/host_key')}\n"

    def up(self):
        for _ in range(5):      # another program may take the port between its choice and its use
            self.port = free_port()
            self.write("etc/ssh/sshd_config", self.sshd_config + SSHD.format(port=self.port))
            if self._start():
                return
        raise RuntimeError(f"the sshd of {self.name} does not start:\n{self.read('log')}")

    def _start(self):
        n = self.root
        mounts = [word for folder in ("etc", "var", "run", "tmp", "root") for word in ("--bind", n / folder, f"/{folder}")]
        if self.small:
            mounts += ["--size", str(1 << 20), "--tmpfs", self.small]
        links = [word for folder in ("bin", "sbin", "lib", "lib64") for word in ("--symlink", f"usr/{folder}", f"/{folder}")]
        with open(n / "log", "wb") as log:
            self._process = subprocess.Popen(
                ["bwrap", "--unshare-pid", "--unshare-uts", "--hostname", self.name, "--die-with-parent", "--ro-bind", "/usr", "/usr",
                 "--ro-bind", TOOLS, "/usr/local/sbin", *links, *mounts, "--ro-bind", "/etc/alternatives", "/etc/alternatives",
                 "--dev", "/dev", "--proc", "/proc", "--ro-bind", n / "boot_id", "/proc/sys/kernel/random/boot_id",
                 "--clearenv", "--setenv", "PATH", "/usr/bin:/usr/sbin", "/usr/sbin/sshd", "-D", "-e", "-f", "/etc/ssh/sshd_config"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while "Server listening" not in self.read("log"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.down()
                return False
            time.sleep(0.005)
        return True

    def reboot(self):
        """All that ran is gone, and what lay in /run; the boot id is another, the kubelet the one that is installed. The address stays."""
        self.down()
        for file in ("drover-reboot", "reboot-required", "reboot-required.pkgs"):
            (self.root / "run" / file).unlink(missing_ok=True)
        self.boots.append(f"{uuid.uuid4()}")
        self.write("boot_id", f"{self.boots[-1]}\n")
        with open(self.root / "var/lib/world/kubelet", "a") as kubelet:
            kubelet.write(f"v{self.read('var/lib/world/packages/kubelet').split('-')[0]} {time.time()}\n")
        deadline = time.monotonic() + 20
        while not self._start():      # the old sshd may have the port for a moment longer
            if time.monotonic() > deadline:
                raise RuntimeError(f"the sshd of {self.name} does not come back:\n{self.read('log')}")

    def reboots_when_asked(self):
        """Off and on again, if a program in the node has asked for it."""
        asked = self.root / "var/lib/world/power"
        if asked.exists():
            asked.unlink()
            self.reboot()

    def stall(self, what):
        """The installation of a package, `upgrade-node` or `kubelet-restart` hangs half-way, until go_on() or the node goes down."""
        os.mkfifo(self.root / f"var/lib/world/stall-{what}")

    def wait_for(self, call):
        """Until a tool's call with this text was begun, which may be the last of a run."""
        deadline = time.monotonic() + 180
        while not any(call in one for one in self.starts()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{call!r} was not begun on {self.name}")
            time.sleep(0.005)

    def wait_for_install(self, package):
        self.wait_for(f" --no-remove install {package}=")

    def reset(self, stalled):
        """Pulls the plug in the middle of what hangs, and boots again."""
        self.down()
        (self.root / f"var/lib/world/stall-{stalled}").unlink()
        self.reboot()

    def go_on(self, what):
        path = self.root / f"var/lib/world/stall-{what}"
        path.write_text("\n")      # waits for the one that hangs
        path.unlink()

    def down(self):
        """Ends the sshd and all that runs in the node with it."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
