#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plans/packages/package_manager.h"
#include "plans/steps/kind.h"
#include "plans/steps/scope.h"

/// What the kinds whose work is commands on the node have in common.
namespace drover::plans {

/// Nothing to read beforehand: the command is run once an attempt.
Queries look_at_nothing(const Step& step, const Attempt& attempt);

/// What keeps the answer to the look's only command from being read: the decision to wait for the
/// node, or to fail. `what` completes "... failed".
std::optional<Decision> unreadable(const Step& step, const Answers& answers,
                                   const std::string& what);

/// An error without a place, of the step's host.
Error on_host(const Step& step, Error error);

/// A Command error of the step: what failed on which host, what the command said, what to do about
/// it.
Error step_failed(const Step& step, const std::string& what, const CommandResult& result,
                  const std::string& remedy = "");

/// True for failures of downloads, and of a command whose machine went down around it: killed, or
/// without an init to talk to. Another attempt may help (S4).
bool passing(const CommandResult& result);

/// The package manager that the step was planned with.
const PackageManager* manager_of(const Step& step);
const PackageManager* manager_of(const Scope& scope, const Host& host);

/// The container runtime's endpoint as kubeadm wrote it on the node; "" leaves it to the programs.
std::string runtime_endpoint(const Scope& scope, const Host& host);
/// Defines the shell function `cri`: crictl on that endpoint.
std::string cri_function(const Scope& scope, const Host& host);

/// Revisions of those of `names` that this hop installs on the host.
std::vector<PackageRevision> wanted_packages(const Scope& scope, const Host& host,
                                             const std::vector<std::string>& names);

/// "kubelet and kubectl 1.34.4-1.1", or each with its own revision.
std::string name_packages(const std::vector<PackageRevision>& packages);

/// Packages as a parameter, "kubelet=1.34.4-1.1 kubectl=1.34.4-1.1", and back.
std::string packages_param(const std::vector<PackageRevision>& packages);
std::vector<PackageRevision> read_packages_param(const std::string& text);

/// The kinds that install packages: shape, observation and decision.
Step make_package_step(const Scope& scope, const Host& host, Step step,
                       const std::vector<std::string>& names);
Queries look_packages(const Step& step, const Attempt& attempt);
Decision decide_packages(const Step& step, const Attempt& attempt, const Answers& answers);

}  // namespace drover::plans
