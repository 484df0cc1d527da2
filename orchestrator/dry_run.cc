#include "orchestrator/dry_run.h"

#include "orchestrator/exec/threaded_runner.h"
#include "orchestrator/ports.h"

namespace drover::orchestrator {
namespace {

/// Nothing is done, so there is nothing to remember.
class NoJournal final : public Journal {
 public:
  Status append(Record) override { return {}; }
};

}  // namespace

RunEnd dry_run(const plans::Plan& plan, Fleet& fleet, const std::string& run, EventLog& events,
               Mailbox& mailbox) {
  NoJournal journal;
  ThreadedRunner runner([&](const std::string& host) { return looking_ports(fleet, host); },
                        [](const plans::Step&, int) { return OutputFile(); }, mailbox);
  plans::Plan shown = plan;  // nobody is asked, and no time of day is wrong, for a look
  shown.rollout = plans::without_stops(std::move(shown.rollout));
  return Executor(shown, {run, ""}, {}, journal, events, runner, mailbox).run();
}

}  // namespace drover::orchestrator
