#pragma once

#include <string>

#include "examples/sandbox/world/answer.h"

namespace drover::sandbox {

/// 403 in the words of the API server's authorizer: who may not do what with which resource.
Answer forbidden(const std::string& user, const std::string& verb, const std::string& target);

}  // namespace drover::sandbox
