#include "orchestrator/terminal_question.h"

#include "orchestrator/console.h"

namespace drover::orchestrator {
namespace {

std::string question_of(plans::Pause pause) {
  return pause == plans::Pause::AfterCanary ? "The canaries are done. Go on with the other workers?"
                                            : "The control plane is done. Go on with the workers?";
}

}  // namespace

bool TerminalQuestion::ask(plans::Pause pause) {
  if (!has_terminal()) return false;
  thread_ = std::jthread([this, pause](std::stop_token stop) {
    const bool go_on = confirm(question_of(pause), stop);
    if (!stop.stop_requested()) mailbox_.post(PauseAnswered{pause, go_on});
  });
  return true;
}

}  // namespace drover::orchestrator
