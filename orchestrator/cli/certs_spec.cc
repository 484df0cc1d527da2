#include "orchestrator/cli/certs_spec.h"

namespace drover::orchestrator {

CommandSpec certs_spec() {
  return {
      CommandId::Certs,
      "certs",
      "when the certificates of the control planes expire; renew them",
      "status|renew [OPTIONS]",
      "`status` asks kubeadm on every control plane, over SSH alone: it works with an API whose "
      "certificate has expired. It ends with 4 when one has expired, is missing, or expires "
      "soon, and with 8 when a control plane could not be asked and nothing else is wrong. "
      "It wants kubeadm 1.30 or later there. `renew` renews all that kubeadm looks after, "
      "admin.conf too, on one control plane after the other, and restarts etcd, the API "
      "server, the controller manager and the scheduler there, each when the one before is "
      "well. Copies of admin.conf elsewhere, such as ~/.kube/config, are not its business. It "
      "is journalled, under the cluster's lock, and gone on with by `drover resume` when it "
      "was stopped or killed. Control planes whose certificates have expired, while others still "
      "answer, come first. Where certificates have expired already and the API is away, it "
      "says which, and that it cannot take the cluster's lock then: with --without-lock it goes "
      "on all the same. It renews those of all control planes first, restarts all their static "
      "pods, and waits for the API to be back. It neither looks at nor renews what kubelets "
      "have of their own: they renew it themselves while the API answers, and need a new "
      "kubelet.conf once that has expired, too (README).",
      {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
       {"yes", '\0', "", "renew: do not ask"},
       {"without-lock", '\0', "",
        "renew: where certificates have expired and the API is away, go on without the lock"},
       {"within", '\0', "DURATION", "status: that is soon (default: 720h, 30 days)"}},
      {{"drover certs status", "must anything be renewed?"},
       {"drover certs status --within 2160h", "in the next 90 days?"},
       {"drover certs renew", "show them, ask, and renew"},
       {"drover certs renew --without-lock", "they have expired, and the API is away"}},
      {{"status",
        "[--within DURATION] [-i INV]",
        "each certificate and how long it is good; changes nothing",
        0,
        0,
        {"inventory", "within"}},
       {"renew",
        "[--yes] [--without-lock] [-i INV]",
        "renew all of them, one control plane after the other",
        0,
        0,
        {"inventory", "yes", "without-lock"}}}};
}

}  // namespace drover::orchestrator
