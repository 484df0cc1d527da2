#pragma once

#include <string>
#include <vector>

namespace drover::sandbox {

/// What this machine lacks to run nodes, each with its remedy; empty when nothing.
std::vector<std::string> missing_here();

}  // namespace drover::sandbox
