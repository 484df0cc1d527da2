#include "orchestrator/cli/journalled_command.h"

#include <fmt/format.h>

#include <filesystem>

#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/gather.h"
#include "orchestrator/upgrade_run.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {

JournalledCommand::JournalledCommand(const Invocation& invocation, const Console& console,
                                     Files files, std::string command)
    : invocation_(invocation),
      console_(console),
      files_(std::move(files)),
      command_(std::move(command)),
      run_(new_run_id(clock_.wall(), invocation.state_dir)),
      view_(stdout, console.out_style),
      events_(
          run_, [this] { return utc_millis(clock_.wall()); }, sinks()),
      watch_([this] {
        stop_.request_stop();
        mailbox_.post(Interrupt{});
      }),
      fleet_(files_.inventory, stop_.get_token()) {}

std::vector<EventSink*> JournalledCommand::sinks() {
  if (console_.json) return {&event_file_, &ends_};
  return {&event_file_, &ends_, &view_};
}

Status JournalledCommand::identify(ClusterFacts& facts) {
  DROVER_TRY(fleet_.open_api(stop()));
  DROVER_TRY_ASSIGN(ClusterIdentity identity, gather_identity(*fleet_.api(), stop()));
  facts.uid = std::move(identity.uid);
  facts.lock = std::move(identity.lock);
  return {};
}

bool JournalledCommand::holds_elsewhere(const ClusterFacts& facts) const {
  return lease_move(facts.lock, this_process(run_)) == LeaseMove::Held;
}

std::string JournalledCommand::created() { return utc_millis(clock_.wall()); }

std::string JournalledCommand::self(const ClusterFacts& facts) const {
  return holds_elsewhere(facts) || !facts.lock ? "" : facts.lock->holder;
}

std::string JournalledCommand::inventory_path() const {
  return std::filesystem::absolute(files_.inventory.file).lexically_normal().string();
}

bool JournalledCommand::agreed() { return invocation_.yes || confirm("Go on?", stop()); }

int JournalledCommand::refused() const {
  return stop_.stop_requested() ? kExitInterrupted : kExitRefused;
}

Result<int> JournalledCommand::execute(const plans::Plan& plan, const ClusterFacts& facts,
                                       std::vector<std::string> hosts,
                                       const std::function<Status()>& before_run) {
  UpgradeRun run({plan, fleet_, facts.uid}, {run_, as_typed(invocation_, CommandId::Resume, {})},
                 invocation_.state_dir, events_, mailbox_);
  DROVER_TRY(run.take_lock_file());
  DROVER_TRY(run.take_lease(stop()));
  if (before_run) DROVER_TRY(before_run());
  DROVER_TRY(run.begin({.upgrade_file = "",
                        .upgrade_text = "",
                        .inventory_file = inventory_path(),
                        .inventory_text = files_.inventory_text,
                        .command = command_,
                        .hosts = std::move(hosts)}));
  DROVER_TRY(event_file_.open(fmt::format("{}/{}", run.folder(), kEventsName)));
  events_.emit(RunStarted{plan.cluster, "", command_});
  events_.emit(PlanMade{plan});
  RunEnd end = run.execute({});
  events_.emit(RunFinished{end.status, end.exit_code, std::move(end.left), end.message});
  return end.exit_code;
}

std::optional<Files> files_of(const Invocation& invocation, const Console& console,
                              const std::string& look, int& code) {
  if (!invocation.yes && !invocation.dry_run && !has_terminal()) {
    console.complain(Error{.kind = ErrorKind::Usage,
                           .message = "there is no terminal to ask on, and no --yes",
                           .remedy = look});
    code = kExitUsage;
    return std::nullopt;
  }
  auto files = load_inventory_file(invocation.inventory_file.empty() ? "inventory.yaml"
                                                                     : invocation.inventory_file);
  if (const auto* wrong = std::get_if<Diagnostics>(&files)) {
    console.complain(*wrong);
    code = kExitFile;
    return std::nullopt;
  }
  return std::get<Files>(std::move(files));
}

}  // namespace drover::orchestrator
