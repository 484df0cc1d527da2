#include "orchestrator/cli/list_spec.h"

namespace drover::orchestrator {
namespace {

constexpr OptionSpec kFields = {"field-selector", '\0', "FIELDS",
                                "only those with these fields, as kubectl takes them: a=b,c!=d"};

}  // namespace

CommandSpec events_spec() {
  return {
      CommandId::Events,
      "events",
      "what happened in the cluster: its events, newest last",
      "[NODE | --for KIND/NAME] [-n NS | -A] [--warnings] [-w] [...]",
      "Shows the events of the cluster, of all namespaces unless -n names one, with how often and "
      "for how long each was seen. NODE is a host of the inventory or its Kubernetes node name. "
      "Kubernetes keeps events for an hour. Nothing is changed.",
      {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
       {"for", '\0', "KIND/NAME", "only those of this object: pod/web-1, deploy/web, node/w1"},
       {"namespace", 'n', "NS", "only this namespace; those of nodes are in `default`"},
       {"all-namespaces", 'A', "", "all namespaces: so it is without -n"},
       {"warnings", '\0', "", "only what is not normal"},
       {"selector", 'l', "SELECTOR", "only events that have these labels themselves"},
       kFields,
       {"watch", 'w', "", "go on with new ones until Ctrl-C"}},
      {{"drover events --warnings", "what is wrong in the cluster?"},
       {"drover events --field-selector reason=Evicted --output wide", "who says so, since when?"},
       {"drover events w1 -w", "what becomes of this node, from now on"},
       {"drover events --for pod/web-1 -n shop", ""}},
      {},
      true};
}

CommandSpec top_spec() {
  return {
      CommandId::Top,
      "top",
      "what nodes or pods use of CPU and memory",
      "nodes|pods [-l SELECTOR] [-n NS | -A] [--sort-by cpu|memory] [-w] [-i INV]",
      "Shows what metrics-server measured, beside what the nodes can give and what the pods "
      "requested and are limited to. `nodes` compares with what a node can give to pods "
      "(allocatable); `pods` shows all namespaces unless -n names one. Nothing is changed.",
      {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
       {"selector", 'l', "SELECTOR", "only nodes or pods with these labels, as kubectl takes them"},
       kFields,
       {"namespace", 'n', "NS", "pods: only this namespace"},
       {"all-namespaces", 'A', "", "pods: all namespaces: so it is without -n"},
       {"sort-by", '\0', "cpu|memory", "what uses most comes first (default: by name)"},
       {"watch", 'w', "", "again every 15 s, as often as is measured, until Ctrl-C"}},
      {{"drover top nodes --sort-by memory", "which node is full?"},
       {"drover top pods -n shop --sort-by cpu", ""},
       {"drover top pods --field-selector spec.nodeName=w1 --output wide",
        "who fills w1, and who is near its limit?"}},
      {{"nodes",
        "[-l SELECTOR] [--sort-by cpu|memory] [-w] [-i INV]",
        "what each node uses, and what its pods requested",
        0,
        0,
        {"inventory", "selector", "field-selector", "sort-by", "watch"},
        false,
        true},
       {"pods",
        "[-n NS | -A] [-l SELECTOR] [--sort-by cpu|memory] [-w] [-i INV]",
        "what each pod uses, requested, and may use",
        0,
        0,
        {"inventory", "selector", "field-selector", "namespace", "all-namespaces", "sort-by",
         "watch"},
        false,
        true}}};
}

}  // namespace drover::orchestrator
