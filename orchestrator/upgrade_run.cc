#include "orchestrator/upgrade_run.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "inventory/base/text.h"
#include "orchestrator/await_cluster.h"
#include "orchestrator/channel_rule.h"
#include "orchestrator/node_watch.h"
#include "orchestrator/ports.h"
#include "orchestrator/state/file_io.h"
#include "orchestrator/terminal_question.h"
#include "orchestrator/utc.h"
#include "orchestrator/zone_file.h"
#include "plans/certs/renew_plan.h"
#include "plans/etcd/restore_plan.h"
#include "plans/plan_file.h"

namespace drover::orchestrator {

UpgradeRun::UpgradeRun(RunSubject subject, RunName run, std::string state_dir, EventLog& events,
                       Mailbox& mailbox)
    : subject_(std::move(subject)),
      run_(std::move(run)),
      state_dir_(std::move(state_dir)),
      events_(events),
      mailbox_(mailbox) {}

UpgradeRun::~UpgradeRun() { give_lease_back(); }

void UpgradeRun::give_lease_back() {
  keeper_.reset();
  if (!std::exchange(lock_held_, false)) return;
  // Best effort: a Lease that cannot be given back now is taken over once its holder is seen dead.
  if (const Status released = lock_->release({}); !released) {
    std::fprintf(stderr, "warning: the lock kube-system/drover could not be given back: %s\n",
                 released.error().message.c_str());
  }
}

std::string UpgradeRun::folder() const { return folder_->run_path(run_.id); }

Status UpgradeRun::take_lock_file() {
  if (const auto& window = subject_.plan.rollout.window) {
    DROVER_TRY_ASSIGN(zone_, load_time_zone(window->timezone));
  }
  DROVER_TRY_ASSIGN(folder_,
                    StateFolder::open(state_dir_, subject_.plan.cluster, subject_.cluster_uid));
  DROVER_TRY_ASSIGN(file_lock_, FileLock::take(folder_->lock_path(), this_process(run_.id).str()));
  return {};
}

Status UpgradeRun::take_lease(std::stop_token stop) {
  if (plans::replaces_etcd(subject_.plan)) return {};
  lock_api_ = subject_.fleet.api();
  lock_.emplace(*lock_api_, *lock_api_, clock_, this_process(run_.id));
  const remote::Instant asked = clock_.boot();
  const Status taken = lock_->acquire(stop);
  if (!taken && plans::renews_without_api(subject_.plan) && is_out_of_reach(taken.error().kind)) {
    lock_.reset();
    lock_api_.reset();
    return subject_.fleet.prepare_api_anew();
  }
  DROVER_TRY(taken);
  lock_held_ = true;
  mailbox_.post(LeaseRenewed{asked});
  keeper_.emplace(*lock_, clock_, mailbox_);
  return {};
}

Status UpgradeRun::open_journal() {
  DROVER_TRY_ASSIGN(journal_, JournalFile::open(fmt::format("{}/{}", folder(), kJournalName),
                                                [this] { return utc_millis(clock_.wall()); }));
  return {};
}

Status UpgradeRun::begin(const RunSources& sources) {
  DROVER_TRY(folder_->make_run(run_.id));
  DROVER_TRY(folder_->write(run_.id, kPlanName, plans::plan_json(subject_.plan, 2)));
  DROVER_TRY(folder_->write(run_.id, kInventoryName, sources.inventory_text));
  if (!sources.upgrade_file.empty()) {
    DROVER_TRY(folder_->write(run_.id, kUpgradeName, sources.upgrade_text));
  }
  DROVER_TRY(open_journal());
  Record begun{.type = "run-begun",
               .fields = {{"schema", std::string(kJournalSchema)},
                          {"drover", DROVER_VERSION},
                          {"run", run_.id},
                          {"cluster", subject_.plan.cluster},
                          {"cluster_uid", subject_.cluster_uid},
                          {"plan_id", subject_.plan.id},
                          {"upgrade_file", sources.upgrade_file},
                          {"inventory_file", sources.inventory_file},
                          {"command", sources.command}}};
  if (!sources.hosts.empty()) begun.fields["hosts"] = join(sources.hosts, " ");
  return journal_->append(std::move(begun));
}

Status UpgradeRun::go_on(std::map<std::string, std::string> fields) {
  DROVER_TRY(open_journal());
  fields["drover"] = DROVER_VERSION;
  return journal_->append({.type = "run-resumed", .fields = std::move(fields)});
}

OutputFile UpgradeRun::output_of(const plans::Step& step, int number) const {
  if (step.commands.empty()) return {};
  const std::string path = fmt::format("{}/output/{}", folder(), step.id);
  if (!make_folders(path)) return {};
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;  // never closes nullptr
  const auto open = [&](const char* suffix) {
    const std::string name = fmt::format("{}/{}.{}", path, number, suffix);
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return std::make_shared<File>(fd < 0 ? nullptr : ::fdopen(fd, "w"), &std::fclose);
  };
  return [out = open("out"), err = open("err")](remote::Stream stream, std::string_view text) {
    std::FILE* file = (stream == remote::Stream::Out ? out : err)->get();
    if (file == nullptr) return;
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
  };
}

RunEnd UpgradeRun::execute(History history) {
  auto control = ControlServer::open(folder(), mailbox_);
  if (control) {
    control_ = std::move(*control);
  } else {
    events_.emit(Warning{"control", fmt::format("`drover pause` and `drover cancel` cannot reach "
                                                "this run: {}",
                                                control.error().message)});
  }
  return with_executor(std::move(history), &Executor::run);
}

RunEnd UpgradeRun::cancel(History history) {
  return with_executor(std::move(history), &Executor::cancel);
}

RunEnd UpgradeRun::with_executor(History history, RunEnd (Executor::*act)()) {
  ThreadedRunner runner(
      [this](const std::string& host) {
        return subject_.ports ? subject_.ports(host) : working_ports(subject_.fleet, host);
      },
      [this](const plans::Step& step, int number) { return output_of(step, number); }, mailbox_);
  ChannelRule rule(subject_.plan, history, subject_.fleet.gate(), runner);
  TerminalQuestion question(mailbox_);
  std::optional<NodeWatch> watch;
  if (lock_) watch.emplace(subject_.fleet.api(), clock_, mailbox_);
  const auto before_end = [this] {
    control_.reset();  // nobody would heed what is asked for now
    give_lease_back();
  };
  Executor executor(subject_.plan, run_, std::move(history), *journal_, events_, rule, mailbox_,
                    {.zone = zone_,
                     .question = &question,
                     .watches_nodes = lock_.has_value(),
                     .before_end = before_end});
  return (executor.*act)();
}

}  // namespace drover::orchestrator
