"""What an operator looks at when something is wrong, beside kubectl where it tells the same, and where kubectl can tell nothing: `logs`,
`describe`, and `events` of one object."""
import json
import time

import product
from bed import access, cluster
from bed.common import wait_until

MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"


def between(report, what, before, outcome, after):
    """A log grows while one looks: what was there before is shown, and nothing that is not there afterwards."""
    ours = outcome.out.splitlines()
    missing, strange = [line for line in before if line not in ours], [line for line in ours if line not in after]
    report.check(f"{what}: kubectl's {len(ours)} lines", outcome.code == 0 and before and not missing and not strange,
                 [f"missing {missing[:3]}", f"not kubectl's {strange[:3]}", outcome.err])


def logs(report, drover):
    """Of a pod through the API, and of the same one by crictl."""
    pod = "kube-scheduler-cp1"
    kubectl = lambda: cluster.ask("-n", "kube-system", "logs", pod, "--timestamps").splitlines()
    before = kubectl()
    by_api, by_crictl = drover.run("logs", pod, "--timestamps"), drover.run("logs", "cp1", "--static-pod", "kube-scheduler", "--timestamps")
    after = kubectl()
    between(report, f"`logs {pod}`", before, by_api, after)
    between(report, "`logs cp1 --static-pod kube-scheduler`", before, by_crictl, after)
    window = drover.run("logs", "w1", "-u", "kubelet", "--since", "2h", "--tail", "5")
    report.check("`logs w1`: five lines of its kubelet's journal", window.code == 0 and len(window.out.splitlines()) == 5 and "kubelet[" in window.out, window.text())
    unit = drover.run("logs", "w1", "-u", "nothing")
    report.check("`logs w1 -u nothing` ends with 0 and says that there is nothing", unit.code == 0 and not unit.out and "no such lines" in unit.err, unit.text())


def describe(report, drover):
    """Conditions, taints, requests and pods of a node; owner, states and restarts of a pod."""
    outcome = drover.run("--output", "json", "describe", "w1")
    ours = json.loads(outcome.out)
    node = json.loads(cluster.ask("get", "node", "w1", "-o", "json"))
    items = json.loads(cluster.ask("get", "pods", "-A", "--field-selector", "spec.nodeName=w1", "-o", "json"))["items"]
    facts = lambda conditions, since: sorted((c["type"], c["status"], c["reason"], c[since]) for c in conditions)
    report.check("`describe w1` has kubectl's conditions", facts(ours["conditions"], "since") == facts(node["status"]["conditions"], "lastTransitionTime"), outcome.text())
    report.check("`describe w1` has kubectl's pods", [(p["namespace"], p["pod"]) for p in ours["pods"]] ==
                 sorted((p["metadata"]["namespace"], p["metadata"]["name"]) for p in items), outcome.text())
    # "  cpu                250m (12%)  0 (0%)"
    allocated = cluster.ask("describe", "node", "w1").split("Allocated resources:")[1]
    cpu = next(line.split()[1] for line in allocated.splitlines() if line.split()[:1] == ["cpu"])
    theirs = int(cpu[:-1]) if cpu.endswith("m") else int(cpu) * 1000
    report.check("`describe w1` has kubectl's sum of requests", ours["requests"]["cpu_m"] == theirs, [f"kubectl {cpu}", outcome.text()])
    pod = next(p for p in items if p["metadata"]["namespace"] == "kube-system")
    name = pod["metadata"]["name"]
    outcome = drover.run("--output", "json", "describe", f"kube-system/{name}")
    ours = json.loads(outcome.out)
    states = sorted((c["name"], c["ready"], c["restartCount"], next(iter(c["state"]))) for c in pod["status"]["containerStatuses"])
    report.check(f"`describe {name}` has kubectl's containers", states == sorted((c["name"], c["ready"], c["restarts"], c["state"]) for c in ours["containers"]),
                 [f"kubectl {states}", outcome.text()])
    owner = pod["metadata"]["ownerReferences"][0]
    report.check(f"`describe {name}` knows its owner", ours["owners"][-1] == f"{owner['kind']}/{owner['name']}", outcome.text())
    text = drover.run("describe", "w1")
    report.check("`describe w1` for people", text.code == 0 and "Node w1" in text.out and "Drain" in text.out, text.text())


def events_of_object(report, drover):
    """What becomes of a pod that cannot run: its events, and the reason in the first lines of its description."""
    kubectl = lambda *words: cluster.ask("-n", "default", *words)
    cluster.ask("-n", "default", "run", "unlucky", "--image=bed.local/nothing:1", "--restart=Never")
    reasons = lambda: {e["reason"] for e in json.loads(kubectl("get", "events", "--field-selector", "involvedObject.name=unlucky", "-o", "json"))["items"]}
    wait_until(lambda: "BackOff" in reasons(), 60, "the kubelet to have tried twice to get an image that there is not")
    outcome = drover.run("--output", "json", "events", "--for", "pod/unlucky", "-n", "default")
    ours = {e["reason"] for e in json.loads(outcome.out)["items"]}
    report.check("`events --for` has kubectl's reasons", outcome.code == 0 and ours == reasons(), [f"kubectl {reasons()}", outcome.text()])
    outcome = drover.run("describe", "unlucky")
    first = " ".join(outcome.out.splitlines()[1:3])
    report.check("`describe` says first that the image is missing",
                 outcome.code == 0 and first.startswith("! container unlucky waits: ") and "bed.local/nothing:1" in first, outcome.text())
    kubectl("delete", "pod", "unlucky", "--now")


def followed(report, drover):
    """A log is followed while the kubelet that gives it is restarted: kubectl's lines, each once, and in their order."""
    items = json.loads(cluster.ask("get", "pods", "-l", "app=web", "--field-selector", "status.phase=Running", "-o", "json"))["items"]
    pod = next(p for p in items if "deletionTimestamp" not in p["metadata"])
    node = pod["spec"]["nodeName"]      # whichever an upgrade has left them on
    name, container = pod["metadata"]["name"], pod["status"]["containerStatuses"][0]["containerID"].split("//")[1]
    said = [f"line {number}" for number in range(6)]

    def meanwhile(process):
        pid = access.on(node, f"ctr -n k8s.io tasks ls | awk '$1 == \"{container}\" {{ print $2 }}'").strip()
        for line in said:
            access.on(node, f"echo {line} > /proc/{pid}/fd/1")
            if line == said[2]:
                access.on(node, "systemctl restart kubelet")
        output = max(drover.folder.glob("*.out"))
        wait_until(lambda: said[-1] in output.read_text(), 90, "the last line to be followed")
        process.terminate()

    outcome = drover.run("logs", name, "-f", meanwhile=meanwhile)
    report.check(f"`logs {name} -f` over a restart of the kubelet: each line once, in order",
                 outcome.code == 130 and outcome.out.splitlines() == cluster.ask("logs", name).splitlines() and said == outcome.out.splitlines()[-6:],
                 [cluster.ask("logs", name), outcome.text()])


def without_api(report, drover):
    """Why it does not answer: what its static pod wrote, and the kubelet; no API is needed for either."""
    on = lambda script: access.on("cp1", script)
    file = on("ls -t /var/log/pods/kube-system_kube-apiserver-cp1_*/kube-apiserver/*.log").split()[0]
    on(f"mv {MANIFEST} /root/kube-apiserver.yaml")
    try:
        wait_until(lambda: not cluster.ask("get", "--raw", "/readyz"), 90, "the API server to end")
        last = on(f"tail -n 1 {file}").split(" ", 3)[3].rstrip()
        outcome = drover.run("logs", "cp1", "--static-pod", "kube-apiserver", "--tail", "5")
        report.check("`logs cp1 --static-pod kube-apiserver` shows its last words while the API is away", outcome.code == 0 and outcome.out.rstrip().endswith(last),
                     [f"its log ends with {last}", outcome.text()])
        outcome = drover.run("logs", "cp1", "--since", "5m")
        report.check("`logs cp1` shows the kubelet's journal while the API is away", outcome.code == 0 and "kubelet[" in outcome.out, outcome.text())
        for words in (("events",), ("describe", "w1"), ("top", "nodes"), ("logs", "kube-scheduler-cp1")):
            began = time.time()
            outcome = drover.run(*words)
            report.check(f"`{' '.join(words)}` says so and ends with 8", outcome.code == 8 and time.time() - began < 90, outcome.text())
    finally:
        on(f"mv /root/kube-apiserver.yaml {MANIFEST}")
        wait_until(lambda: cluster.ask("get", "--raw", "/readyz") == "ok", 120, "the API server to be back")


def run(report, target):
    drover = product.Drover(report.folder / "incident", target)
    logs(report, drover)
    describe(report, drover)
    events_of_object(report, drover)
    followed(report, drover)
    without_api(report, drover)
