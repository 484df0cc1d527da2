#pragma once

#include <string>

namespace drover::orchestrator {

/// The folder that `~` stands for: $HOME if it is an absolute path, else what the user database
/// says of the effective user.
std::string home_folder();

}  // namespace drover::orchestrator
