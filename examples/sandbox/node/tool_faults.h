#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace drover::sandbox {

/// What is to happen to one call of a node's tool. The rules stand in the file `faults` of its
/// state, which the tools read; `faults.hits` tells which have struck.
struct ToolFault {
  std::string action;  ///< fail:CODE, hang, kill or reset
  int nth = 1;         ///< the n-th matching call from now on, from 1
  std::string text;    ///< part of "TOOL ARGUMENTS"
};

/// Adds a rule to those of a node and returns its id. Throws std::runtime_error when it is none.
std::string add_fault(const std::filesystem::path& state, const ToolFault& fault);

/// Lets the call go on that hangs by the rule `id`.
void release_fault(const std::filesystem::path& state, const std::string& id);

/// Lines "ID TOOL ARGUMENTS", in the order in which they struck.
std::vector<std::string> fault_hits(const std::filesystem::path& state);

}  // namespace drover::sandbox
