#include "orchestrator/cli/hpa_spec.h"

namespace drover::orchestrator {

CommandSpec hpa_spec() {
  return {
      CommandId::Hpa,
      "hpa",
      "HorizontalPodAutoscalers: list, watch, make, delete them, and explain what they do",
      "list|watch|explain|create|delete [OPTIONS]",
      "`list` shows each autoscaler with what its metrics are and shall be, and what keeps it from "
      "scaling. `explain` works out from live figures what its controller would do now, and why: "
      "the ratio of each metric, the tolerance, which pods count and which are assumed, the "
      "largest proposal, windows of stabilisation, policies, minimum and maximum. What the "
      "controller remembers is known from its events and conditions only. Then it tells for "
      "each node whether the other pods can carry the load while that node is drained. `create` "
      "makes one for a workload that has none; `delete` shows it, asks, and takes it away: the "
      "workload stays as large as it is.",
      {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
       {"namespace", 'n', "NS",
        "only this namespace (list, watch: default all; otherwise: default)"},
       {"all-namespaces", 'A', "", "list, watch: all namespaces: so it is without -n"},
       {"selector", 'l', "SELECTOR",
        "list, watch: only those with these labels, as kubectl takes them"},
       {"field-selector", '\0', "FIELDS",
        "list, watch: only those with these fields, as kubectl takes them: a=b,c!=d"},
       {"watch", 'w', "", "list: go on with each change until Ctrl-C, as `watch` does"},
       {"yes", '\0', "", "delete: do not ask"},
       {"dry-run", '\0', "", "create: show the object that would be sent, and send nothing"},
       {"name", '\0', "NAME", "create: its name (default: that of the workload)"},
       {"min", '\0', "N", "create: at least so many pods (default: 1)"},
       {"max", '\0', "N", "create: at most so many pods"},
       {"cpu", '\0', "P%|AMOUNT", "create: of the pods' requests, or of each pod: 80%, 500m"},
       {"memory", '\0', "P%|AMOUNT", "create: likewise: 80%, 512Mi"},
       {"metric", '\0', "NAME=VALUE", "create: a metric of the pods' own, on average", true},
       {"scale-up", '\0', "N|P%/PERIOD|off",
        "create: how fast it may grow: 4/60s, 100%/15s; the largest counts", true},
       {"scale-down", '\0', "N|P%/PERIOD|off", "create: how fast it may shrink; off: not at all",
        true},
       {"scale-up-window", '\0', "DURATION",
        "create: the lowest recommendation within it counts (Kubernetes: 0s)"},
       {"scale-down-window", '\0', "DURATION",
        "create: the highest recommendation within it counts (Kubernetes: 5m)"}},
      {{"drover hpa list", "which are at their limit, which are blind?"},
       {"drover hpa list -A --output wide", "since when, and in the controller's own words"},
       {"drover hpa explain web -n shop", "why does it not scale, and may its nodes be drained?"},
       {"drover hpa create deploy/web -n shop --min 2 --max 10 --cpu 70%", ""},
       {"drover hpa create sts/db --max 5 --memory 1Gi --scale-down 1/5m", ""},
       {"drover hpa watch web -n shop", "each change, until Ctrl-C"}},
      {{"list",
        "[-n NS | -A] [-l SELECTOR] [-w] [-i INV]",
        "all of them, and what keeps them from scaling",
        0,
        0,
        {"inventory", "namespace", "all-namespaces", "selector", "field-selector", "watch"},
        false,
        true},
       {"watch",
        "[NAME] [-n NS | -A] [-l SELECTOR] [-i INV]",
        "a line for each change, until Ctrl-C",
        0,
        1,
        {"inventory", "namespace", "all-namespaces", "selector", "field-selector"},
        false,
        true},
       {"explain",
        "NAME [-n NS] [-i INV]",
        "what its controller would do now, and why",
        1,
        1,
        {"inventory", "namespace"}},
       {"create",
        "KIND/NAME --max N [--min N] [--cpu TARGET] [--memory TARGET] [...]",
        "have a workload scaled",
        1,
        1,
        {"inventory", "namespace", "dry-run", "name", "min", "max", "cpu", "memory", "metric",
         "scale-up", "scale-down", "scale-up-window", "scale-down-window"}},
       {"delete",
        "NAME [-n NS] [--yes] [-i INV]",
        "leave a workload as large as it is",
        1,
        1,
        {"inventory", "namespace", "yes"}}}};
}

}  // namespace drover::orchestrator
