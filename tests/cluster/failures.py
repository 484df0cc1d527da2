"""Steps that fail on a real cluster, one after another in one upgrade: what is said and left each time, and that `resume` goes on."""
import dataclasses

import after
import fingerprint
import product
from bed import access

HEALTH = "health: {timeout: 40s}\n"      # a kubelet that never comes up is given up soon
BUSY = "resource busy"


@dataclasses.dataclass
class Failure:
    """`plant` and `mend` are shell scripts for the node; `says`: what the failing program said."""
    name: str
    node: str
    step: str
    plant: str
    mend: str
    says: str
    cordoned: bool      # afterwards: a command of the node part was begun, and who knows what it changed


def pinned(path):
    """A file that is a mount point cannot be replaced, by nobody: rename(2) answers EBUSY."""
    return f"mount --bind {path} {path}", f"umount {path}"


def extra_arguments(text):
    return f"sed -i 's/^KUBELET_EXTRA_ARGS=.*/KUBELET_EXTRA_ARGS={text}/' /etc/default/kubelet"


def in_turn(nodes):
    first, one, other = nodes
    return [
        Failure("kubeadm cannot change the control plane", first, "upgrade-apply", *pinned("/etc/kubernetes/manifests/etcd.yaml"), BUSY, False),
        Failure("a kubelet that does not come up", one, "node-healthy", extra_arguments("--no-such-flag"), extra_arguments(""), "no-such-flag", True),
        Failure("a repository line that cannot be changed", other, "repository", *pinned("/etc/apt/sources.list.d/kubernetes.list"), BUSY, True),
        Failure("a package that cannot be installed", other, "kubelet-package", *pinned("/usr/bin/kubelet"),
                "unable to make backup link", True),
    ]


def cordoned(node):
    return bool(fingerprint.kubectl_json("get", "node", node)["spec"].get("unschedulable"))


def begun_after(events, failed):
    """Steps that began after this one had failed."""
    ends = [i for i, e in enumerate(events) if e["event"] == "step_finished" and e["step"] == failed and e["status"] == "failed"]
    return [e["step"] for e in events[ends[-1]:] if e["event"] == "step_started"] if ends else [f"{failed} has not failed"]


def stops(report, drover, failure, command):
    outcome = drover.run(*command, seconds=900)
    said, step = outcome.out + outcome.err, f"v1.34/{failure.node}/{failure.step}"
    missing = [s for s in (failure.node, failure.says, "-> ", "resume") if s not in said]
    report.check(f"{failure.name}: {command[0]} exits 5, says {failure.says!r} and what to do", outcome.code == 5 and not missing,
                 [f"it does not say {missing}", *outcome.text().splitlines()])
    later = begun_after(drover.journalled_events(), step)
    report.check(f"{step} failed, and nothing was begun after it", not later, later)
    report.check(f"{failure.node} is {'still' if failure.cordoned else 'not'} cordoned", cordoned(failure.node) == failure.cordoned, outcome.text())
    said = drover.run("status")
    report.check(f"status names {step}", said.code == 0 and failure.step in said.out and failure.node in said.out, said.text())


def run(report, nodes, target):
    drover = product.Drover(report.folder / "failures", target, plan=HEALTH)
    command = ("apply", "UPGRADE", "--yes")
    for failure in in_turn(nodes):
        access.on(failure.node, failure.plant)
        try:
            stops(report, drover, failure, command)
        finally:
            access.on(failure.node, failure.mend)
        command = ("resume", "--yes")
    outcome = drover.run(*command, seconds=900)
    report.check("resume exits 0 when all is mended", outcome.code == 0, outcome.text())
    after.versions(report, nodes, target)
    outcome = drover.run("plan", "UPGRADE", "--detailed-exitcode")
    report.check("plan afterwards finds nothing to do", outcome.code == 0, outcome.text())
