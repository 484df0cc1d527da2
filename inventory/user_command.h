#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace drover {

/// A command of the user's: a program with arguments, or a text for sh. Exactly one of the two.
struct UserCommand {
  enum class Where {
    Local,  ///< on the machine that Drover runs on, as the user that runs it
    Node,   ///< on the node that the step is about, as root
  };
  std::string name;              ///< unique in its list; letters, digits, '-', '_' and '.'
  std::vector<std::string> run;  ///< program and arguments; no shell reads them
  std::string script;
  Where on = Where::Local;
  std::chrono::seconds timeout{5 * 60};
};

}  // namespace drover
