#pragma once

#include <string>

namespace drover::test {

/// The whole file; "" when it cannot be read.
std::string read_file(const std::string& path);

}  // namespace drover::test
