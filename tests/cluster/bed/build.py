"""Real binaries from Go modules: Kubernetes, etcd, CoreDNS, metrics-server, kwok, and the bed's own web server.

Each program is written under another name and renamed when it is whole, so that an interrupted build goes on where it stopped.
"""
import json
import os
import pathlib
import re
import subprocess
import time

from .common import BIN, CACHE, HERE, SOURCES, BedError, say

# how each program says its version; None: it has no such flag
KUBERNETES = {"kubeadm": ["version", "-o", "short"], "kubelet": ["--version"], "kube-apiserver": ["--version"],
              "kube-controller-manager": ["--version"], "kube-scheduler": ["--version"], "kube-proxy": ["--version"],
              "kubectl": ["version", "--client"]}
ETCD = {"etcd": "server", "etcdctl": "etcdctl", "etcdutl": "etcdutl"}
# module, package, and the version wanted: one serves every Kubernetes version of the bed
EXTRAS = {"coredns": ("github.com/coredns/coredns", "", (1, 15, 0)),
          "metrics-server": ("sigs.k8s.io/metrics-server", "/cmd/metrics-server", (0, 9, 0)),
          "kwok": ("sigs.k8s.io/kwok", "/cmd/kwok", (0, 8, 0))}


def environment():
    return dict(os.environ, HOME=str(pathlib.Path.home()), CGO_ENABLED="0", GOFLAGS="-mod=mod -buildvcs=false", GOTOOLCHAIN="local")


def go(*args, cwd=CACHE, **kw):
    cwd.mkdir(parents=True, exist_ok=True)
    r = subprocess.run(["go", *args], check=False, text=True, cwd=cwd, env=environment(), stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=kw.pop("stderr", subprocess.PIPE), **kw)
    if r.returncode:
        raise BedError(f"go {' '.join(args)} -> exit {r.returncode} in {cwd}\n{(r.stderr or '')[-4000:]}".rstrip())
    return r.stdout


def download(module, tries=3):
    """What `go mod download` says of module@version, as a dictionary. A proxy that stumbles is asked again."""
    for left in reversed(range(tries)):
        try:
            return json.loads(go("mod", "download", "-json", module))
        except BedError:
            if not left:
                raise


def available(module):
    """The released versions of a module that the module proxy offers, as sorted tuples."""
    listed = go("list", "-m", "-versions", "-json", module)
    found = [re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)", v) for v in json.loads(listed).get("Versions") or []]
    return sorted(tuple(map(int, m.groups())) for m in found if m)


def nearest(wanted, offered):
    """The wanted version, or else the next later one of its minor, or else the latest earlier one of it."""
    same = [v for v in offered if v[:2] == wanted[:2]]
    later = [v for v in same if v >= wanted]
    if not same:
        raise BedError(f"nothing of the minor {wanted[0]}.{wanted[1]} is offered by the Go module proxy")
    return later[0] if later else same[-1]


def compile_all(out, module_text, targets, ldflags=""):
    """Build {program: package} into out, from a throw-away main module."""
    missing = {p: pkg for p, pkg in targets.items() if not (out / p).exists()}
    if not missing:
        return
    began = time.time()
    work = SOURCES / out.name
    work.mkdir(parents=True, exist_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    (work / "go.mod").write_text(module_text)
    (work / "tools.go").write_text("//go:build tools\n\npackage bed\n\nimport (\n" + "".join(f'\t_ "{p}"\n' for p in targets.values()) + ")\n")
    with open(work / "tidy.log", "w") as log:
        go("mod", "tidy", "-e", cwd=work, stderr=log)
    say(f"{out.name}: modules ready after {time.time() - began:.0f}s")
    for program, package in missing.items():
        began = time.time()
        go("build", "-trimpath", "-ldflags", f"-s -w {ldflags}", "-o", str(out / f"{program}.tmp"), package, cwd=work)
        os.rename(out / f"{program}.tmp", out / program)
        say(f"{out.name}: {program} {(out / program).stat().st_size >> 20} MiB in {time.time() - began:.0f}s")


def is_version(path, arguments, version):
    """Does this program run, and say that it is v<version>?"""
    try:
        said = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and f"v{version}" in said.stdout.split()


def kubernetes(version):
    out = BIN / version
    for program, arguments in KUBERNETES.items():
        if (out / program).exists() and not is_version(out / program, arguments, version):
            say(f"{version}: {program} does not run or is another version: it is built again")
            (out / program).unlink()
    if all((out / program).exists() for program in KUBERNETES):
        return
    upstream = pathlib.Path(download(f"k8s.io/kubernetes@v{version}")["GoMod"]).read_text()
    staging = sorted(set(re.findall(r"^\s*(?:replace )?(k8s\.io/[a-z0-9-]+) (?:v0\.0\.0(?=\s)|=>)", upstream, re.M)) - {"k8s.io/kubernetes"})
    want = (0, *map(int, version.split(".")[1:]))
    replace = "".join(f"\t{m} => {m} v{staging_version(m, want)}\n" for m in staging)
    language = re.search(r"^go (\S+)", upstream, re.M).group(1)
    major, mn, _ = version.split(".")
    stamp = dict(gitVersion=f"v{version}", gitMajor=major, gitMinor=mn, gitTreeState="clean", gitCommit="bed", buildDate="2026-01-01T00:00:00Z")
    compile_all(out, f"module bed\n\ngo {language}\n\nrequire k8s.io/kubernetes v{version}\n\nreplace (\n{replace})\n",
                {program: f"k8s.io/kubernetes/cmd/{program}" for program in KUBERNETES},
                " ".join(f"-X {p}.{k}={v}" for p in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version") for k, v in stamp.items()))
    for program, arguments in KUBERNETES.items():
        if not is_version(out / program, arguments, version):
            raise BedError(f"{out / program} was built but does not say v{version}")


def staging_version(module, want):
    """Normally the release's own; a proxy may lack one library at one patch level, then its nearest patch serves.

    A module that is not offered at all (the samples: nothing here imports them) keeps the release's own: only a build that needs it fails.
    """
    def offered(v):
        try:
            return bool(download(f"{module}@v{v}", tries=1))
        except BedError:
            return False

    exact = "{}.{}.{}".format(*want)
    if offered(exact):
        return exact
    try:
        others = [v for v in available(module) if v[:2] == want[:2]]
    except BedError:
        return exact
    for near in ("{}.{}.{}".format(*v) for v in sorted(others, key=lambda v: abs(v[2] - want[2]))):
        if offered(near):
            say(f"{module} v{exact} is not offered: taking v{near}")
            return near
    return exact


def image_list(version):
    """{short name: full image name} as this version's own kubeadm wants them."""
    out = subprocess.run([BIN / version / "kubeadm", "config", "images", "list", "--kubernetes-version", f"v{version}"],
                         check=True, capture_output=True, text=True).stdout.split()
    return {name.rsplit("/", 1)[1].rsplit(":", 1)[0]: name for name in out}


def etcd_directory(version):
    """Where the etcd that stands in for kubeadm VERSION's etcd lives: exact if it could be had, else the nearest."""
    wanted = re.search(r":v?([\d.]+)", image_list(version)["etcd"]).group(1)
    note = BIN / f"etcd-for-{wanted}"
    if not note.is_symlink():
        offered = set.intersection(*(set(available(f"go.etcd.io/etcd/{m}/v3")) for m in ETCD.values()))
        have = nearest(tuple(map(int, wanted.split("."))), sorted(offered))
        note.symlink_to("etcd-{}.{}.{}".format(*have))
    return BIN / os.readlink(note)


def etcd(version):
    out = etcd_directory(version)
    v = out.name.removeprefix("etcd-")
    compile_all(out, "module bed\n\ngo 1.24.0\n\nrequire (\n" + "".join(f"\tgo.etcd.io/etcd/{m}/v3 v{v}\n" for m in ETCD.values()) + ")\n",
                {p: f"go.etcd.io/etcd/{m}/v3" for p, m in ETCD.items()})


def extras():
    for name, (module, package, wanted) in EXTRAS.items():
        if not list(BIN.glob(f"{name}-*/{name}")):
            offered = available(module)
            v = "{}.{}.{}".format(*(nearest(wanted, offered) if any(o[:2] == wanted[:2] for o in offered) else offered[-1]))
            compile_all(BIN / f"{name}-{v}", f"module bed\n\ngo 1.26.0\n\nrequire {module} v{v}\n", {name: module + package},
                        f"-X {module}/pkg/consts.Version=v{v} -X {module}/pkg/version.gitVersion=v{v}")
    kwok = program("kwok").parent
    if not (kwok / "stages.yaml").exists():      # how its fake nodes and pods live: as kwok itself ships it
        shipped = pathlib.Path(download(f"sigs.k8s.io/kwok@v{kwok.name.removeprefix('kwok-')}")["Dir"]) / "kustomize/stage"
        stages = [shipped / f"{s}.yaml" for s in ("node/fast/node-initialize", "node/heartbeat-with-lease/node-heartbeat-with-lease",
                                                  "pod/fast/pod-ready", "pod/fast/pod-complete", "pod/fast/pod-delete")]
        (kwok / "stages.yaml").write_text("---\n".join(s.read_text() for s in stages))


def own():
    """The bed's own little programs: the web server of the workloads, and pause."""
    out = BIN / "own"
    out.mkdir(parents=True, exist_ok=True)
    for name, source, command in (
            ("web", HERE / "web/main.go", ["go", "build", "-trimpath", "-ldflags", "-s -w", "-o"]),
            ("pause", HERE / "web/pause.c", ["gcc", "-O2", "-static", "-o"])):
        if not (out / name).exists() or (out / name).stat().st_mtime < source.stat().st_mtime:
            subprocess.run([*command, out / f"{name}.tmp", source], check=True,
                           env=dict(environment(), GOFLAGS="-mod=mod", GO111MODULE="off" if source.suffix == ".go" else ""))
            os.rename(out / f"{name}.tmp", out / name)


def program(name):
    """The path of a program that was built: the newest version of it, or one of the bed's own."""
    version = lambda path: tuple(int(n) for n in re.findall(r"\d+", path.parent.name))
    found = sorted(BIN.glob(f"{name}-*/{name}"), key=version)
    return found[-1] if found else BIN / "own" / name


def newest_kubernetes(name):
    found = sorted(BIN.glob(f"[0-9]*/{name}"), key=lambda p: tuple(map(int, p.parent.name.split("."))))
    if not found:
        raise BedError(f"there is no {name} in {BIN}: `bed prepare` first (or is DROVER_BED another folder?)")
    return found[-1]


def build(versions):
    BIN.mkdir(parents=True, exist_ok=True)
    own()
    for v in versions:
        kubernetes(v)
        etcd(v)
        say(v, "complete, with", etcd_directory(v).name)
    extras()
