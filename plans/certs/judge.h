#pragma once

#include <string>
#include <vector>

#include "plans/certs/renew_input.h"
#include "plans/plan.h"
#include "plans/plan_file.h"

namespace drover::plans {

/// Something of the host that kubeadm can renew has expired.
bool has_expired(const RenewInput& input, const std::string& host);

/// What stands against a renewal, and what its operator is told of it: certificates that are not
/// known, missing or of an authority elsewhere, members of etcd that are ill, a foreign lock, and
/// what cannot be seen while the API is away.
std::vector<Verdict> judge_renewal(const RenewInput& input, const UpgradePlan& file);

}  // namespace drover::plans
