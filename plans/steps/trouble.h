#pragma once

#include <optional>
#include <string>

#include "plans/steps/kind.h"

namespace drover::plans {

/// API trouble that passes by itself: no answer, 5xx, 429 without a budget as cause (S18). Says
/// what is waited for; nothing when the answer is an answer (2xx, 404, 409, 403, 422...).
std::optional<std::string> api_trouble(const Result<ApiResponse>& answer);

/// Trouble reaching the node: no connection. Nothing when the command has an exit code.
std::optional<std::string> node_trouble(const Result<CommandResult>& answer);

/// The first trouble among all answers.
std::optional<std::string> any_trouble(const Answers& answers);

/// An Api error out of a refused answer: `what` completes "cannot ...".
Error refused(const std::string& what, const ApiResponse& answer);

/// A Command error: the last telling lines of what the command said, sanitised.
Error command_failed(const std::string& what, const CommandResult& result);

}  // namespace drover::plans
