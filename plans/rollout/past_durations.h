#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plans/step.h"

namespace drover::plans {

/// How long steps took in earlier runs of a cluster.
class PastDurations {
 public:
  /// A step of `kind`, by its name, that did its work on `node`. Of several for the same node the
  /// last one counts: tell of the oldest run first.
  void add(const std::string& kind, const std::string& node, std::chrono::seconds took);

  /// What is to be expected of such a step: what it took on this node, else what it took on most
  /// others (the median); absent when no run had one.
  std::optional<std::chrono::seconds> of(const std::string& kind, const std::string& node) const;

 private:
  using Nodes = std::map<std::string, std::chrono::seconds>;
  std::map<std::string, Nodes> kinds_;
  mutable std::map<std::string, std::chrono::seconds> medians_;
};

/// Puts what is expected of each step in place of its kind's estimate. A step whose length the plan
/// file sets keeps it.
void expect(std::vector<Step>& steps, const PastDurations& past);

}  // namespace drover::plans
