"""Machines: runc containers that run systemd, sshd and containerd, on one bridge in the bed's network namespace."""
import json
import os
import pathlib
import shutil
import subprocess
import textwrap
import time

from . import access, network, system
from .common import APT, BASE, MACHINES, NET, RUN, BedError, each, quiet, say, sh

CAPABILITIES = ["CAP_" + c for c in """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
    NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
    SYS_BOOT SYS_NICE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP SYSLOG WAKE_ALARM BLOCK_SUSPEND
    AUDIT_READ""".split()]        # all but SYS_RESOURCE, which a host may itself lack
CGROUP = "drover-bed"
WHERE = RUN / "machines-folder"   # the machines' folder of the cluster that is up: another one if DROVER_BED has changed since


def layout(control_planes, workers):
    names = [f"cp{i + 1}" for i in range(control_planes)] + [f"w{i + 1}" for i in range(workers)]
    return [dict(name=n, ip=f"{NET}.{11 + i}", podcidr=f"10.244.{11 + i}.0/24") for i, n in enumerate(names)]


def machines():
    return sorted((json.loads(p.read_text()) for p in MACHINES.glob("*/meta.json")), key=lambda m: int(m["ip"].rsplit(".", 1)[1]))


def machine(name):
    try:
        return json.loads((MACHINES / name / "meta.json").read_text())
    except OSError:
        raise BedError(f"there is no machine {name}; there are: {' '.join(m['name'] for m in machines()) or 'none'}")


def runc_id(name):
    return f"drover-bed-{name}"


def create(m, everyone, api, sandbox_image, source_line):
    """Write what is this machine's own into its upper layer."""
    d = MACHINES / m["name"]
    up = d / "upper"
    up.mkdir(parents=True, exist_ok=True)
    RUN.mkdir(parents=True, exist_ok=True)
    WHERE.write_text(str(MACHINES))
    (d / "meta.json").write_text(json.dumps(m))

    def folder(path):
        """A folder of the upper layer covers the base's: it must have the same owner and mode."""
        if not (up / path).exists():
            folder(path.parent)
            (up / path).mkdir()
            if (BASE / path).exists():
                like = (BASE / path).stat()
                os.chown(up / path, like.st_uid, like.st_gid)
                (up / path).chmod(like.st_mode & 0o7777)

    def write(path, text):
        folder(pathlib.Path(path).parent)
        (up / path).write_text(text)

    for kind in ("ed25519", "rsa"):
        key = up / f"etc/ssh/ssh_host_{kind}_key"
        folder(pathlib.Path("etc/ssh"))
        if not key.exists():
            sh("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key, "-C", m["name"])
    authorized = access.make_key()
    for home in ("root", *(f"home/{user}" for user in system.USERS)):
        write(f"{home}/.ssh/authorized_keys", authorized)
        owner = (BASE / home).stat()
        for p, mode in ((up / home / ".ssh", 0o700), (up / home / ".ssh/authorized_keys", 0o600)):
            os.chown(p, owner.st_uid, owner.st_gid)
            p.chmod(mode)
    write("etc/hostname", m["name"] + "\n")
    write("etc/machine-id", os.urandom(16).hex() + "\n")
    write("etc/hosts", f"127.0.0.1 localhost\n{api} bed-api\n" + "".join(f"{o['ip']} {o['name']}\n" for o in everyone))
    write("etc/apt/sources.list.d/kubernetes.list", source_line)
    write("etc/containerd/config.toml", textwrap.dedent(f"""\
        version = 2
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "{sandbox_image}"
          restrict_oom_score_adj = true
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/opt/cni/bin"
          [plugins."io.containerd.grpc.v1.cri".registry]
            config_path = "/etc/containerd/certs.d"
        """))
    write("etc/cni/net.d/10-bed.conflist", json.dumps(dict(cniVersion="0.4.0", name="bed", plugins=[
        dict(type="bridge", bridge="cni0", isGateway=True, ipMasq=True, hairpinMode=True,
             ipam=dict(type="host-local", ranges=[[dict(subnet=m["podcidr"])]], routes=[dict(dst="0.0.0.0/0")])),
        dict(type="portmap", capabilities=dict(portMappings=True))])))
    write("etc/systemd/system/pod-routes.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\n"
          + "".join(f"ExecStart=/sbin/ip route replace {o['podcidr']} via {o['ip']}\n" for o in everyone if o is not m)
          + "[Install]\nWantedBy=multi-user.target\n")
    wanted = pathlib.Path("etc/systemd/system/multi-user.target.wants/pod-routes.service")
    folder(wanted.parent)
    if not (up / wanted).is_symlink():
        (up / wanted).symlink_to("../pod-routes.service")


def runc_spec(m, root, var):
    mount = lambda target, kind, source, *options: dict(destination=target, type=kind, source=str(source), options=list(options))
    mounts = [
        mount("/proc", "proc", "proc"),
        mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=65536k"),
        mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
        mount("/dev/shm", "tmpfs", "shm", "nosuid", "nodev", "mode=1777"),
        mount("/dev/mqueue", "mqueue", "mqueue"),
        mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev"),
        mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime"),
        mount("/run", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=755"),
        mount("/tmp", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777"),
        mount("/dev/kmsg", "bind", "/dev/kmsg", "bind"),
        mount("/srv/apt", "bind", APT, "rbind", "ro"),
    ]
    for d in ("containerd", "kubelet", "etcd"):      # not on overlayfs: these need a file system of their own
        (var / d).mkdir(parents=True, exist_ok=True)
        mounts.append(mount(f"/var/lib/{d}", "bind", var / d, "rbind", "rw", "rshared"))
    return dict(
        ociVersion="1.0.2", hostname=m["name"], mounts=mounts, root=dict(path=str(root), readonly=False),
        process=dict(terminal=False, user=dict(uid=0, gid=0), cwd="/", args=["/sbin/init"], noNewPrivileges=False,
                     env=["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=bed"],
                     capabilities={k: CAPABILITIES for k in ("bounding", "effective", "permitted")},
                     rlimits=[dict(type="RLIMIT_NOFILE", hard=20000, soft=20000)]),
        linux=dict(cgroupsPath=f"/{CGROUP}/{m['name']}", rootfsPropagation="shared",
                   namespaces=[dict(type=t) for t in ("pid", "ipc", "uts", "mount", "cgroup")]
                   + [dict(type="network", path=f"/run/netns/{network.namespace(m['name'])}")],
                   resources=dict(devices=[dict(allow=True, access="rwm")])))


def boot(name):
    m, d = machine(name), MACHINES / name
    root = d / "root"
    quiet("runc", "delete", "-f", runc_id(name))
    if quiet("mountpoint", "-q", root) != 0:
        for s in ("root", "upper", "work"):
            (d / s).mkdir(exist_ok=True)
        sh("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={BASE},upperdir={d / 'upper'},workdir={d / 'work'}", root)
    network.plug_in(m)
    (d / "config.json").write_text(json.dumps(runc_spec(m, root, d / "var")))
    with open(d / "console.log", "a") as log:
        if subprocess.run(["runc", "run", "-d", "--pid-file", d / "pid", "--bundle", d, runc_id(name)], stdin=subprocess.DEVNULL,
                          stdout=log, stderr=log).returncode:
            raise BedError(f"{name} does not boot; the end of {d}/console.log:\n" + (d / "console.log").read_text()[-2000:])
    with open(d / "boots", "a") as boots:
        boots.write(f"{time.time():.3f}\n")


def boots(name):
    """How often the machine was booted since it was made."""
    return len((MACHINES / name / "boots").read_text().splitlines())


def running(name):
    """Does the machine's init live?  (Asked twice a second of every machine: cheaper than `runc state`.)"""
    try:
        process = pathlib.Path("/proc") / (MACHINES / name / "pid").read_text().strip()
        return f"/{CGROUP}/{name}\n" in (process / "cgroup").read_text() and (process / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def unplug(name):
    quiet("runc", "kill", runc_id(name), "KILL")
    for _ in range(50):
        if not running(name):
            break
        time.sleep(0.1)
    quiet("runc", "delete", "-f", runc_id(name))


def power(what, name):
    """off: pull the plug; on: boot again; reboot: hard reset; cut, mend: the machine's network cable."""
    m, d = machine(name), MACHINES / name
    if what in ("off", "reboot"):
        (d / "off").touch()
        unplug(name)
    if what in ("on", "reboot"):
        if not running(name):
            boot(name)
        (d / "off").unlink(missing_ok=True)
    if what == "cut":
        (d / "cut").touch()
    if what == "mend":
        (d / "cut").unlink(missing_ok=True)
    if what in ("cut", "mend"):
        sh("ip", "-n", network.NETNS, "link", "set", network.cable(name), "down" if what == "cut" else "up")
        if what == "mend":
            network.route_pods(m)


def supervise(delay):
    """Start again whatever halted or rebooted by itself, as a hypervisor would; a machine powered off stays off."""
    while True:
        for m in machines():
            name = m["name"]
            if not (MACHINES / name / "off").exists() and not running(name):
                time.sleep(delay)
                if not (MACHINES / name / "off").exists() and (MACHINES / name / "meta.json").exists():
                    say("restart", name)
                    try:
                        boot(name)
                    except (BedError, OSError) as e:
                        say("failed:", name, e)
        time.sleep(0.5)


def remove(d):
    """The machine whose folder is d, running or half made."""
    name = d.name
    (d / "off").touch()
    unplug(name)
    unmount(d)
    network.remove_machine(name)
    shutil.rmtree(d)


def unmount(folder):
    for target in reversed(sh("findmnt", "-rn", "-o", "TARGET", capture=True).split()):
        if target.startswith(f"{folder}/"):
            quiet("umount", "-l", target)


def remove_all():
    """Every machine, of this cache folder and of the one that the cluster was made in."""
    folders = {MACHINES, pathlib.Path(WHERE.read_text()) if WHERE.exists() else MACHINES}
    each(remove, [d for f in folders if f.exists() for d in sorted(f.iterdir()) if d.is_dir()])
    for line in sh("runc", "list", "-q", capture=True).split():
        if line.startswith(runc_id("")):
            quiet("runc", "delete", "-f", line)
    for controller in pathlib.Path("/sys/fs/cgroup").glob(f"*/{CGROUP}"):
        for d in sorted(controller.rglob("*/"), reverse=True):
            quiet("rmdir", d)
        quiet("rmdir", controller)
