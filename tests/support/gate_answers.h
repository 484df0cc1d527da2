#pragma once

#include <map>
#include <string>

#include "plans/steps/kind.h"

/// Answers for steps that ask conditions of a gate: by path, in whatever order they are asked for.
namespace drover::test {

/// A cluster as the API shows it to gates.
struct GateWorld {
  std::map<std::string, Result<ApiResponse>> paths;
  std::map<std::string, Result<CommandResult>> programs;  ///< by the text for sh
  std::map<std::string, Result<CommandResult>> commands;  ///< by the script's last line
  Result<ApiResponse> page = Error{};                     ///< what any other server answers

  /// Answers to all of `queries`; what is not known here fails the test.
  plans::Answers to(const plans::Queries& queries) const;

  /// One round of the step: look, answers, decision; its notes are kept in `attempt`.
  plans::Decision round(const plans::Step& step, plans::Attempt& attempt) const;

  /// Rounds without anything waited for between them: until something else than the wait for more
  /// questions is decided.
  plans::Decision rounds(const plans::Step& step, plans::Attempt& attempt) const;
};

inline constexpr const char* kNodeW1 = "/api/v1/nodes/w1";
inline constexpr const char* kPodsW1 = "/api/v1/pods?fieldSelector=spec.nodeName%3Dw1";
inline constexpr const char* kBudgets = "/apis/policy/v1/poddisruptionbudgets";
inline constexpr const char* kDaemonSets = "/apis/apps/v1/daemonsets";
inline constexpr const char* kValidating =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
inline constexpr const char* kMutating =
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
inline constexpr const char* kApiServices = "/apis/apiregistration.k8s.io/v1/apiservices";

/// The endpoints of a service.
std::string slices_path(const std::string& ns, const std::string& service);

/// An empty list of that kind.
Result<ApiResponse> none_of(const std::string& kind);

/// An empty list of whatever resource `path` asks for; metrics without any.
Result<ApiResponse> none_at(const std::string& path);

/// w1 Ready at v1.33.13, without pods, budgets, webhooks and aggregated APIs.
GateWorld quiet_world();

}  // namespace drover::test
