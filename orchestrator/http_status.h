#pragma once

/// Statuses of the API that mean more than "refused" (RFC 9110, 15.5).
namespace drover::orchestrator {

constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;

}  // namespace drover::orchestrator
