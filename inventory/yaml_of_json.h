#pragma once

#include <string>
#include <string_view>

namespace drover {

/// The same value as YAML: blocks two blanks deep, fields in their order, a line break at its end.
/// Text that YAML 1.1 or 1.2 would read as something else, such as "yes", "1e3" or "0x1", is
/// quoted, and so is whatever is not ASCII, with escapes. `json`: one whole value that this program
/// wrote.
std::string yaml_of_json(std::string_view json);

}  // namespace drover
