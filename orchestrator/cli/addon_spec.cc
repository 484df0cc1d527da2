#include "orchestrator/cli/addon_spec.h"

namespace drover::orchestrator {

CommandSpec addon_spec() {
  return {
      CommandId::Addon,
      "addon",
      "install metrics-server, look at it, remove it; apply the objects of a file",
      "metrics-server install|status|remove | apply FILE",
      "Gives objects to the cluster by server-side apply, as the field manager `drover`: what "
      "is there is brought to what is wanted, and doing it again changes nothing. Fields that "
      "somebody else manages are refused unless --force-conflicts takes them over. "
      "`metrics-server install` makes what that add-on consists of, or applies the file of "
      "--manifest, and waits until every Ready node has been measured. It ends with 5 when that "
      "takes longer than --timeout. `status` ends with 4 when it is not well. `remove` asks, and "
      "takes away only objects with the label k8s-app=metrics-server. `apply` takes a YAML "
      "file of one or more objects, namespaces and definitions of kinds first.",
      {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
       {"kubelet-insecure-tls", '\0', "",
        "install: trust kubelets with self-signed certificates, as kubeadm makes them"},
       {"manifest", '\0', "FILE", "install, remove: the objects of this file (components.yaml)"},
       {"image", '\0', "IMAGE",
        "install: this image (default: the one that fits the version of the cluster)"},
       {"registry", '\0', "REGISTRY", "install: the usual image, of this registry"},
       {"timeout", '\0', "DURATION", "install: to wait for the first metrics (default: 5m)"},
       {"namespace", 'n', "NS", "apply: of objects that name none (default: default)"},
       {"force-conflicts", '\0', "", "install, apply: take over fields that others manage"},
       {"yes", '\0', "", "remove: do not ask"}},
      {{"drover addon metrics-server install --kubelet-insecure-tls", "on a kubeadm cluster"},
       {"drover addon metrics-server install --registry mirror.example", ""},
       {"drover addon metrics-server status", "is it well?"},
       {"drover addon apply dashboard.yaml -n tools", ""}},
      {{"metrics-server",
        "install|status|remove [...] [-i INV]",
        "measures nodes and pods, for `top` and autoscalers",
        1,
        1,
        {"inventory", "kubelet-insecure-tls", "manifest", "image", "registry", "timeout",
         "force-conflicts", "yes"}},
       {"apply",
        "FILE [-n NS] [--force-conflicts] [-i INV]",
        "the objects of a file",
        1,
        1,
        {"inventory", "namespace", "force-conflicts"}}}};
}

}  // namespace drover::orchestrator
