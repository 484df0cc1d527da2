#!/usr/bin/env python3
"""The certificates of control planes looked at: what is well, soon over, cannot be said, or cannot be asked; and renewed, also when Drover is killed amid it."""
import json
import os
import sys
import time

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from control import lock_held, unless  # noqa: E402
from errors import locked  # noqa: E402
from meddle import RESUME, killed, other_capsules  # noqa: E402
from tally import run  # noqa: E402

CALL = "certs check-expiration"


def nothing_written(bed):
    return [f"{r.verb} {r.path}" for r in bed.writes()] + bed.unknown()


def fails(bed):
    bed.nodes["cp1"]._do("fault", action="fail:1", nth=1, text=CALL)


def status(bed):
    yield "status", unless(bed.drover("certs", "status"), 0, "cp1", "admin.conf", "front-proxy-ca", "good") + nothing_written(bed)
    outcome = bed.drover("--output", "json", "certs", "status")
    hosts = json.loads(outcome.out).get("hosts", [{}])
    yield "for programs", unless(outcome, 0) + ([] if hosts[0].get("host") == "cp1" and len(hosts[0]["certificates"]) == 14 else [outcome.out])
    yield "within a year is soon", unless(bed.drover("certs", "status", "--within", "8760h"), 4, "soon", "`drover certs renew`")
    yield "no duration", unless(bed.drover("certs", "status", "--within", "soon"), 2, "--within")
    fails(bed)
    yield "a kubeadm that fails", unless(bed.drover("certs", "status"), 4, "cp1: kubeadm certs check-expiration failed")
    bed.do("refuse", node="cp1")
    yield "a control plane that cannot be reached", unless(bed.drover("certs", "status"), 8, "cp1")
    bed.do("mend", node="cp1")


RENEW = ("certs", "renew", "--yes")
PODS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]


def expect(what, found, wanted):
    return [] if found == wanted else [f"{what}: {found}, not {wanted}"]


def expiries(bed):
    said = json.loads(bed.drover("--output", "json", "certs", "status").out)
    return {c["name"]: c["expires"] for c in said["hosts"][0]["certificates"] if c["authority"]}


def renewals(bed):
    return [call for call in bed.nodes["cp1"].starts() if "kubeadm certs renew all" in call]


def stops(bed):
    return [call for call in bed.nodes["cp1"].starts() if "crictl" in call and " stop " in call]


def renew(bed):
    before = expiries(bed)
    yield "renewing without a terminal", unless(bed.drover("certs", "renew"), 2, "--yes") + nothing_written(bed)
    fails(bed)
    yield "nothing is renewed when it is not known what there is", unless(bed.drover(*RENEW), 4, "certs-known", "cp1") + expect("renewed", renewals(bed), [])
    locked(bed)
    yield "renewing while another run holds the cluster", unless(bed.drover(*RENEW), 6, "elsewhere") + expect("renewed", renewals(bed), [])
    bed.drover("lock", "release", "--yes")
    outcome = bed.drover(*RENEW)
    after = expiries(bed)
    later = [name for name in before if after.get(name, "") > before[name]]
    yield "renew", unless(outcome, 0, "there is one control plane", "11 certificates renewed", "kube-scheduler restarted", "admin.conf") + lock_held(bed) + bed.unknown() + \
        other_capsules(bed) + expect("renewed", len(renewals(bed)), 1) + expect("stopped", len(stops(bed)), len(PODS)) + expect("later", sorted(later), sorted(before))
    yield "status tells of it", unless(bed.drover("status"), 0, "certs renew")
    outcome = bed.drover("--output", "json", *RENEW)
    said = json.loads(outcome.out) if outcome.code == 0 else {}
    yield "renew, for programs", unless(outcome, 0) + expect("steps", [s["status"] for s in said.get("steps", [])], ["succeeded"] * 3) + \
        expect("hosts", [h["host"] for h in said.get("hosts", [])], ["cp1"])


def killed_and_resumed(bed):
    """S4, S5: what was begun is not begun again, and what was stopped comes back."""
    killed(bed, RENEW, "at:node/cp1/static-pods-restart:effect-intent")
    yield "resume after a kill while static pods restart", unless(bed.drover(*RESUME), 0, "certs renew") + lock_held(bed) + bed.unknown() + \
        expect("renewed", len(renewals(bed)), 1)


def failing(bed):
    bed.nodes["cp1"]._do("fault", action="fail:1", nth=1, text="certs renew all")
    outcome = bed.drover(*RENEW)
    yield "a kubeadm that cannot renew", unless(outcome, 5, "kubeadm certs renew all") + expect("stopped", stops(bed), [])
    yield "and goes on when it can", unless(bed.drover(*RESUME), 0, "certs renew") + expect("stopped", len(stops(bed)), len(PODS))


def kept(bed):
    return sorted((bed.nodes["cp1"].root / "etc/kubernetes").glob("certificates.before-*"))


def full(bed):
    """What there is is kept first, or nothing is renewed."""
    bed.do("fill", node="cp1", path="/etc/kubernetes")
    outcome = bed.drover(*RENEW)
    yield "no room to keep what there is", unless(outcome, 5, "No space left", "nothing was renewed there") + expect("renewed", renewals(bed), []) + expect("kept", kept(bed), [])
    bed.do("free", node="cp1", path="/etc/kubernetes")
    outcome = bed.drover(*RESUME)
    found = kept(bed)
    modes = [oct(folder.stat().st_mode & 0o777) for folder in found]
    yield "and goes on with room", unless(outcome, 0, "certificates.before-") + expect("modes", modes, ["0o700"]) + \
        expect("kept", [(folder / "admin.conf").read_text() == bed.admin_conf() for folder in found], [True])


WITHOUT_LOCK = (*RENEW, "--without-lock")
TWO_YEARS = 2 * 365 * 86400


def expire(bed):
    """The sandbox's certificates are as old as this file."""
    then = time.time() - TWO_YEARS
    os.utime(bed.nodes["cp1"].root / "etc/kubernetes/admin.conf", (then, then))


def back_when_stopped(bed, *words):
    """An API that is away until all static pods were stopped, as one whose certificate has expired may be."""
    process, deadline = bed.start(*words), time.monotonic() + 90
    while len(stops(bed)) < len(PODS) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    bed.do("api", what="up")
    return bed.end(process)


def expired(bed):
    """S5, S14: without the API there is no lock to be had, so that it takes a word more; the API is back in the end."""
    expire(bed)
    yield "expired: status", unless(bed.drover("certs", "status"), 4, "expired", "`drover certs renew`")
    bed.do("api", what="down")
    outcome = bed.drover(*RENEW)
    yield "expired, and no API: refused", unless(outcome, 4, "certs-lock", "--without-lock", "cp1: expired: admin.conf, apiserver", "(since") + \
        expect("renewed", renewals(bed), []) + expect("stopped", stops(bed), [])
    outcome = bed.drover("--output", "json", *RENEW)
    said = json.loads(outcome.out) if outcome.out else {}
    yield "likewise for programs", unless(outcome, 4) + expect("blockers", [b["check"] for b in said.get("blockers", [])], ["certs-lock"]) + \
        expect("run", said.get("run", ""), None)
    outcome = back_when_stopped(bed, *WITHOUT_LOCK)
    yield "and done without the lock", unless(outcome, 0, "without the cluster's lock", "11 certificates renewed", "static pods of cp1 restarted and well") + \
        bed.unknown() + other_capsules(bed) + expect("renewed", len(renewals(bed)), 1) + expect("stopped", len(stops(bed)), len(PODS)) + lock_held(bed)
    yield "all is well then", unless(bed.drover("certs", "status"), 0, "good") + unless(bed.drover(*RESUME), 0, "Nothing is unfinished")


def expired_and_killed(bed):
    expire(bed)
    bed.do("api", what="down")
    killed(bed, WITHOUT_LOCK, "at:node/cp1/static-pods-restart:effect-intent")
    outcome = back_when_stopped(bed, *RESUME)
    yield "expired, and killed: resume without the API", unless(outcome, 0, "certs renew") + bed.unknown() + lock_held(bed) + \
        expect("renewed", len(renewals(bed)), 1) + expect("stopped", len(stops(bed)), len(PODS))


def expired_and_served(bed):
    """The API answers as long as what it has read is good; kubeadm is given what it cannot read there."""
    expire(bed)
    locked(bed)
    yield "expired, and locked by another run", unless(bed.drover(*WITHOUT_LOCK), 6, "elsewhere") + expect("renewed", renewals(bed), [])
    bed.drover("lock", "release", "--yes")
    yield "expired, and the API answers: as always", unless(bed.drover(*RENEW), 0, "certs-expired", "kube-scheduler restarted") + lock_held(bed) + \
        bed.unknown() + expect("given", [call.endswith("--config /dev/stdin") for call in renewals(bed)], [True])


def offline(bed):
    """What needs no connection."""
    shown = bed.drover("hpa", "create", "deploy/web", "--max", "5", "--cpu", "70%", "--scale-down", "1/5m", "--dry-run")
    policies = json.loads(shown.out)["spec"]["behavior"]["scaleDown"]["policies"] if shown.code == 0 else []
    right = policies == [{"type": "Pods", "value": 1, "periodSeconds": 300}]
    yield "an autoscaler as it would be sent", unless(shown, 0) + ([] if right else [shown.out])
    yield "an autoscaler without a metric", unless(bed.drover("hpa", "create", "deploy/web", "--max", "5"), 2, "no metric")
    yield "a deletion without a terminal", unless(bed.drover("hpa", "delete", "web"), 2, "--yes")
    file = bed.folder / "objects.yaml"
    file.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: B\nmetadata: {}\n")
    yield "a file that is no object", unless(bed.drover("addon", "apply", file), 3, "objects.yaml:5:1", "apiVersion is missing") + nothing_written(bed)
    yield "an add-on with a file and an image", unless(bed.drover("addon", "metrics-server", "install", "--manifest", file, "--image", "x"), 2, "exclude")
    yield "an add-on that does nothing of the kind", unless(bed.drover("addon", "metrics-server", "restart"), 2, "install, status or remove")


def main():
    return meddle.main("certificates looked at and renewed, and what needs no connection", (status, offline, renew, killed_and_resumed, failing, full, expired, expired_and_killed,
                                                                                                       expired_and_served))


if __name__ == "__main__":
    run(main)
