#!/usr/bin/env python3
"""Every error that a first user meets: the exit code, one message with its cause and what to do, and nothing changed."""
import concurrent.futures
import dataclasses
import datetime
import secrets
import shutil
import subprocess
import sys
import threading
import time
import typing

sys.dont_write_bytecode = True
import strike  # noqa: E402
from bed import Bed  # noqa: E402
from keys import make_ssh_key, with_other_authority  # noqa: E402
from tally import Tally, run, scratch  # noqa: E402

EVERY = (("plan", "UPGRADE"), ("check", "UPGRADE"), ("apply", "UPGRADE", "--yes"))
FILE = "password: {file: password}"
LOOKS, APPLY, APPLY_ASKING = EVERY[:2], EVERY[2:], (("apply", "UPGRADE"),)


@dataclasses.dataclass
class Row:
    """`plant` is done to the running bed; `bed` is given to it before it starts."""
    name: str
    code: int
    says: tuple
    plant: typing.Callable = lambda bed: None
    bed: dict = dataclasses.field(default_factory=dict)
    commands: tuple = EVERY
    after: typing.Callable = lambda bed: []     # what else is wrong, after each command


def refusing(name):
    return lambda bed: bed.do("refuse", node=name)


def without_power(name):
    """Nobody answers, and nobody says so."""
    return lambda bed: (bed.nodes[name].down(), edit("inventory.yaml", "ssh: {", "ssh: {connect_timeout: 5s, ")(bed))


def login_refused(bed):
    bed.nodes["w1"].write("etc/ssh/authorized_keys", "")


def key_unknown(bed):
    bed.known_hosts.write_text("".join(n.known_host() for n in bed.nodes.values() if n.name != "w1"))


def key_changed(bed):
    key = make_ssh_key(bed.folder / "another-key")
    bed.known_hosts.write_text("".join(n.known_host() if n.name != "w1" else f"[127.0.0.1]:{n.port} {key}\n" for n in bed.nodes.values()))


def key_revoked(bed):
    bed.known_hosts.write_text(bed.known_hosts.read_text() + f"@revoked {bed.nodes['w1'].known_host()}")


def api_closed(bed):
    bed.do("api", what="down")


def api_hangs_up(bed):
    bed.do("api", what="cut", count=1000)


def api_silent(bed):
    bed.do("api", what="hold", count=1000)


def other_authority(bed):
    bed.nodes["cp1"].write("etc/kubernetes/admin.conf", with_other_authority(bed.admin_conf(), bed.folder))


def no_admin_conf(bed):
    (bed.nodes["cp1"].root / "etc/kubernetes/admin.conf").unlink()


def damaged_admin_conf(bed):
    bed.nodes["cp1"].write("etc/kubernetes/admin.conf", "kind: Config\n")


def archives_full(bed):
    bed.do("fill", node="w1", path="/var/cache/apt/archives")


def repository_gone(bed):
    (bed.nodes["w1"].root / "var/lib/sandbox/offers/v1.34").unlink()


def no_repository(bed):
    bed.nodes["w1"].write("etc/apt/sources.list.d/kubernetes.list", "")
    bed.nodes["w1"].write("var/lib/sandbox/offers/v1.33", "")


def budget_without_room(bed):
    bed.do("workload", what="add", name="default/quorum", replicas=2)
    bed.do("budget", what="add", name="default/quorum", min_available=2)


def bare_pod(bed):
    bed.do("pod", what="add", name="default/lonely", node="w1")


def locked(bed):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    bed.do("lock", lease={"spec": {"holderIdentity": "20261122T120000Z-abcd on elsewhere pid 1 since 1", "leaseDurationSeconds": 900,
                                   "acquireTime": now, "renewTime": now}})


def unfinished_run(bed):
    strike.strike(bed, lambda: bed.start("apply", "UPGRADE", "--yes"), "lines:12")


def other_budget(bed):
    bed.do("budget", what="add", name="default/web", min_available=2)


def other_cluster_than_planned(bed):
    bed.drover("plan", "UPGRADE", "-o", "PLAN.json")
    other_budget(bed)


def changed_behind_the_preview(bed):
    """Somebody changes the cluster after it was looked at, before the lock is taken."""
    bed.do("api", what="hold", count=1, text="POST /apis/coordination.k8s.io/")

    def change():
        bed.wait_for_held(1)
        other_budget(bed)
        bed.do("api", what="clear")

    threading.Thread(target=change, daemon=True).start()


def edit(name, old, new):
    """Something else in one of the user's files."""
    def plant(bed):
        path = bed.folder / name
        text = path.read_text()
        assert old in text, f"{old} is not in {name}"
        path.write_text(text.replace(old, new, 1))
    return plant


def by_sudo(settings="", asking=("cp1", "w1", "w2"), password=None, mode=0o600):
    """Logs in as ops; sudo on the hosts that are `asking` wants a password. `password`: what the file holds, when not that one."""
    def plant(bed):
        word = secrets.token_hex(8)
        for name in asking:
            bed.nodes[name].write("var/lib/sandbox/sudo-password", word + "\n")
        file = bed.folder / "password"
        file.write_text((password or word) + "\n")
        file.chmod(mode)
        edit("inventory.yaml", "user: root", "user: ops")(bed)
        edit("inventory.yaml", "\nhosts:", f"\nsudo: {{{settings}}}\nhosts:")(bed)
    return plant


def locked_key(settings, word=None):
    """The login's key has a passphrase. `word`: what the command and the file give, when not that one."""
    def plant(bed):
        bed.secret, key = secrets.token_hex(8), bed.folder / "locked"
        shutil.copy(bed.identity, key)
        key.chmod(0o600)
        subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", bed.secret, "-f", str(key)], check=True, capture_output=True)
        file = bed.folder / "passphrase"
        file.write_text((word or bed.secret) + "\n")
        file.chmod(0o600)
        edit("inventory.yaml", f"identity_file: {bed.identity}", f"identity_file: {key}, {settings}")(bed)
    return plant


def shows_nothing(bed):
    """The secret is in nothing that Drover or a node wrote."""
    files = [f for f in bed.folder.rglob("*") if f.is_file() and not f.is_symlink() and f.name != "passphrase"]
    return [f"the secret is in {f}" for f in files if bed.secret.encode() in f.read_bytes()]


def accept_new(bed):
    key_unknown(bed)
    edit("inventory.yaml", "ssh: {", "ssh: {host_keys: accept-new, ")(bed)


def host_key_recorded(bed):
    entry = bed.nodes["w1"].known_host()
    return [] if bed.known_hosts.read_text().count(entry) == 1 else [f"not once in known_hosts: {entry}"]


def one_try(bed):
    """A wrong password is tried once in a command, whatever the number of hosts."""
    tries = [n.root / "var/lib/sandbox/sudo-wrong" for n in bed.nodes.values()]
    lines = [line for file in tries if file.exists() for line in file.read_text().splitlines()]
    return [] if lines == ["1"] * bed.runs else [f"wrong passwords after {bed.runs} commands: {lines}"]


def both(*plants):
    return lambda bed: [plant(bed) for plant in plants]


def by_kubeconfig(path="config"):
    """The API is dialled as admin.conf of the control plane says, and nothing of it goes by SSH."""
    def plant(bed):
        (bed.folder / "config").write_text(bed.admin_conf())
        edit("inventory.yaml", "\nhosts:", f"\napi: {{via: kubeconfig, kubeconfig: {path}}}\nhosts:")(bed)
    return plant


def kubeconfig_with(old, new):
    return lambda bed: [by_kubeconfig()(bed), edit("config", old, new)(bed)]


def other_authority_by_kubeconfig(bed):
    by_kubeconfig()(bed)
    (bed.folder / "config").write_text(with_other_authority(bed.admin_conf(), bed.folder))


def leave_out(name):
    return edit("upgrade.yaml", "workers: {", f"workers: {{exclude: [{name}], ")


def swapped_ports(bed):
    for name, other in ("w1", "w2"), ("w2", "w1"):
        edit("inventory.yaml", *(f"  {name}: {{address: 127.0.0.1, port: {bed.nodes[n].port}," for n in (name, other)))(bed)


def limit(name):
    return (("apply", "UPGRADE", "--yes", "--limit", name),)


def without_w2(bed):
    path = bed.folder / "inventory.yaml"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith("  w2:")))


def sshd(name, line):
    return {"sshd": {name: line}}


ROWS = [
    Row("unreachable host", 8, ("w1 (127.0.0.1", "refused", "workers: {exclude: [w1]}"), refusing("w1")),
    Row("host without power", 8, ("w1 (127.0.0.1", "the time was up", "workers: {exclude: [w1]}"), without_power("w1")),
    Row("unreachable host that is left out", 0, ("w1", "left out by workers.exclude"), both(refusing("w1"), leave_out("w1")), commands=LOOKS),
    Row("unreachable control plane", 8, ("cp1 (127.0.0.1", "refused"), refusing("cp1")),
    Row("refused authentication", 8, ("w1 (127.0.0.1", "identity_file"), login_refused),
    Row("unknown host key", 8, ("w1 (127.0.0.1", "known_hosts"), key_unknown),
    Row("changed host key", 8, ("w1 (127.0.0.1", "known_hosts"), key_changed),
    Row("revoked host key", 8, ("w1 (127.0.0.1", "known_hosts", "revoked"), key_revoked),
    Row("new host key, and accept-new", 0, (), accept_new, commands=LOOKS, after=host_key_recorded),
    Row("host keys that are not checked", 0, ("warning: host keys are not checked",),
        lambda bed: (key_changed(bed), edit("inventory.yaml", "ssh: {", "ssh: {host_keys: off, ")(bed)), commands=LOOKS),
    Row("key with a passphrase that a command gives", 0, (), locked_key("passphrase: {command: [cat, passphrase]}"), commands=LOOKS,
        after=shows_nothing),
    Row("key with a passphrase that a file gives", 0, (), locked_key("passphrase: {file: passphrase}"), commands=LOOKS, after=shows_nothing),
    Row("key with a passphrase, and another is given", 8, ("/locked: the passphrase from", "does not fit", "ssh.passphrase"),
        locked_key("passphrase: {file: passphrase}", word="another"), commands=LOOKS, after=shows_nothing),
    Row("key with a passphrase, and nobody to ask", 8, ("/locked: it has a passphrase, and none is named", "ssh.passphrase"),
        locked_key("port: 22"), commands=LOOKS),
    Row("password to be typed, and no terminal", 8, ("ssh.password: there is no terminal to ask on",),
        edit("inventory.yaml", "ssh: {", "ssh: {password: {prompt: true}, "), commands=LOOKS),
    Row("agent that is not there", 0, (), edit("inventory.yaml", "ssh: {", "ssh: {agent: true, "), commands=LOOKS),
    Row("sudo that wants a password, and none is given", 8, ("w1 (127.0.0.1", "a password is required", "sudo.password"), by_sudo(asking=["w1"])),
    Row("wrong sudo password", 8, ("sudo refused the password of ops", "/password"), by_sudo(FILE, password="wrong"), after=one_try),
    Row("sudo password that is not there", 8, ("variable NOWHERE is not set",), by_sudo("password: {env: NOWHERE}")),
    Row("sudo password that others may read", 8, ("/password", "chmod 600"), by_sudo(FILE, mode=0o644)),
    Row("right sudo password", 0, (), by_sudo(FILE), commands=LOOKS),
    Row("sudo password that nobody asks for", 0, (), by_sudo(FILE, asking=[]), commands=LOOKS),
    Row("API down", 8, ("cp1", "kube-apiserver"), api_closed),
    Row("API that closes every connection", 8, ("cp1", "kube-apiserver"), api_hangs_up),
    Row("API that does not answer", 8, ("cp1", "no whole answer in time", "kube-apiserver and etcd"), api_silent),
    Row("API in trouble of its own", 8, ("HTTP 503", "unable to handle the request"), lambda bed: bed.do("api", what="fail", status=503, count=1000)),
    Row("API that refuses our user", 1, ("HTTP 403", "must be allowed"), lambda bed: bed.do("api", what="fail", status=403, count=1000)),
    Row("API of another authority", 8, ("cp1", "certificate"), other_authority),
    Row("no admin.conf", 8, ("cp1", "admin.conf"), no_admin_conf),
    Row("damaged admin.conf", 8, ("cp1", "admin.conf"), damaged_admin_conf),
    Row("forwarding refused by sshd", 8, ("cp1", "AllowTcpForwarding"), bed=sshd("cp1", "AllowTcpForwarding no")),
    Row("all forwarding refused by sshd", 8, ("cp1", "AllowTcpForwarding"), bed=sshd("cp1", "DisableForwarding yes")),
    Row("forwarding of sockets refused, which nobody asks for", 0, (), bed=sshd("cp1", "AllowStreamLocalForwarding no"), commands=LOOKS),
    Row("kubeconfig that is not there", 3, ("nowhere.conf", "cannot be read", "api.kubeconfig"), by_kubeconfig("nowhere.conf")),
    Row("context that is not in the kubeconfig", 3, ("staging", "its contexts are kubernetes-admin@kubernetes"), by_kubeconfig("config, context: staging")),
    Row("kubeconfig with a password", 3, ("config", "username and password"), kubeconfig_with("client-certificate-data", "username: ops\n    password")),
    Row("kubeconfig that checks no certificate", 3, ("insecure-skip-tls-verify",), kubeconfig_with("certificate-authority-data", "insecure-skip-tls-verify: true\n    x")),
    Row("API of another authority, by kubeconfig", 8, ("context kubernetes-admin@kubernetes", "certificate"), other_authority_by_kubeconfig),
    Row("API down, by kubeconfig", 8, ("context kubernetes-admin@kubernetes", "https://127.0.0.1:"), both(by_kubeconfig(), api_closed)),
    Row("way to the API that is none", 3, ("inventory.yaml", "api.via", "kubeconfig"), edit("inventory.yaml", "\nhosts:", "\napi: {via: proxy}\nhosts:")),
    Row("target not offered", 4, ("not-offered", "1.34.9", "1.34.4"), bed={"target": "1.34.9"}),
    Row("target lower", 4, ("downgrade", "1.33.1", "1.33.13"), bed={"target": "1.33.1"}),
    Row("target two minors up", 4, ("hops", "1.34"), bed={"target": "1.35.4"}),
    Row("drain that can never finish: budget", 4, ("drain", "default/quorum"), budget_without_room),
    Row("drain that can never finish: nothing would start the pod again", 4, ("drain", "drain.force"), bare_pod),
    Row("kubeadm held at a newer version", 4, ("package-versions", "kubeadm 1.35.0-1.1 (on hold) of w1"),
        lambda bed: bed.nodes["w1"].write("var/lib/sandbox/packages/kubeadm", "1.35.0-1.1\n")),
    Row("no disk", 4, ("disk-space", "w1", "/var/cache/apt/archives"), archives_full),
    Row("repository of the target out of reach", 4, ("not-offered", "w1", "/srv/apt/v1.34"), repository_gone),
    Row("no repository", 4, ("repository", "w1"), no_repository),
    Row("node that is not in the inventory", 4, ("not-in-inventory", "w2"), without_w2),
    Row("host that is not in the cluster", 4, ("not-in-cluster", "w3"), edit("inventory.yaml", "roles: [worker]", "roles: [worker], node: w3")),
    Row("addresses that are swapped", 4, ("wrong-machine", "w1: the machine reached at 127.0.0.1", "is node w2's", "w2: the machine", "is node w1's"), swapped_ports),
    Row("reboot by a wrong address", 4, ("wrong-machine", "is node w2's"), swapped_ports, commands=(("node", "reboot", "w1", "--ignore-daemonsets", "--yes"),)),
    Row("worker that is called a control plane", 4, ("control-planes", "w1"), edit("inventory.yaml", "[worker]", "[control-plane, worker]")),
    Row("limit to a worker before its control plane", 4, ("--limit leaves cp1 out", "--limit cp1"), commands=limit("w1")),
    Row("limit to a host that is none", 2, ("--limit", "w11", "w1"), commands=limit("w11")),
    Row("left-out host that is none", 3, ("upgrade.yaml:5", "workers.exclude", "w11", "did you mean"), leave_out("w11")),
    Row("left-out control plane", 3, ("upgrade.yaml:5", "workers.exclude", "cp1"), leave_out("cp1")),
    Row("no terminal and no --yes", 2, ("--yes",), commands=APPLY_ASKING),
    Row("second operator", 6, ("20261122T120000Z-abcd", "elsewhere"), locked, commands=APPLY),
    Row("second operator, only looking", 0, ("locked", "20261122T120000Z-abcd"), locked, commands=LOOKS),
    Row("unfinished run", 4, ("unfinished-run", "resume", "cancel"), unfinished_run, commands=APPLY),
    Row("saved plan of another cluster", 7, ("minAvailable 3", "minAvailable 2"), other_cluster_than_planned,
        commands=(("apply", "PLAN.json", "--yes"),)),
    Row("cluster that changes behind the preview", 7, ("minAvailable 3", "minAvailable 2"), changed_behind_the_preview, commands=APPLY),
    Row("unknown key", 3, ("upgrade.yaml:6", "setle", "settle"), edit("upgrade.yaml", "settle", "setle")),
    Row("wrong type", 3, ("upgrade.yaml:6", "interval"), edit("upgrade.yaml", "interval: 1s", "interval: [1s]")),
    Row("no YAML", 3, ("upgrade.yaml:6",), edit("upgrade.yaml", "health: {", "health: {{")),
    Row("impossible target", 3, ("upgrade.yaml:4", "target"), edit("upgrade.yaml", "1.34.4", "newest")),
    Row("no target", 3, ("upgrade.yaml", "target"), edit("upgrade.yaml", 'target: "1.34.4"\n', "")),
    Row("no inventory", 3, ("elsewhere.yaml",), edit("upgrade.yaml", "inventory.yaml", "elsewhere.yaml")),
    Row("unknown key in the inventory", 3, ("inventory.yaml:4", "usr", "user"), edit("inventory.yaml", "user", "usr")),
    Row("no upgrade plan file", 3, ("nothing.yaml",), commands=(("plan", "nothing.yaml"), ("apply", "nothing.yaml", "--yes"))),
    Row("unknown option", 2, ("--fast",), commands=(("apply", "UPGRADE", "--yes", "--fast"),)),
    Row("unknown command", 2, ("upgrade",), commands=(("upgrade",),)),
]


def messages(outcome):
    """The errors on stderr, each with the lines that belong to it."""
    found = []
    for line in outcome.err.splitlines():
        if line and not line[0].isspace():
            found.append([])
        if found:
            found[-1].append(line)
    return found


def faults(row, outcome):
    said = outcome.out + outcome.err
    wrong = [] if outcome.code == row.code else [f"exit code {row.code} was expected"]
    wrong += [f"it does not say {words}" for words in row.says if words not in said]
    one_message = row.code not in (0, 4)      # blockers stand in the plan on stdout
    if one_message and len(messages(outcome)) != 1:
        wrong.append(f"{len(messages(outcome))} messages")
    if row.code in (4, 6, 7, 8) and "-> " not in said:
        wrong.append("it does not say what to do")
    return wrong


def state_of(bed):
    """All that an error may not change. A lock that is given back is as good as none."""
    return {"tool calls": bed.starts(), "capsules": sorted(bed.capsules()), "lock": bed.lock_holder(),
            "requests": [(r.verb, r.path) for r in bed.writes() if not r.is_lock()]}


def changes(before, bed):
    after = state_of(bed)
    wrong = [f"{what}: {before[what]} -> {after[what]}" for what in before if before[what] != after[what]]
    return wrong + [f"nobody knows {text}" for text in bed.unknown()]


def at_rest(bed):
    """What a killed process left running on a node goes on for a moment, and what it had sent begins."""
    seen = None
    while True:
        capsules = bed.capsules()
        ends = [bed.nodes[name].root / f"var/lib/drover/steps/{capsule}/end" for name, capsule in capsules]
        ended = all(end.exists() and end.read_text().startswith("rc=") for end in ends)
        if ended and capsules == seen:
            return state_of(bed)
        seen = capsules if ended else None
        time.sleep(0.2)


def try_row(row, folder):
    with Bed(folder, **row.bed) as bed:
        row.plant(bed)
        before = at_rest(bed)
        found = []
        for words in row.commands:
            outcome = bed.drover(*words)
            wrong = faults(row, outcome) + row.after(bed)
            found.append((f"{row.name}: {words[0]}", [*wrong, outcome.text()] if wrong else changes(before, bed)))
        return found


def main():
    tally = Tally("Errors that a first user meets")
    with scratch() as folder:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for found in pool.map(lambda item: try_row(item[1], folder / str(item[0])), enumerate(ROWS)):
                for name, wrong in found:
                    tally.point(name, wrong)
    return tally.conclude()


if __name__ == "__main__":
    run(main)
