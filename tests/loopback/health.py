#!/usr/bin/env python3
"""S9, S13, S16: what holds a run up is waited for by its name, and no longer: alerts, the user's own commands here and on a node, the
pods that moved, aggregated APIs and webhooks; and the token for the alerts is in nothing that the run leaves behind."""
import http.server
import json
import sys
import threading
import time
import uuid

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from invariants import not_as_planned, not_finished  # noqa: E402
from meddle import APPLY  # noqa: E402
from tally import run  # noqa: E402


class Prometheus:
    """Answers the one question that Drover asks, with the alerts that `firing` names."""

    def __init__(self, token):
        self.firing, self.token, self.asked, self.strange = [], token, 0, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                known = self.path == "/prom/api/v1/query?query=ALERTS%7Balertstate%3D%22firing%22%7D"
                if not known or self.headers.get("Authorization") != f"Bearer {outer.token}":
                    outer.strange.append(f"{self.path} {self.headers.get('Authorization')}")
                outer.asked += 1
                metrics = [{"metric": {"__name__": "ALERTS", "alertname": a, "alertstate": "firing"}, "value": [time.time(), "1"]} for a in outer.firing]
                body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": metrics}}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/prom"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def waits(bed, step):
    """What a step of the run said that it waits for, so far."""
    folder = bed.run_folder()
    path = folder / "events.jsonl" if folder else None
    lines = path.read_text().splitlines() if path and path.exists() else []
    events = [json.loads(line) for line in lines if line.endswith("}")]
    return [e["waiting_for"] for e in events if e["event"] == "step_progress" and e["step"] == step]


def wait_until(bed, process, what, holds):
    deadline = time.monotonic() + 120
    while not holds():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"it did not come to {what}:\n{bed.end(process, 0).text()}")
        time.sleep(0.01)


def wait_for_words(bed, process, step, words):
    wait_until(bed, process, f"{step} waiting for {words}", lambda: any(words in one for one in waits(bed, step)))


def begun(bed, name):
    return [f"{name} is cordoned"] if bed.cluster()["nodes"][name]["unschedulable"] else []


def ended(bed, outcome):
    return [outcome.text()] if outcome.code else not_finished(bed, bed.before) + not_as_planned(bed) + bed.unknown()


def holding(bed, secret):
    """Files of the run, and its output, with the secret in them."""
    found = []
    for top in (bed.state, *bed.folder.glob("*.out"), *bed.folder.glob("*.err")):
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.is_file() and secret.encode() in path.read_bytes():
                found.append(f"the token is in {path}")
    return found


def alerts_and_commands(bed):
    secret = uuid.uuid4().hex
    prometheus = Prometheus(secret)
    token, fine = bed.folder / "prom-token", bed.folder / "fine"
    token.write_text(secret + "\n")
    token.chmod(0o600)
    bed.plan = (f"workers: {{order: inventory}}\nhealth:\n  settle: 0s\n  interval: 1s\n  consecutive: 1\n  timeout: 1m\n"
                f"  prometheus: {{url: {prometheus.url}, block_on: [ShopDown], token: {{file: {token.name}}}}}\n"
                f"  commands:\n  - {{name: here, script: 'test -e {fine}'}}\n"
                f"  - {{name: there, on: node, run: [test, -e, /run/well]}}\ndrain: {{timeout: 1m}}\n")
    bed.write_plan()
    prometheus.firing = ["Watchdog", "ShopDown"]
    bed.nodes["cp1"].write("run/well", "")
    bed.nodes["w2"].write("run/well", "")
    try:
        process = bed.start(*APPLY)
        wait_for_words(bed, process, "v1.34/cluster/preflight", "alert ShopDown to stop firing")
        yield "an alert holds the run up before its first change", [f"changed: {c}" for c in bed.capsules()]
        prometheus.firing = ["Watchdog"]
        wait_for_words(bed, process, "v1.34/cluster/preflight", "health command here to succeed (exit code 1)")
        yield "the user's command holds it up as well", [f"changed: {c}" for c in bed.capsules()]
        fine.touch()
        wait_for_words(bed, process, "v1.34/w1/settled", "health command there to succeed (exit code 1)")
        yield "a command on w1 keeps w2 from being begun", begun(bed, "w2")
        bed.nodes["w1"].write("run/well", "")
        outcome = bed.end(process)
        yield "and it goes on as soon as all is well", ended(bed, outcome)
        yield "only what is known was asked, with the token", prometheus.strange or ([] if prometheus.asked > 3 else "it was hardly asked")
        yield "S13: the token is in nothing that is left", holding(bed, secret)
        yield "S3: the commands stand in the plan", [] if "/run/well" in (bed.run_folder() / "plan.json").read_text() else "they do not"
    finally:
        prometheus.close()


def pods_that_moved(bed):
    """w1's pods of a Deployment without a budget do not become Ready elsewhere for a while."""
    bed.do("workload", what="add", name="default/shop", replicas=4)
    bed.do("workload", what="hold", name="default/shop")
    process = bed.start(*APPLY)
    wait_for_words(bed, process, "v1.34/w1/settled", "default/shop (2 of 4 available)")
    yield "w2 is not begun meanwhile", begun(bed, "w2")
    bed.do("workload", what="release", name="default/shop")
    yield "it goes on as soon as they are", ended(bed, bed.end(process))


def extensions(bed):
    """An aggregated API breaks while w1 is upgraded; one that was broken before is not waited for."""
    bed.do("apiservice", what="add", name="v1.shop.example")
    bed.do("apiservice", what="break", name="v1beta1.metrics.k8s.io")
    process = bed.start(*APPLY)
    wait_until(bed, process, "w1 cordoned", lambda: begun(bed, "w1"))
    bed.do("apiservice", what="break", name="v1.shop.example")
    wait_for_words(bed, process, "v1.34/w1/settled", "APIService v1.shop.example (MissingEndpoints) to be available")
    bed.do("apiservice", what="heal", name="v1.shop.example")
    outcome = bed.end(process)
    wrong = [one for one in waits(bed, "v1.34/w1/settled") if "metrics" in one]
    yield "an aggregated API is waited for, an old failure is not", ended(bed, outcome) + wrong


def webhooks(bed):
    """Nothing is ready any more behind a webhook that fails closed while w1 is upgraded; behind another one nothing ever was."""
    bed.plan = bed.plan.replace("timeout: 1m}", "timeout: 1m, workloads: false}", 1)
    bed.write_plan()
    bed.do("workload", what="add", name="default/guard", replicas=1)
    bed.do("webhook", what="add", name="default/guard")
    bed.do("webhook", what="add", name="default/none", kind="Mutating")
    process = bed.start(*APPLY)
    wait_until(bed, process, "w1 cordoned", lambda: begun(bed, "w1"))
    bed.do("workload", what="hold", name="default/guard")
    for pod in bed.cluster()["pods"]:
        if pod["workload"] == "guard":
            bed.do("pod", what="break", name=pod["name"])
    wait_for_words(bed, process, "v1.34/w1/settled", "service default/guard (of ValidatingWebhookConfiguration guard) to have a ready endpoint")
    yield "w2 is not begun while a webhook has no endpoint", begun(bed, "w2")
    bed.do("workload", what="release", name="default/guard")
    outcome = bed.end(process)
    wrong = [one for one in waits(bed, "v1.34/w1/settled") if "default/none" in one]
    yield "it goes on as soon as it has one, and an old failure is not waited for", ended(bed, outcome) + wrong


def main():
    return meddle.main("S9, S13 and S16, health of the cluster", (alerts_and_commands, pods_that_moved, extensions, webhooks))


if __name__ == "__main__":
    run(main)
