#pragma once

#include <string>
#include <vector>

namespace drover {

/// One thing wrong in a file the user wrote. Shown as `file:line:column: message` and its remedy.
struct Diagnostic {
  std::string file;
  int line = 0;    ///< from 1; 0 where no place can be named
  int column = 0;  ///< from 1
  std::string message;
  std::string remedy;  ///< nearest key, values allowed; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

}  // namespace drover
