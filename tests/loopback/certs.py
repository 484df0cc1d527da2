#!/usr/bin/env python3
"""The certificates of control planes looked at: what is well, soon over, cannot be said, or cannot be asked."""
import json
import sys

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from control import unless  # noqa: E402
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
    yield "within a year is soon", unless(bed.drover("certs", "status", "--within", "8760h"), 4, "soon", "An upgrade renews")
    yield "no duration", unless(bed.drover("certs", "status", "--within", "soon"), 2, "--within")
    fails(bed)
    yield "a kubeadm that fails", unless(bed.drover("certs", "status"), 4, "cp1: kubeadm certs check-expiration failed")
    bed.do("refuse", node="cp1")
    yield "a control plane that cannot be reached", unless(bed.drover("certs", "status"), 8, "cp1")
    bed.do("mend", node="cp1")
    yield "renewing is not there yet", unless(bed.drover("certs", "renew"), 2, "not supported yet")


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
    return meddle.main("certificates looked at, and what needs no connection", (status, offline))


if __name__ == "__main__":
    run(main)
