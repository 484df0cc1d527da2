#pragma once

#include <memory>
#include <thread>

#include "orchestrator/exec/mailbox.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

/// Looks at the nodes every ten seconds on a thread of its own, the first time at once, and tells
/// the coordinator which are not Ready (S6). A look that fails is tried again after a second and
/// says nothing: while the API is away the lock is not renewed, and nothing is begun. Joins when it
/// goes.
class NodeWatch {
 public:
  /// `api` is used by this thread alone; `clock` and `mailbox` must outlive it.
  NodeWatch(std::unique_ptr<remote::ApiReader> api, remote::Clock& clock, Mailbox& mailbox);

 private:
  const std::unique_ptr<remote::ApiReader> api_;
  std::jthread thread_;  // last: it uses the member above
};

}  // namespace drover::orchestrator
