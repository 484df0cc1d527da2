#!/usr/bin/env python3
"""Add-ons given to the cluster and taken away, metrics-server among them; autoscalers made, listed, explained and deleted, with figures and without.
S4: what is applied again changes nothing, and what is deleted is the very object that was looked at."""
import json
import sys

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from control import unless  # noqa: E402
from logs import expect  # noqa: E402
from tally import run  # noqa: E402

IMAGE = ("--image", "mirror.example/metrics-server:1")
# JSON is YAML, and all that the sandbox reads of an apply.
MAP = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "colours"}, "data": {"sky": "%s"}}\n'


def said(outcome):
    lines = outcome.out.splitlines()
    return json.loads(lines[0]) if len(lines) == 1 else {}


def changes(bed, *words):
    """What became of each object, and the outcome."""
    outcome = bed.drover("--output", "json", "addon", *words)
    return outcome, [item["change"] for item in said(outcome).get("items", [])]


def writes(bed):
    return [r.verb for r in bed.writes()]


def of_a_file(bed):
    file = bed.folder / "colours.yaml"
    for colour, change in (("blue", "created"), ("blue", "unchanged"), ("red", "configured")):
        file.write_text(MAP % colour)
        outcome, found = changes(bed, "apply", file)
        yield f"apply: {change}", unless(outcome, 0) + expect("change", found, [change]) + bed.unknown()
    bed.do("edit", resource="configmaps", name="default/colours", fields={"data": {"sky": "grey"}})
    file.write_text(MAP % "green")
    outcome, found = changes(bed, "apply", file)
    yield "a field of somebody else", unless(outcome, 4, "kubectl-patch", "--force-conflicts") + expect("change", found, [])
    outcome, found = changes(bed, "apply", file, "--force-conflicts")
    yield "taken over", unless(outcome, 0) + expect("change", found, ["configured"])
    bed.do("api", what="cut", count=1, text="PATCH /api/v1/namespaces/default/configmaps")
    file.write_text(MAP % "black")
    outcome, found = changes(bed, "apply", file)
    yield "an answer that is cut off", unless(outcome, 0) + expect("change", found, ["configured"])
    file.write_text((MAP % "white").replace("sky", "the sky"))
    yield "an object that is wrong", unless(bed.drover("addon", "apply", file), 4, "the API server refuses it", "a valid config key")
    file.write_text("apiVersion: example.com/v1\nkind: Shoe\nmetadata: {name: left}\n")
    bed.forget_requests()
    file.write_text(file.read_text() + "---\n" + MAP % "pink")
    yield "nothing of a file with such a kind", unless(bed.drover("addon", "apply", file), 4, "Shoe left: the API has no kind Shoe") + expect("writes", writes(bed), [])
    file.write_text("--- " + MAP % "pink" + "--- " + (MAP % "pink").replace("sky", "the sky"))
    yield "an error after a change", unless(bed.drover("addon", "apply", file), 5, "ConfigMap colours configured", "the API server refuses it")
    file.write_text("apiVersion: example.com/v1\nkind: Shoe\nmetadata: {name: left}\n")
    bed.forget_requests()
    yield "another namespace, and into it", unless(bed.drover("addon", "apply", file, "-n", "shop"), 4, "no kind Shoe in example.com/v1") + \
        expect("writes", writes(bed), [])


def metrics_server(bed):
    install = ("addon", "metrics-server", "install")
    yield "status of none", unless(bed.drover("addon", "metrics-server", "status"), 4, "not installed")
    yield "top without it", unless(bed.drover("top", "nodes"), 1, "metrics-server is not installed")
    outcome = bed.drover(*install, *IMAGE, "--kubelet-insecure-tls")
    yield "install", unless(outcome, 0, "Deployment kube-system/metrics-server created", "APIService v1beta1.metrics.k8s.io created", "is well") + bed.unknown() + \
        expect("writes", writes(bed), ["PATCH"] * 9)
    yield "status", unless(bed.drover("addon", "metrics-server", "status"), 0, "1 of 1 pods available", "of 3 of 3 nodes", "is well")
    yield "top with it", unless(bed.drover("top", "nodes"), 0, "cp1", "w1")
    outcome, found = changes(bed, "metrics-server", "install", *IMAGE, "--kubelet-insecure-tls")
    yield "install again", unless(outcome, 0) + expect("changes", found, ["unchanged"] * 9)
    outcome, found = changes(bed, "metrics-server", "install", "--image", "mirror.example/metrics-server:2")
    yield "install another", unless(outcome, 0) + expect("changes", sorted(set(found)), ["configured", "unchanged"])
    installed = said(bed.drover("--output", "json", "addon", "metrics-server", "install", *IMAGE))
    yield "install, for programs", expect("state", {key: installed.get("state", {}).get(key) for key in ("installed", "nodes", "measured", "not_ready", "missing")},
                                          {"installed": True, "nodes": 3, "measured": 3, "not_ready": [], "missing": ""})
    foreign = bed.folder / "foreign.yaml"
    foreign.write_text(MAP % "mine")
    bed.drover("addon", "apply", foreign)
    yield "remove by a file of others", unless(bed.drover("addon", "metrics-server", "remove", "--manifest", foreign, "--yes"), 4, "left alone",
                                               "nothing is removed: no object of the file has the label k8s-app=metrics-server")
    foreign.write_text("apiVersion: example.com/v1\nkind: Shoe\nmetadata: {name: left}\n")
    yield "remove what no kind is known of", unless(bed.drover("addon", "metrics-server", "remove", "--manifest", foreign, "--yes"), 0, "Shoe left was not there")
    yield "remove without a terminal", unless(bed.drover("addon", "metrics-server", "remove"), 2, "--yes")
    outcome, found = changes(bed, "metrics-server", "remove", "--yes")
    yield "remove", unless(outcome, 0) + expect("changes", found, ["deleted"] * 9) + bed.unknown()
    outcome, found = changes(bed, "metrics-server", "remove", "--yes")
    yield "remove what is gone", unless(outcome, 0) + expect("changes", found, ["absent"] * 9)
    yield "status afterwards", unless(bed.drover("addon", "metrics-server", "status"), 4, "not installed")


def autoscalers(bed):
    create = ("hpa", "create", "deploy/web", "--min", "4", "--max", "6", "--cpu", "10m")
    yield "a list of none", unless(bed.drover("hpa", "list"), 0)
    yield "of a workload that is not there", unless(bed.drover("hpa", "create", "deploy/none", "--max", "6", "--cpu", "10m"), 4, "there is no Deployment none")
    yield "create", unless(bed.drover(*create), 0, "default/web now scales Deployment web between 4 and 6") + expect("writes", writes(bed), ["POST"])
    yield "create again", unless(bed.drover(*create), 4, "already")
    yield "another of the same workload", unless(bed.drover(*create, "--name", "other"), 4, "is scaled by default/web already")
    yield "list, blind", unless(bed.drover("hpa", "list"), 0, "web", "FailedGetResourceMetric")
    yield "explain, blind", unless(bed.drover("hpa", "explain", "web"), 0, "metrics-server is not installed", "nothing is changed blindly")
    yield "explain what is not there", unless(bed.drover("hpa", "explain", "none"), 4, "there is no autoscaler none in namespace default")
    bed.drover("addon", "metrics-server", "install", *IMAGE)
    listed = said(bed.drover("--output", "json", "hpa", "list", "-n", "default"))
    one = (listed.get("items") or [{}])[0]
    yield "list, with figures", expect("replicas", (one.get("current"), one.get("desired"), one.get("min"), one.get("max")), (4, 4, 4, 6))
    for pod in bed.cluster()["pods"]:
        if pod["workload"] == "web":
            bed.do("pod", what="use", name=pod["name"], cpu_m=30)
    listed = said(bed.drover("--output", "json", "hpa", "list", "-n", "default"))
    one = (listed.get("items") or [{}])[0]
    yield "scaled under load", expect("replicas", (one.get("current"), one.get("desired")), (6, 6)) + \
        expect("pods", len([p for p in bed.cluster()["pods"] if p["workload"] == "web"]), 6)
    explained = said(bed.drover("--output", "json", "hpa", "explain", "web"))
    metric = (explained.get("metrics") or [{}])[0]
    yield "explain, for programs", expect("figures", (metric.get("measured"), metric.get("target"), metric.get("ratio"), metric.get("replicas"),
                                                      explained.get("limit"), explained.get("replicas")), (30, 10, 3.0, 12, "max", 6))
    yield "explain, with figures", unless(bed.drover("hpa", "explain", "web"), 0, "6 pods wanted, 6 there", "cpu") + bed.unknown()
    yield "delete without a terminal", unless(bed.drover("hpa", "delete", "web"), 2, "--yes")
    yield "delete", unless(bed.drover("hpa", "delete", "web", "--yes"), 0, "default/web is deleted", "stays as large as it is") + bed.unknown()
    yield "delete what is gone", unless(bed.drover("hpa", "delete", "web", "--yes"), 4, "there is no autoscaler web")


def main():
    return meddle.main("add-ons and autoscalers", (of_a_file, metrics_server, autoscalers))


if __name__ == "__main__":
    run(main)
