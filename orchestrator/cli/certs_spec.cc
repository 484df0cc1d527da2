#include "orchestrator/cli/certs_spec.h"

namespace drover::orchestrator {

CommandSpec certs_spec() {
  return {CommandId::Certs,
          "certs",
          "when the certificates of the control planes expire",
          "status [--within DURATION] [-i INV]",
          "Asks kubeadm on every control plane, over SSH alone: it works with an API whose "
          "certificate has expired. It ends with 4 when one has expired, is missing, or expires "
          "soon, and with 8 when a control plane could not be asked and nothing else is wrong. "
          "It wants kubeadm 1.30 or later there. Nothing is changed.",
          {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
           {"within", '\0', "DURATION", "that is soon (default: 720h, 30 days)"}},
          {{"drover certs status", "must anything be renewed?"},
           {"drover certs status --within 2160h", "in the next 90 days?"}},
          {{"status",
            "[--within DURATION] [-i INV]",
            "each certificate and how long it is good; changes nothing",
            0,
            0,
            {"inventory", "within"}}}};
}

}  // namespace drover::orchestrator
