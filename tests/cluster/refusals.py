"""What Drover must refuse on a real cluster, before any change: exit code, cause and remedy."""
import contextlib
import dataclasses
import datetime
import json
import subprocess
import typing

import fingerprint
import product
from bed import access, cluster, machines, system
from bed.common import sh, wait_until

APPLY = ("apply", "UPGRADE", "--yes")
LEASE = """apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: drover, namespace: kube-system}
spec: {holderIdentity: somebody-else, leaseDurationSeconds: 900, acquireTime: "%s", renewTime: "%s"}
"""
NOWHERE = "10.77.0.99"
PASSWORD = "\nsudo: {password: {env: BED_SUDO}}"      # appended to a cluster name, so that it stands at the top level
NO_FORWARDING = "/etc/ssh/sshd_config.d/no-forwarding.conf"
# To one user of cp1 its API server is down: what sshd forwards for ops is refused, all else goes on.
NO_API = "iptables -{} OUTPUT -p tcp --dport 6443 -m owner --uid-owner ops -j REJECT --reject-with tcp-reset"


@dataclasses.dataclass
class Row:
    """`inventory` is applied to the text of the inventory; `during` is a context in which the command runs."""
    name: str
    code: int
    says: tuple = ()
    command: tuple = APPLY
    user: str = "root"
    inventory: typing.Callable = lambda text: text
    target: str = ""
    password: str = ""
    during: typing.Callable = contextlib.nullcontext


def swap(old, new):
    def edit(text):
        assert str(old) in text, f"{old} is not in the inventory"
        return text.replace(str(old), str(new))
    return edit


def with_password(text):
    return swap("cluster: bed", f"cluster: bed{PASSWORD}")(text)


@contextlib.contextmanager
def api_down():
    access.on("cp1", NO_API.format("A"))
    try:
        yield
    finally:
        access.on("cp1", NO_API.format("D"))


def another_key(path):
    sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def rows(folder):
    """All that a first user may get wrong, and that costs seconds."""
    key = another_key(folder / "another-key")
    changed, unknown = folder / "known_hosts-changed", folder / "known_hosts-unknown"
    changed.write_text("".join(f"{m['ip']} {key}\n" for m in machines.machines()))
    unknown.write_text("")
    w2 = machines.machine("w2")["ip"]
    return [
        Row("unreachable host", 8, (f"w2 ({NOWHERE}", "workers: {exclude: [w2]}"), inventory=swap(w2, NOWHERE)),
        Row("refused authentication", 8, ("cp1 (10.77.0.11", "identity_file"), inventory=swap(access.KEY, folder / "another-key")),
        Row("unknown host key", 8, ("cp1 (10.77.0.11", str(unknown)), inventory=swap(access.KNOWN_HOSTS, unknown)),
        Row("changed host key", 8, ("cp1 (10.77.0.11", str(changed)), inventory=swap(access.KNOWN_HOSTS, changed)),
        Row("sudo that wants a password, and none is given", 8, ("cp1 (10.77.0.11", "a password is required", "sudo.password"), user="ops"),
        Row("wrong sudo password", 8, ("sudo refused the password of ops", "BED_SUDO"), user="ops", inventory=with_password, password="wr0ng"),
        Row("right sudo password", 0, ("w2",), ("plan", "UPGRADE"), user="ops", inventory=with_password, password=system.OPS_PASSWORD),
        Row("API down", 8, ("cp1", "kube-apiserver"), user="ops", inventory=with_password, password=system.OPS_PASSWORD, during=api_down),
        Row("forwarding refused by sshd", 8, ("cp1", "AllowTcpForwarding"), user="deploy"),
        Row("target not offered", 4, ("not-offered", "1.34.99", "1.34.4"), target="1.34.99"),
        Row("target lower", 4, ("downgrade", "1.33.1"), target="1.33.1"),
        Row("target two minors up", 4, ("hops", "1.34"), target="1.35.4"),
        Row("no terminal and no --yes", 2, ("--yes",), ("apply", "UPGRADE")),
    ]


@contextlib.contextmanager
def no_forwarding_for_deploy():
    # A restart returns when sshd listens again; a reload returns before it has stopped to.
    access.on("cp1", f"printf 'Match User deploy\\n  AllowTcpForwarding no\\n' >{NO_FORWARDING} && systemctl restart ssh")
    try:
        yield
    finally:
        access.on("cp1", f"rm {NO_FORWARDING} && systemctl restart ssh")


def try_row(report, row, target, number):
    inventory = row.inventory(cluster.inventory(row.user))
    drover = product.Drover(report.folder / f"refused-{number:02}", row.target or target, inventory=inventory)
    with row.during():
        outcome = drover.run(*row.command, environment={"BED_SUDO": row.password} if row.password else None)
    said = outcome.out + outcome.err
    wrong = [f"it does not say {words}" for words in row.says if words not in said]
    if row.code in (4, 6, 8) and "-> " not in said:
        wrong.append("it does not say what to do")
    if row.password and row.password in said:
        wrong.append("it says the password")
    report.check(f"{row.name}: {row.command[0]} exits {row.code}", outcome.code == row.code and not wrong, [*wrong, *outcome.text().splitlines()])


def first_errors(report, nodes, target):
    folder = report.folder / "refused"
    folder.mkdir(exist_ok=True)
    table = rows(folder)

    def act():
        for number, row in enumerate(table, 1):
            try_row(report, row, target, number)

    with no_forwarding_for_deploy():
        unchanged(report, nodes, f"{len(table)} errors of a first user", act)


def unchanged(report, nodes, title, act):
    """act() between two fingerprints that must be equal."""
    before = fingerprint.at_rest(nodes)
    act()
    changed = fingerprint.differences(before, fingerprint.take(nodes))
    report.check(f"{title}: nothing changed", not changed, changed)


def refuses(report, drover, code, arguments, says=()):
    outcome = drover.run(*arguments)
    missing = [s for s in says if s not in outcome.out + outcome.err]
    report.check(f"{' '.join(arguments).replace('UPGRADE', 'upgrade.yaml')} exits {code}" + (f" and names {', '.join(says)}" if says else ""),
                 outcome.code == code and not missing, outcome.text())


def stuck(report, nodes, target):
    """A pod whose budget never lets it go."""
    manifest = cluster.workload("stuck")
    cluster.apply(manifest)
    cluster.wait_rolled_out()
    wait_until(lambda: cluster.ask("get", "pdb", "stuck", "-o", "jsonpath={.status.currentHealthy}") == "1", 60, "the budget `stuck` to count its pod")
    drover = product.Drover(report.folder / "stuck", target)

    def act():
        for arguments in (("plan", "UPGRADE"), ("check", "UPGRADE"), APPLY):
            refuses(report, drover, 4, arguments, ["default/stuck", "-> "])

    unchanged(report, nodes, "a budget that can't be met", act)
    sh(*cluster.kubectl("delete", "-f", manifest, "--wait=true"), stdout=subprocess.DEVNULL)
    wait_until(lambda: not cluster.ask("get", "pods", "-l", "app=stuck", "-o", "name"), 60, "the pod of `stuck` to end")


def locked(report, nodes, target):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    subprocess.run(cluster.kubectl("create", "-f", "-"), input=LEASE % (now, now), text=True, check=True, stdout=subprocess.DEVNULL)
    drover = product.Drover(report.folder / "locked", target)

    def act():
        refuses(report, drover, 6, APPLY, ["somebody-else", "-> "])
        refuses(report, drover, 0, ("plan", "UPGRADE"), ["locked"])

    unchanged(report, nodes, "a cluster locked by somebody else", act)
    lease = fingerprint.kubectl_json("-n", "kube-system", "get", "lease", "drover")
    report.check("the other's lock is as it was", lease["spec"]["holderIdentity"] == "somebody-else", json.dumps(lease))
    sh(*cluster.kubectl("-n", "kube-system", "delete", "lease", "drover"), stdout=subprocess.DEVNULL)


def run(report, nodes, target, full):
    for scenario in (first_errors, stuck, locked) if full else (first_errors,):
        try:
            scenario(report, nodes, target)
        except Exception:      # the next one does not depend on it
            report.broken(scenario.__name__)
