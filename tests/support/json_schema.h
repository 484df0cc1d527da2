#pragma once

#include <string>
#include <vector>

namespace drover::test {

/// Validates each line (a JSON text) against examples/<schema>, with python3-jsonschema. Gives one
/// entry a line: "" if it is valid, otherwise what is wrong with it.
std::vector<std::string> validate_json(const std::string& schema,
                                       const std::vector<std::string>& lines);

}  // namespace drover::test
