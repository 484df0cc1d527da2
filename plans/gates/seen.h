#pragma once

#include <string>

#include "plans/steps/kind.h"

namespace drover::plans {

/// The answers to a look, found by what was asked. Refers to both; they must outlive it.
class Seen {
 public:
  Seen(const Queries& queries, const Answers& answers) : queries_(queries), answers_(answers) {}

  bool asked(const std::string& path) const;
  /// The answer to a GET of the Kubernetes API; Internal when it was not asked.
  const Result<ApiResponse>& get(const std::string& path) const;
  const Result<CommandResult>& of(const Command& command) const;
  const Result<CommandResult>& of(const LocalProgram& program) const;
  const Result<ApiResponse>& of(const WebRequest& page) const;

 private:
  const Queries& queries_;
  const Answers& answers_;
};

/// Adds to `queries` what of `more` is not asked there yet.
void ask(Queries& queries, Queries more);

}  // namespace drover::plans
