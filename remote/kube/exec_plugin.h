#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "inventory/base/result.h"
#include "remote/clock.h"
#include "remote/kube/kubeconfig.h"

namespace drover::remote {

/// What a plug-in printed.
struct ExecCredential {
  Secret token;                 ///< empty: none
  std::string certificate_pem;  ///< "": none
  Secret key_pem;
  std::optional<WallTime> expires;  ///< nothing: good until it is refused
};

/// Runs the plug-in of `context`, which has one: no shell, no terminal, standard input closed, a
/// process group of its own, which is killed after `patience` and when `stop` is asked for. Errors
/// (Authentication, Cancelled) name the program, what it said and what its install hint says;
/// nothing of what it printed on standard output (S13).
Result<ExecCredential> run_exec_plugin(const KubeContext& context,
                                       std::chrono::milliseconds patience, std::stop_token stop);

/// Reads an ExecCredential in JSON.
Result<ExecCredential> parse_exec_credential(const std::string& json,
                                             const std::string& api_version);

}  // namespace drover::remote
