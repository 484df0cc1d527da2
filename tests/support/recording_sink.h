#pragma once

#include <string>
#include <vector>

#include "orchestrator/event.h"

namespace drover::test {

/// Keeps every event.
class RecordingSink final : public orchestrator::EventSink {
 public:
  void on(const orchestrator::Event& event) override { events.push_back(event); }

  template <class What>
  std::vector<What> all() const {
    std::vector<What> found;
    for (const auto& event : events) {
      if (const auto* what = std::get_if<What>(&event.what)) found.push_back(*what);
    }
    return found;
  }

  std::vector<orchestrator::Event> events;
};

}  // namespace drover::test
