#pragma once

#include <thread>

#include "orchestrator/exec/mailbox.h"
#include "orchestrator/exec/pause_question.h"

namespace drover::orchestrator {

/// Asks on the terminal, on a thread of its own, so that a run goes on living while it is asked
/// for: its lock is renewed, and Ctrl-C, `drover pause` and `drover cancel` are heard.
class TerminalQuestion final : public PauseQuestion {
 public:
  explicit TerminalQuestion(Mailbox& mailbox) : mailbox_(mailbox) {}

  bool ask(plans::Pause pause) override;
  void withdraw() override { thread_.request_stop(); }

 private:
  Mailbox& mailbox_;
  std::jthread thread_;
};

}  // namespace drover::orchestrator
