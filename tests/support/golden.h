#pragma once

#include <string>

namespace drover::test {

/// Compares `text` with tests/golden/<name>, byte for byte, and shows the first line that differs.
/// With UPDATE_GOLDEN=1 in the environment the file is written instead.
void check_golden(const std::string& name, const std::string& text);

}  // namespace drover::test
