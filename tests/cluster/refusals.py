"""What Drover must refuse on a real cluster, before any change."""
import datetime
import json
import subprocess

import fingerprint
import product
from bed import access, cluster, machines
from bed.common import sh, wait_until

LEASE = """apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: drover, namespace: kube-system}
spec: {holderIdentity: somebody-else, leaseDurationSeconds: 900, acquireTime: "%s", renewTime: "%s"}
"""


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
        for arguments in (("plan", "UPGRADE"), ("check", "UPGRADE"), ("apply", "UPGRADE", "--yes")):
            refuses(report, drover, 4, arguments, ["stuck"])

    unchanged(report, nodes, "a budget that can't be met", act)
    sh(*cluster.kubectl("delete", "-f", manifest, "--wait=true"), stdout=subprocess.DEVNULL)
    wait_until(lambda: not cluster.ask("get", "pods", "-l", "app=stuck", "-o", "name"), 60, "the pod of `stuck` to end")


def password_sudo(report, nodes, target):
    drover = product.Drover(report.folder / "password-sudo", target, user="ops")
    unchanged(report, nodes, "sudo that wants a password", lambda: [
        refuses(report, drover, 8, arguments, ["sudo", nodes[0]]) for arguments in (("plan", "UPGRADE"), ("apply", "UPGRADE", "--yes"))])


def host_keys(report, nodes, target):
    """A known_hosts with other keys than the machines have, and one without any."""
    other = report.folder / "another-host-key"
    sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other)
    key = " ".join(other.with_suffix(".pub").read_text().split()[:2])
    other.unlink()
    for title, text in (("changed", "".join(f"{m['ip']} {key}\n" for m in machines.machines())), ("unknown", "")):
        known = report.folder / f"known_hosts-{title}"
        known.write_text(text)
        inventory = cluster.inventory().replace(str(access.KNOWN_HOSTS), str(known))
        drover = product.Drover(report.folder / f"host-keys-{title}", target, inventory=inventory)
        unchanged(report, nodes, f"{title} host keys", lambda: [
            refuses(report, drover, 8, arguments, [str(known)]) for arguments in (("plan", "UPGRADE"), ("apply", "UPGRADE", "--yes"))])


def locked(report, nodes, target):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    subprocess.run(cluster.kubectl("create", "-f", "-"), input=LEASE % (now, now), text=True, check=True, stdout=subprocess.DEVNULL)
    drover = product.Drover(report.folder / "locked", target)

    def act():
        refuses(report, drover, 6, ("apply", "UPGRADE", "--yes"), ["somebody-else"])
        refuses(report, drover, 0, ("plan", "UPGRADE"), ["locked"])

    unchanged(report, nodes, "a cluster locked by somebody else", act)
    lease = fingerprint.kubectl_json("-n", "kube-system", "get", "lease", "drover")
    report.check("the other's lock is as it was", lease["spec"]["holderIdentity"] == "somebody-else", json.dumps(lease))
    sh(*cluster.kubectl("-n", "kube-system", "delete", "lease", "drover"), stdout=subprocess.DEVNULL)


def run(report, nodes, target):
    for scenario in (stuck, password_sudo, host_keys, locked):
        try:
            scenario(report, nodes, target)
        except Exception:      # the next one does not depend on it
            report.broken(scenario.__name__)
