"""Certificates of the control plane beside kubeadm's own words; renewed, while somebody asks for the service all the time."""
import json

import product
from bed import access, cluster
from bed.common import wait_until

PODS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def kubeadms():
    """{name: when it expires}, of control plane cp1."""
    said = access.on("cp1", "kubeadm certs check-expiration -o json 2>/dev/null")
    info = json.loads(said[said.index("{"):])
    return {c["name"]: c["expirationDate"] for c in info["certificates"] + info["certificateAuthorities"] if not c["missing"]}


def drovers(drover):
    status = drover.run("--output", "json", "certs", "status")
    hosts = json.loads(status.out)["hosts"] if status.code == 0 else [{"certificates": []}]
    return {c["name"]: c["expires"] for c in hosts[0]["certificates"]}, status


def containers():
    """{component: the container that runs}"""
    items = json.loads(cluster.ask("-n", "kube-system", "get", "pods", "-l", "tier=control-plane", "-o", "json"))["items"]
    return {p["metadata"]["labels"]["component"]: p["status"]["containerStatuses"][0]["containerID"] for p in items}


def status(report, drover):
    ours, outcome = drovers(drover)
    theirs = kubeadms()
    report.check(f"`certs status` has the {len(theirs)} certificates of kubeadm", ours == theirs and len(theirs) > 10, [f"kubeadm {theirs}", outcome.text()])
    soon = drover.run("certs", "status", "--within", "8760h")
    report.check("`certs status` ends with 4 when they expire soon", soon.code == 4 and "soon" in soon.out, soon.text())


def renew(report, drover):
    before, old = kubeadms(), containers()
    renewed = drover.run("certs", "renew", "--yes", seconds=420)
    report.check("`certs renew` ends with 0", renewed.code == 0, renewed.text())
    after, (ours, outcome) = kubeadms(), drovers(drover)
    leaves = [name for name in before if name not in ("ca", "etcd-ca", "front-proxy-ca")]
    report.check(f"all {len(leaves)} certificates are later, and no authority", [n for n in before if after[n] > before[n]] == leaves,
                 [f"before {before}", f"after {after}"])
    report.check("`certs status` says so", ours == after, outcome.text())
    wait_until(lambda: len(containers()) == len(PODS), 30, "the static pods")
    report.check("every static pod has another container", all(containers()[name] != old[name] for name in PODS), [f"before {old}", f"after {containers()}"])
    served = access.on("cp1", "echo | openssl s_client -connect 127.0.0.1:6443 2>/dev/null | openssl x509 -noout -serial", check=False)
    there = access.on("cp1", "openssl x509 -noout -serial -in /etc/kubernetes/pki/apiserver.crt", check=False)
    report.check("the API server serves the new one", served == there and "serial=" in there, [served, there])
    admin = access.on("cp1", "kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz", check=False)
    report.check("the renewed admin.conf is let in", admin.strip() == "ok", admin)
    report.check("nothing is unfinished", (again := drover.run("resume", "--yes")).code == 0 and "unfinished" in again.out, again.text())


def run(report, target, full):
    drover = product.Drover(report.folder / "certificates", target)
    status(report, drover)
    if full:
        renew(report, drover)
