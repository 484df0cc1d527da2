"""The system all machines share: Debian with sshd and containerd, no Kubernetes. Made once, in two stages:

debootstrap into a folder that is renamed when whole; then this bed's own settings, written anew when this file changed.
"""
import hashlib
import os
import pathlib
import shutil

from .common import BASE, CACHE, MACHINES, OPERATOR, REGISTRY_PORT, BedError, quiet, say, sh

RELEASE = "bookworm"
PACKAGES = ("systemd,systemd-sysv,dbus,openssh-server,iproute2,iptables,ca-certificates,curl,procps,kmod,conntrack,ethtool,"
            "socat,ebtables,util-linux,apt,sudo,python3-minimal,python3-apt,containerd,runc,rsync,less,iputils-ping,netbase")
MASKED = ("systemd-networkd.service", "systemd-resolved.service", "systemd-timesyncd.service", "apt-daily.timer",
          "apt-daily-upgrade.timer", "e2scrub_all.timer", "getty.target", "console-getty.service", "systemd-udevd.service",
          "systemd-udev-trigger.service", "sys-kernel-debug.mount", "sys-kernel-config.mount")
BOOT_ID = """[Unit]
Description=A boot id of this machine's own, new at every boot
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'cat /proc/sys/kernel/random/uuid > /run/boot_id; mount --bind /run/boot_id /proc/sys/kernel/random/boot_id'
"""
NO_RAISED_LIMITS = "[Service]\nLimitNOFILE=20000\nLimitNPROC=\nLimitCORE=\nOOMScoreAdjust=0\n"
KUBELET_CGROUP = "ExecStartPre=/bin/sh -c 'for c in /sys/fs/cgroup/*; do [ -d $c ] && mkdir -p $c/kubelet; done; true'\n"
# Besides root, as many sites have it: one operator whose sudo wants a password, one whose sudo does not.
USERS = {"ops": "ops ALL=(ALL) ALL\n", "deploy": "deploy ALL=(ALL) NOPASSWD: ALL\n"}
OPS_PASSWORD = "s3cret"

READY = "etc/bed-ready"      # holds the recipe the settings were made by


def mirror():
    """The Debian mirror this host itself is set up with."""
    lines = sh("apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages", capture=True).splitlines()
    for codename, uri in (line.split() for line in lines if len(line.split()) == 2):
        if codename == RELEASE:
            return uri
    raise BedError(f"this host's apt knows no mirror of Debian {RELEASE}, which the machines are made from: apt-get update?")


def bootstrap():
    debs, fresh = CACHE / "debs", BASE.with_name("base.new")
    debs.mkdir(parents=True, exist_ok=True)
    for mounted in ("proc", "sys", "dev"):       # what a killed debootstrap leaves mounted must not be deleted through
        while quiet("mountpoint", "-q", fresh / mounted) == 0:
            sh("umount", "-l", fresh / mounted)
    shutil.rmtree(fresh, ignore_errors=True)
    with open(CACHE / "debootstrap.log", "w") as log:
        if sh("debootstrap", "--variant=minbase", f"--cache-dir={debs}", f"--include={PACKAGES}", RELEASE, fresh, mirror(),
              stdout=log, stderr=log, check=False):
            raise BedError(f"debootstrap failed; the end of {CACHE}/debootstrap.log:\n"
                           + "".join((CACHE / "debootstrap.log").read_text().splitlines(keepends=True)[-15:]))
    os.rename(fresh, BASE)
    say("base system made")


def settings():
    def write(path, text, mode=0o644):
        (BASE / path).parent.mkdir(parents=True, exist_ok=True)
        (BASE / path).write_text(text)
        (BASE / path).chmod(mode)

    (BASE / "var/log/journal").mkdir(exist_ok=True)
    units = BASE / "etc/systemd/system"
    for unit in MASKED:
        if not (units / unit).is_symlink():
            (units / unit).symlink_to("/dev/null")
    write("etc/systemd/system/containerd.service.d/90-bed.conf", NO_RAISED_LIMITS)
    write("etc/systemd/system/kubelet.service.d/90-bed.conf", NO_RAISED_LIMITS + KUBELET_CGROUP)
    write("etc/systemd/system/boot-id.service", BOOT_ID)
    (units / "sysinit.target.wants").mkdir(exist_ok=True)
    if not (units / "sysinit.target.wants/boot-id.service").is_symlink():
        (units / "sysinit.target.wants/boot-id.service").symlink_to("../boot-id.service")
    write("etc/containerd/certs.d/_default/hosts.toml",     # every image comes from the bed's registry
          f'server = "http://{OPERATOR}:{REGISTRY_PORT}"\n[host."http://{OPERATOR}:{REGISTRY_PORT}"]\n  capabilities = ["pull", "resolve"]\n')
    write("etc/apt/sources.list", "")
    write("etc/resolv.conf", f"nameserver {OPERATOR}\n")
    for user, rule in USERS.items():
        if f"\n{user}:" not in (BASE / "etc/passwd").read_text():
            sh("chroot", BASE, "useradd", "-m", "-s", "/bin/bash", user)
        write(f"etc/sudoers.d/{user}", rule, 0o440)
    sh("chroot", BASE, "chpasswd", input=f"ops:{OPS_PASSWORD}\n")
    write("etc/ssh/sshd_config.d/bed.conf", "PermitRootLogin prohibit-password\nUseDNS no\nMaxStartups 200:30:400\n")
    for k in BASE.glob("etc/ssh/ssh_host_*"):
        k.unlink()
    shutil.rmtree(BASE / "var/lib/apt/lists", ignore_errors=True)


def base():
    """Make the system unless it is there already, made by this very recipe."""
    recipe = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    ready = BASE / READY
    if ready.exists() and ready.read_text() == recipe:
        return
    if list(MACHINES.glob("*/meta.json")):
        raise BedError("machines run on the present base system, and it must be made anew: `bed down` first")
    made_of = CACHE / "base.packages"
    if not BASE.exists() or not made_of.exists() or made_of.read_text() != PACKAGES:
        shutil.rmtree(BASE, ignore_errors=True)
        bootstrap()
        made_of.write_text(PACKAGES)
    settings()
    ready.write_text(recipe)
