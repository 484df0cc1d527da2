#!/usr/bin/env python3
"""What machines keep of logs, with and without an API: the journal of units, static pods by crictl, and followed over lost connections
and reboots, each line once. S13: none of it acts on a terminal."""
import json
import signal
import sys
import time

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from control import unless  # noqa: E402
from tally import run  # noqa: E402


def expect(what, found, wanted):
    return [] if found == wanted else [f"{what}: {found}, not {wanted}"]


def write_line(bed, node, file, text, at=None):
    path = bed.nodes[node].root / "var/lib/sandbox" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", errors="surrogateescape") as out:
        out.write(f"{time.time() if at is None else at:.6f} {text}\n")


def texts(outcome):
    return [json.loads(line)["text"] for line in outcome.out.splitlines()]


def journal(bed):
    yield "of the kubelet", unless(bed.drover("logs", "w1"), 0, "w1 systemd[1]: Started kubelet.service", "Kubelet version") + bed.unknown()
    write_line(bed, "w1", "journal", "containerd an hour ago", time.time() - 3600)
    write_line(bed, "w1", "journal", "containerd \x1b[31mred\x1b[0m \x1b]0;title\x07")
    outcome = bed.drover("logs", "node/w1", "-u", "containerd")
    yield "of another unit, harmless", unless(outcome, 0, "an hour ago", "red \\x1b]0;title\\x07") + expect("escapes", "\x1b" in outcome.out, False)
    outcome = bed.drover("--output", "json", "logs", "w1", "-u", "containerd", "--since", "10m")
    line = json.loads(outcome.out.splitlines()[0]) if outcome.out else {}
    yield "since ten minutes, for programs", unless(outcome, 0) + expect("lines", len(outcome.out.splitlines()), 1) + \
        expect("fields", (line.get("kind"), line.get("host"), line.get("log"), line.get("time", "")[-1:]), ("LogLine", "w1", "containerd", "Z"))
    yield "the last line", expect("lines", len(bed.drover("logs", "w1", "-u", "kubelet", "-u", "containerd", "--tail", "1").out.splitlines()), 1)
    yield "nothing", unless(bed.drover("logs", "w1", "-u", "nothing"), 0, "w1: there are no such lines of nothing")
    bed.do("fault", node="w1", action="fail:1", nth=1, text="journalctl")
    yield "a journal that cannot be read", unless(bed.drover("logs", "w1"), 1, "the journal cannot be read", "No journal files were found.")
    bed.do("refuse", node="w1")
    yield "a machine out of reach", unless(bed.drover("logs", "w1"), 8, "w1")
    bed.do("mend", node="w1")


def static_pods(bed):
    write_line(bed, "cp1", "logs/kube-apiserver", "listening")
    write_line(bed, "cp1", "logs/kube-apiserver", "etcd is away \x1b[2J")
    bed.do("api", what="down")
    outcome = bed.drover("logs", "cp1", "--static-pod", "kube-apiserver", "--timestamps")
    yield "the API server's, while it is down", unless(outcome, 0, "Z listening", "etcd is away \\x1b[2J") + bed.unknown()
    yield "the last line of it", expect("lines", bed.drover("logs", "cp1", "--static-pod", "kube-apiserver", "--tail", "1").out, "etcd is away \\x1b[2J\n")
    yield "a node's journal, while the API is down", unless(bed.drover("logs", "w1"), 0, "Kubelet version")
    yield "one that there is not", unless(bed.drover("logs", "cp1", "--static-pod", "none"), 1, "kube-system has no container of that name here")
    yield "on a worker", unless(bed.drover("logs", "w1", "--static-pod", "etcd"), 1, "kube-system has no container of that name here")
    yield "no one ran before", unless(bed.drover("logs", "cp1", "--static-pod", "etcd", "--previous"), 1, "no container ran before the newest one")
    bed.do("api", what="up")
    bed.wait_for_api()


def wait_for(bed, text):
    deadline = time.monotonic() + 60
    while text not in bed.output("out").read_text() + bed.output("err").read_text():
        if time.monotonic() > deadline:
            raise RuntimeError(f"it never said {text!r}: {bed.output('err').read_text()}")
        time.sleep(0.01)


def followed(bed):
    """Over a lost connection and a reboot."""
    process = bed.start("--output", "json", "logs", "w2", "-u", "app", "-f")
    wait_for(bed, "")
    names = []

    def say(name):
        names.append(name)
        write_line(bed, "w2", "journal", f"app {name}")

    say("one")
    wait_for(bed, "one")
    bed.do("drop", node="w2")
    say("two")
    wait_for(bed, "two")
    bed.do("off", node="w2")
    wait_for(bed, "trying again")
    say("three")
    bed.do("on", node="w2")
    wait_for(bed, "three")
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    outcome = bed.end(process)
    yield "Ctrl-C ends it at once", unless(outcome, 130) + expect("soon", time.monotonic() - began < 2, True)
    yield "each line once", expect("lines", [text.rsplit(" ", 1)[1] for text in texts(outcome)], names) + bed.unknown()
    process = bed.start("logs", "cp1", "--static-pod", "etcd", "-f")
    for number in range(3):
        write_line(bed, "cp1", "logs/etcd", f"line {number}")
        wait_for(bed, f"line {number}")
    process.send_signal(signal.SIGTERM)
    outcome = bed.end(process)
    # What a container says at its start is there only as long as nobody puts lines there.
    lines = [line for line in outcome.out.splitlines() if line.startswith("line")]
    yield "a static pod's", unless(outcome, 130) + expect("lines", lines, [f"line {number}" for number in range(3)])


def refused(bed):
    for words, says in ((("w1", "-n", "shop", "-u", "kubelet"), "exclude each other"), (("w1", "-u", "a;b"), "no unit"), (("w1", "--since", "soon"), "--since"),
                        (("w1", "--tail", "many"), "--tail"), (("w9", "-u", "kubelet"), "neither a host"), (("web", "-f", "--previous"), "exclude each other"),
                        (("w1", "--previous"), "a journal has all"), (("a,b",), "can name neither"), (("deploy/web",), "neither a node nor a pod"),
                        (("web", "-l", "a=b"), "exclude each other"), (("-l", "a=(b"), "a=(b"), (("w1", "-u", "a", "--static-pod", "b"), "exclude each other")):
        yield f"logs {' '.join(words)}", unless(bed.drover("logs", *words), 2, says)


def main():
    return meddle.main("logs that machines keep", (journal, static_pods, followed, refused))


if __name__ == "__main__":
    run(main)
