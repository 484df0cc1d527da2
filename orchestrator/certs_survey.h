#pragma once

#include <chrono>
#include <stop_token>
#include <vector>

#include "inventory/inventory.h"
#include "orchestrator/fleet.h"
#include "plans/certs/certificates.h"

namespace drover::orchestrator {

/// What kubeadm on every control plane says of its certificates, by SSH alone, so that it works
/// with an API whose certificate has expired. An error only when none of them could be asked.
Result<std::vector<plans::HostCertificates>> survey_certificates(const Inventory& inventory,
                                                                 Fleet& fleet,
                                                                 std::chrono::seconds within,
                                                                 std::stop_token stop);

}  // namespace drover::orchestrator
