#pragma once

#include <cstdio>
#include <stop_token>
#include <string>
#include <vector>

#include "inventory/diagnostic.h"
#include "orchestrator/ui/views.h"

namespace drover::orchestrator {

/// Where results and diagnostics go, and how they look. Results to stdout, diagnostics to stderr.
struct Console {
  bool json = false;
  TextStyle out_style;
  TextStyle err_style;

  void complain(const Error& error) const;
  void complain(const std::vector<Error>& errors) const;
  /// `file:line:column: message`, each with its remedy.
  void complain(const Diagnostics& diagnostics) const;
  void print(const std::string& text) const;
};

/// Styles by what stdout and stderr are, NO_COLOR and `--no-color`.
Console make_console(bool json, bool no_color);

/// To stderr: what the operator should know although all goes on. Any thread.
void warn(const std::string& text);

/// True when there is a person at the other end of stdin.
bool has_terminal();

/// Asks on stderr and reads a line from stdin: true for "y" or "yes". `stop` is a "no".
bool confirm(const std::string& question, std::stop_token stop);

}  // namespace drover::orchestrator
