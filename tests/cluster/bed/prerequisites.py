"""What this host must offer, asked before anything is built: each answer says what is missing and what to do."""
import os
import pathlib
import re
import shutil
import subprocess

from .common import CACHE

GO = (1, 26)
GO_FOLDER = "/usr/local/go"
TOOLS = {"ip": "iproute2", "iptables": "iptables", "runc": "runc", "debootstrap": "debootstrap", "dpkg-scanpackages": "dpkg-dev",
         "apt-ftparchive": "apt-utils", "gcc": "gcc", "ssh": "openssh-client", "ssh-keygen": "openssh-client", "sysctl": "procps",
         "findmnt": "util-linux", "haproxy": "haproxy"}
DISK = 14 << 30      # free bytes for everything from nothing: Go's caches 6 GiB, binaries 2, images 2, machines 3
MEMORY = 4 << 30     # available bytes for the largest cluster


def go_version(program):
    """((major, minor) or None, what the program says of itself)."""
    said = subprocess.run([program, "version"], capture_output=True, text=True, env=dict(os.environ, GOTOOLCHAIN="local")).stdout.strip()
    found = re.search(r"\bgo(\d+)\.(\d+)", said)
    return (tuple(map(int, found.groups())) if found else None), said


def go_trouble():
    """Why Go can't be used, or None. Go's usual folder, which not every shell has on its PATH, is put there when it is needed."""
    wanted = f"Go {GO[0]}.{GO[1]} or newer is needed to build Kubernetes (https://go.dev/dl, unpacked to {GO_FOLDER})"
    found = []
    for program in (shutil.which("go"), f"{GO_FOLDER}/bin/go"):
        if program and os.access(program, os.X_OK):
            version, said = go_version(program)
            if version and version >= GO:
                if program != shutil.which("go"):
                    os.environ["PATH"] = f"{GO_FOLDER}/bin:{os.environ['PATH']}"
                return None
            found.append(f"{program} is {said or 'broken'}")
    return f"{wanted}; {', '.join(found) or 'there is none on the PATH'} (Debian's own golang is too old)"


def existing(path):
    while not path.exists():
        path = path.parent
    return path


def trouble():
    """Why the bed cannot work here, a reason a line; empty when it can."""
    if os.geteuid() != 0:
        return ["it must run as root (network namespaces, runc, mounts)"]
    reasons = [f"{tool} is missing: apt-get install {package}" for tool, package in TOOLS.items() if not shutil.which(tool)]
    if not pathlib.Path("/usr/lib/cni/bridge").exists():
        reasons.append("the CNI plugins are missing: apt-get install containernetworking-plugins")
    reasons += filter(None, [go_trouble()])
    if os.uname().machine != "x86_64":
        reasons.append(f"images and packages are made for amd64; this is {os.uname().machine}")
    if not pathlib.Path("/sys/fs/cgroup/memory/tasks").exists():
        reasons.append("cgroup v1 is needed with its memory controller at /sys/fs/cgroup/memory (v2 is untried)")
    if not pathlib.Path("/dev/kmsg").exists():
        reasons.append("/dev/kmsg is missing, and kubelets read it")
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode:
        reasons.append("namespaces cannot be made here (a container without CAP_SYS_ADMIN?)")
    folder = existing(CACHE)
    kind = subprocess.run(["findmnt", "-nro", "FSTYPE", "-T", str(folder)], capture_output=True, text=True).stdout.strip()
    if kind.startswith("overlay") or "nfs" in kind:
        reasons.append(f"{folder} is on {kind}, which cannot carry the machines' overlays: name another folder in DROVER_BED")
    if not (CACHE / "bin").exists() and shutil.disk_usage(folder).free < DISK:
        reasons.append(f"{folder} has less than {DISK >> 30} GiB free: name another folder in DROVER_BED")
    available = re.search(r"MemAvailable:\s+(\d+) kB", pathlib.Path("/proc/meminfo").read_text())
    if available and int(available[1]) << 10 < MEMORY:
        reasons.append(f"less than {MEMORY >> 30} GiB of memory are available")
    return reasons
