"""apt packages in the style of the community repositories: one repository per minor, kubeadm=1.33.13-1.1."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

from .common import APT, BIN, HERE, minor, say, sh

CNI_PLUGINS = pathlib.Path("/usr/lib/cni")   # from this host's containernetworking-plugins
CNI_VERSION = "1.6.0-1.1"

KUBELET_UNIT = """[Unit]
Description=kubelet: The Kubernetes Node Agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
"""
KUBEADM_DROP_IN = """# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"""
# A first installation enables and starts the kubelet; an upgrade leaves the old process running until
# the operator restarts it, as the documented procedure says.
KUBELET_POSTINST = """#!/bin/sh
systemctl daemon-reload || true
if [ "$1" = configure ] && [ -z "$2" ]; then
    systemctl enable kubelet >/dev/null 2>&1 || true
    systemctl start --no-block kubelet || true
fi
"""


def digest(files):
    whole = hashlib.sha256()
    for file in files:
        with open(file, "rb") as opened:
            whole.update(hashlib.file_digest(opened, "sha256").digest())
    return whole.hexdigest()


def deb(repository, name, version, depends, files, scripts=None, conffiles=()):
    """files: {path in the package: (source path or text, mode)}. Made again when a source, or this recipe, is another one: their times tell
    nothing where several checkouts share a cache."""
    target = repository / f"{name}_{version}_amd64.deb"
    sources = [source for source, _ in files.values() if isinstance(source, pathlib.Path)]
    made_of, recipe = target.with_suffix(".made-of"), digest([pathlib.Path(__file__), *sources])
    stand = lambda: f"{recipe} {target.stat().st_size} {int(target.stat().st_mtime)}"     # another checkout may make it, too
    if target.exists() and made_of.exists() and made_of.read_text() == stand():
        return
    made_of.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=APT) as t:
        root = pathlib.Path(t) / "p"
        for path, (source, mode) in files.items():
            d = root / path
            d.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, pathlib.Path):
                shutil.copy(source, d)
            else:
                d.write_text(source)
            d.chmod(mode)
        control = root / "DEBIAN"
        control.mkdir(parents=True)
        (control / "control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: bed <bed@localhost>\nSection: admin\nPriority: optional\n"
            + (f"Depends: {depends}\n" if depends else "") + f"Description: {name}, built by the test bed from the released source\n")
        if conffiles:
            (control / "conffiles").write_text("".join(f"/{c}\n" for c in conffiles))
        for script, text in (scripts or {}).items():
            (control / script).write_text(text)
            (control / script).chmod(0o755)
        root.chmod(0o755)
        sh("dpkg-deb", "-Znone", "--root-owner-group", "--build", root, pathlib.Path(t) / "made.deb", stdout=subprocess.DEVNULL)
        os.rename(pathlib.Path(t) / "made.deb", target)
    made_of.write_text(stand())


def index(repository):
    for tool, name in ((["dpkg-scanpackages", "-m", "."], "Packages"), (["apt-ftparchive", "release", "."], "Release")):
        text = subprocess.run(tool, cwd=repository, check=True, capture_output=True, text=True).stdout
        (repository / name).write_text(text)


def packages(versions):
    APT.mkdir(parents=True, exist_ok=True)
    for left_over in APT.glob("tmp*"):      # of an interrupted run
        shutil.rmtree(left_over)
    for version in versions:
        repository = APT / f"v1.{minor(version)}"
        repository.mkdir(parents=True, exist_ok=True)
        b, release, tools = BIN / version, f"{version}-1.1", f"1.{minor(version)}.0-1.1"
        deb(repository, "kubeadm", release, f"cri-tools (>= 1.{minor(version)}.0)", {
            "usr/bin/kubeadm": (b / "kubeadm", 0o755),
            "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": (KUBEADM_DROP_IN, 0o644)})
        deb(repository, "kubelet", release, "iptables (>= 1.4.21), kubernetes-cni (>= 1.2.0), iproute2, mount, util-linux", {
            "usr/bin/kubelet": (b / "kubelet", 0o755), "usr/lib/systemd/system/kubelet.service": (KUBELET_UNIT, 0o644),
            "etc/default/kubelet": ("KUBELET_EXTRA_ARGS=\n", 0o644)}, dict(postinst=KUBELET_POSTINST), ["etc/default/kubelet"])
        deb(repository, "kubectl", release, "", {"usr/bin/kubectl": (b / "kubectl", 0o755)})
        deb(repository, "cri-tools", tools, "python3-minimal", {"usr/bin/crictl": (HERE / "crictl.py", 0o755)})
        deb(repository, "kubernetes-cni", CNI_VERSION, "", {f"opt/cni/bin/{p.name}": (p, 0o755) for p in sorted(CNI_PLUGINS.iterdir())})
        index(repository)
        say("packages of", version, "in", repository)


def source_line(version):
    """What a machine's /etc/apt/sources.list.d/kubernetes.list says while it runs this version."""
    return f"deb [trusted=yes] file:/srv/apt/v1.{minor(version)}/ ./\n"
