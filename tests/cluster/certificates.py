"""Certificates of the control plane beside kubeadm's own words; renewed, while somebody asks for the service all the time."""
import json

import product
from bed import access, cluster
from bed.common import wait_until

# Every certificate that kubeadm looks after signed again by its authority, good for the year before this one.
EXPIRE = r"""set -eu
cd /etc/kubernetes
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
: > "$d/index"
cat > "$d/conf" <<CONF
[ca]
default_ca = d
[d]
database = $d/index
new_certs_dir = $d
default_md = sha256
policy = p
copy_extensions = copyall
unique_subject = no
rand_serial = yes
[p]
organizationName = optional
commonName = supplied
CONF
expire() {
  openssl x509 -x509toreq -copy_extensions copyall -in "$1" -signkey "$2" -out "$d/request"
  openssl ca -batch -notext -config "$d/conf" -cert "$3.crt" -keyfile "$3.key" -startdate 20250101000000Z -enddate 20260101000000Z -in "$d/request" -out "$d/made"
  cat "$d/made" > "$1"
}
for name in apiserver apiserver-kubelet-client; do expire "pki/$name.crt" "pki/$name.key" pki/ca; done
for name in apiserver-etcd-client etcd/server etcd/peer etcd/healthcheck-client; do expire "pki/$name.crt" "pki/$name.key" pki/etcd/ca; done
expire pki/front-proxy-client.crt pki/front-proxy-client.key pki/front-proxy-ca
for name in admin super-admin controller-manager scheduler; do
  if [ ! -e "$name.conf" ]; then continue; fi
  sed -n 's/.*client-certificate-data: //p' "$name.conf" | base64 -d > "$d/crt"
  sed -n 's/.*client-key-data: //p' "$name.conf" | base64 -d > "$d/key"
  expire "$d/crt" "$d/key" pki/ca
  sed -i "s/client-certificate-data: .*/client-certificate-data: $(base64 -w 0 < "$d/crt")/" "$name.conf"
done
"""
PODS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def kubeadms(host="cp1"):
    """{name: when it expires}"""
    said = access.on(host, "kubeadm certs check-expiration -o json 2>/dev/null")
    info = json.loads(said[said.index("{"):])
    return {c["name"]: c["expirationDate"] for c in info["certificates"] + info["certificateAuthorities"] if not c["missing"]}


def drovers(drover, at=0):
    """The same of the control plane at this place of the inventory."""
    status = drover.run("--output", "json", "certs", "status")
    hosts = json.loads(status.out)["hosts"] if status.code in (0, 4) else [{"certificates": []}] * 3
    return {c["name"]: c["expires"] for c in hosts[at]["certificates"]}, status


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


def expired(report, drover):
    """The API server takes them at once; its old etcd, and whoever asks it, not."""
    access.on("cp1", EXPIRE)
    wait_until(lambda: "certificate" in (seen := drover.run("events")).err and seen.code == 8, 90, "the API server to serve what has expired", interval=2)
    old = containers_there()
    status = drover.run("certs", "status")
    report.check("`certs status` says what has expired", status.code == 4 and status.out.count("expired") >= 11, status.text())
    refused = drover.run("certs", "renew", "--yes")
    report.check("`certs renew` names them, and refuses to go on without the lock", refused.code == 4 and "--without-lock" in refused.out and
                 "2026-01-01T00:00:00Z" in refused.out, refused.text())
    renewed = drover.run("certs", "renew", "--yes", "--without-lock", seconds=700)
    report.check("`certs renew --without-lock` ends with 0", renewed.code == 0, renewed.text())
    status = drover.run("certs", "status")
    report.check("all certificates are good", status.code == 0, status.text())
    new = containers_there()
    report.check("every static pod has another container", len(new) == len(PODS) and not set(new) & set(old), [f"before {old}", f"after {new}"])
    nodes = lambda: cluster.ask("get", "nodes", "--no-headers")
    wait_until(lambda: nodes() and "NotReady" not in nodes(), 120, lambda: "the nodes to be Ready:\n" + nodes())
    report.check("every node is Ready", True)
    report.check("nothing is unfinished", (again := drover.run("resume", "--yes")).code == 0 and "unfinished" in again.out, again.text())


def containers_there(host="cp1"):
    """Those that run, by themselves: for the time when the API does not answer."""
    return [access.on(host, f"crictl ps -q --label io.kubernetes.container.name={name}").strip() for name in PODS]


def run(report, target, full):
    drover = product.Drover(report.folder / "certificates", target)
    status(report, drover)
    if full:
        renew(report, drover)
        expired(report, drover)
