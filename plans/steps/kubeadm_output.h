#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/base/error.h"

namespace drover::plans {

/// Why a kubeadm command failed, by its own words.
struct KubeadmFailure {
  Error error;
  /// Known to pass by itself: the health-check Job that found the control plane unsettled, an API
  /// server or an authorizer on its way back. Another attempt may follow (S4).
  bool passing = false;
};

/// `what` is the command, for the message. `result` has an exit code other than 0.
KubeadmFailure read_kubeadm_failure(const std::string& what, const CommandResult& result);

/// " --ignore-preflight-errors=A,B", or "" without names.
std::string ignore_preflight_option(const std::vector<std::string>& names);

/// The value of the first line `name=value` of an output.
std::optional<std::string> printed_value(std::string_view out, std::string_view name);

}  // namespace drover::plans
