#include "orchestrator/cli/incident_spec.h"

namespace drover::orchestrator {

CommandSpec logs_spec() {
  return {
      CommandId::Logs,
      "logs",
      "what a container, a node's kubelet or a static pod wrote",
      "POD|NODE | -l SELECTOR [-f] [--since DURATION] [--tail N] [...]",
      "Of a pod: its log, through the API. A pod is looked for in all namespaces unless -n or "
      "NAMESPACE/POD names one; of several containers the usual one is shown and named. -f goes on "
      "over lost connections and restarts of the API server and the kubelet until the container "
      "ends, and shows each line once. Of a node, by SSH alone, so that it works while the API "
      "does "
      "not: the journal of the kubelet or of other units, or what a static pod of kube-system "
      "wrote. NODE is a host of the inventory or its Kubernetes node name; node/NAME and pod/NAME "
      "say which of the two is meant. Nothing is changed.",
      {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
       {"follow", 'f', "", "go on with what is written until Ctrl-C"},
       {"since", '\0', "DURATION", "nothing that is older: 90s, 10m, 1h30m"},
       {"tail", '\0', "N",
        "only the last N lines (default: all of a pod, 10 of each pod of -l, 500 of a node)"},
       {"timestamps", '\0', "", "the time of each line in front"},
       {"namespace", 'n', "NS", "pods: only this namespace"},
       {"container", 'c', "NAME", "pods: this container, also one that runs before the others"},
       {"previous", 'p', "", "of the container that ran before the last restart"},
       {"selector", 'l', "SELECTOR", "pods with these labels, as kubectl takes them"},
       {"unit", 'u', "UNIT",
        "node: this unit of systemd (default: kubelet); may be given more than once", true},
       {"static-pod", '\0', "NAME",
        "node: this static pod of kube-system, by crictl: kube-apiserver, etcd"}},
      {{"drover logs web-7c9d-x2x4z --previous", "why was it restarted?"},
       {"drover logs -l app=web -n shop -f", "of all of them, from now on"},
       {"drover logs w1 --since 10m", "what the kubelet says"},
       {"drover logs w1 -u kubelet -u containerd -f", "both, in one"},
       {"drover logs cp1 --static-pod kube-apiserver", "why does the API not answer?"}}};
}

CommandSpec describe_spec() {
  return {
      CommandId::Describe,
      "describe",
      "what matters of a node or a pod when something is wrong",
      "NODE|POD [-n NS] [-i INV]",
      "What is wrong comes first. Then, of a node: who cordoned it, taints, conditions and since "
      "when they are so, what its pods requested, what would block its drain, its pods and its "
      "newest events. Of a pod: who owns it, its containers and how they ended, the budgets that "
      "cover it, what a drain of its node would do to it, and its events. NODE is a host of the "
      "inventory or a Kubernetes node name. A pod is looked for in all namespaces unless -n or "
      "NAMESPACE/POD names one; node/NAME and pod/NAME say which of the two is meant. Nothing is "
      "changed.",
      {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
       {"namespace", 'n', "NS", "pods: only this namespace"}},
      {{"drover describe w1", "what is on it, and may it be drained?"},
       {"drover describe web-7c9d-x2x4z -n shop", "why does it not run?"}}};
}

}  // namespace drover::orchestrator
