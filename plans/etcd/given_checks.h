#pragma once

#include <string>
#include <vector>

#include "plans/etcd/restore_plan.h"

namespace drover::plans {

/// What is wrong with manifests that were given to a restore: what they are, whose they are, and
/// which kubelets would meet an API server that is older than they are.
std::vector<Verdict> judge_given(const RestoreInput& input);

/// The operator's folder with those of a control plane, as it may be shown.
std::string given_folder(const RestoreInput& input, const RestoreSeen& seen);

/// Components that have no manifest.
std::vector<std::string> missing_in(const Manifests& manifests);

}  // namespace drover::plans
