#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/state/journal.h"

namespace drover::test {

/// A journal in memory, which can be told to fail, or to call back, at its nth append.
class MemoryJournal final : public orchestrator::Journal {
 public:
  Status append(orchestrator::Record record) override {
    if (full_after >= 0 && static_cast<int>(records.size()) >= full_after) {
      return Error{.kind = ErrorKind::State, .message = "no space left on device"};
    }
    record.seq = records.size() + 1;
    records.push_back(std::move(record));
    if (after_append) after_append(records.back());
    return {};
  }

  int count(const std::string& type, const std::string& step = "") const {
    int found = 0;
    for (const auto& record : records) {
      if (record.type == type && (step.empty() || record.step == step)) ++found;
    }
    return found;
  }

  std::vector<orchestrator::Record> records;
  int full_after = -1;  ///< appends that succeed; negative: all
  std::function<void(const orchestrator::Record&)> after_append;
};

}  // namespace drover::test
