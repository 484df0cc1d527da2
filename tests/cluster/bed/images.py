"""Container images as plain OCI blobs, in the folder that registry.py serves."""
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile

from . import build
from .common import BASE, BIN, REGISTRY, say

BLOBS = REGISTRY / "blobs"
TAGS = REGISTRY / "tags"
MANIFEST, CONFIG = (f"application/vnd.oci.image.{k}.v1+json" for k in ("manifest", "config"))
LAYER = "application/vnd.oci.image.layer.v1.tar"
WEB = "bed.local/web:1"                       # the workloads' image
METRICS_SERVER = "bed.local/metrics-server:1"


def store(data):
    digest = hashlib.sha256(data).hexdigest()
    (BLOBS / digest).write_bytes(data)
    return f"sha256:{digest}"


def layer(entries):
    """entries: {path in the image: source path}. A layer with the same content is the same blob: images share it."""
    with tempfile.NamedTemporaryFile(dir=REGISTRY, delete=False) as f:
        with tarfile.open(fileobj=f, mode="w") as t:
            tmp = tarfile.TarInfo("tmp")
            tmp.type, tmp.mode = tarfile.DIRTYPE, 0o1777
            t.addfile(tmp)
            for target, source in sorted(entries.items()):
                real = os.path.realpath(source)
                info = t.gettarinfo(real, arcname=str(target).lstrip("/"))
                info.uid = info.gid = info.mtime = 0
                info.uname = info.gname = ""
                info.type, info.linkname = tarfile.REGTYPE, ""
                info.size = os.path.getsize(real)
                with open(real, "rb") as s:
                    t.addfile(info, s)
    with open(f.name, "rb") as s:
        digest = hashlib.file_digest(s, "sha256").hexdigest()
    size = os.path.getsize(f.name)
    os.rename(f.name, BLOBS / digest)
    return dict(mediaType=LAYER, digest=f"sha256:{digest}", size=size)


def image(name, layers, entrypoint):
    config = json.dumps(dict(architecture="amd64", os="linux", rootfs=dict(type="layers", diff_ids=[d["digest"] for d in layers]),
                             config=dict(Entrypoint=entrypoint, Env=["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]))).encode()
    manifest = json.dumps(dict(schemaVersion=2, mediaType=MANIFEST, config=dict(mediaType=CONFIG, digest=store(config), size=len(config)), layers=layers)).encode()
    path, tag = name.split("/", 1)[1].rsplit(":", 1)      # the registry is the same whatever host the name says
    (TAGS / path).mkdir(parents=True, exist_ok=True)
    (TAGS / path / tag).write_text(store(manifest))


def shared_libraries(*programs):
    """The programs and the libraries they load, as found in the machines' base system."""
    out = subprocess.run(["chroot", BASE, "ldd", *programs], capture_output=True, text=True).stdout
    return {f: str(BASE) + f for f in {*programs, *(word for word in out.split() if word.startswith("/") and not word.endswith(":"))}}


def iptables_layer():
    """What kube-proxy calls: iptables in all its names, its match libraries, conntrack, a shell."""
    legacy = "/usr/sbin/xtables-legacy-multi"
    matches = [f"/usr/lib/x86_64-linux-gnu/xtables/{p.name}" for p in (BASE / "usr/lib/x86_64-linux-gnu/xtables").iterdir()]
    files = shared_libraries(legacy, "/usr/sbin/conntrack", "/bin/sh", *matches)
    for name in ("iptables", "ip6tables"):
        for suffix in ("", "-save", "-restore"):
            files[f"/usr/sbin/{name}{suffix}"] = str(BASE) + legacy
    return layer(files)


def images(versions):
    BLOBS.mkdir(parents=True, exist_ok=True)
    for left_over in REGISTRY.glob("tmp*"):      # of an interrupted run
        left_over.unlink()
    for version in versions:
        want, b = build.image_list(version), BIN / version
        for n in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
            image(want[n], [layer({f"usr/local/bin/{n}": b / n})], [f"/usr/local/bin/{n}"])
        image(want["kube-proxy"], [iptables_layer(), layer({"usr/local/bin/kube-proxy": b / "kube-proxy"})], ["/usr/local/bin/kube-proxy"])
        image(want["pause"], [layer({"pause": build.program("pause")})], ["/pause"])
        image(want["etcd"], [layer({f"usr/local/bin/{p}": build.etcd_directory(version) / p for p in build.ETCD})], ["/usr/local/bin/etcd"])
        image(want["coredns"], [layer({"coredns": build.program("coredns")})], ["/coredns"])
        say("images of", version + ":", *(n.split("/", 1)[1] for n in want.values()))
    image(WEB, [layer({"web": build.program("web")})], ["/web"])
    image(METRICS_SERVER, [layer({"metrics-server": build.program("metrics-server")})], ["/metrics-server"])
