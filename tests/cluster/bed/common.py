"""What every part of the bed shares: where its files live, how it runs commands, how it fails."""
import concurrent.futures
import contextlib
import fcntl
import os
import pathlib
import subprocess
import time


class BedError(RuntimeError):
    """Something the bed needs is not so; the text says what, and where to look."""


def cache_folder():
    named = os.environ.get("DROVER_BED")
    if named:
        return pathlib.Path(named).resolve()
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "drover-bed"


HERE = pathlib.Path(__file__).resolve().parent

# What is dear to make, kept between runs.
CACHE = cache_folder()
BIN = CACHE / "bin"              # BIN/<version>/kubeadm ..., BIN/etcd-<version>/etcd ...
SOURCES = CACHE / "src"          # the throw-away Go modules that the binaries are built from
BASE = CACHE / "base"            # the root file system all machines share (read-only lower layer)
APT = CACHE / "apt"              # APT/v1.33/*.deb: one repository per minor
REGISTRY = CACHE / "registry"    # blobs and tags that the image registry serves

# What one cluster consists of; `down` removes all of it.
MACHINES = CACHE / "machines"    # MACHINES/<name>/{meta.json,upper,var,console.log}: too big for a tmpfs
RUN = pathlib.Path("/run/drover-bed")   # admin.conf, ssh files, service records. One per host, as the network namespace is
LOCK = pathlib.Path("/run/drover-bed.lock")

NETNS = "drover-bed"             # machine NAME: network namespace and runc container drover-bed-NAME
NET = "10.77.0"
OPERATOR = f"{NET}.1"            # the operator's own address on the machines' bridge
REGISTRY_PORT = 5000
STARTED = time.time()


def say(*words):
    print(f"[{time.time() - STARTED:4.0f}s]", *words, flush=True)


def sh(*cmd, check=True, capture=False, **kw):
    """Run cmd; its output (both streams) with capture, its exit code otherwise."""
    if capture:
        kw.update(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    r = subprocess.run([str(c) for c in cmd], check=False, text=True, **kw)
    if check and r.returncode:
        raise BedError(f"{' '.join(map(str, cmd))} -> exit {r.returncode}\n{r.stdout or ''}".rstrip())
    return r.stdout if capture else r.returncode


def quiet(*cmd):
    """The exit code of cmd, whose output nobody needs."""
    return subprocess.run([str(c) for c in cmd], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode


def wait_until(condition, seconds, what, interval=0.5):
    """Ask condition() until it answers something true, which is returned; BedError after `seconds`."""
    end = time.time() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.time() > end:
            raise BedError(f"waited {seconds} s in vain for {what() if callable(what) else what}")
        time.sleep(interval)


def each(function, items):
    """function(item) for all items at once, results in order; the first failure is raised."""
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(function, items))


def minor(version):
    return int(version.split(".")[1])


@contextlib.contextmanager
def alone():
    """No two suites or bed commands at once: they would share one network namespace."""
    with open(LOCK, "a+") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            f.seek(0)
            raise BedError(f"another one is at work on the bed: process {f.read().strip() or 'unknown'} holds {LOCK}")
        f.truncate(0)
        f.write(f"{os.getpid()}\n")
        f.flush()
        yield
        f.truncate(0)
