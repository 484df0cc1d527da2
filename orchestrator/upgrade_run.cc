#include "orchestrator/upgrade_run.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "orchestrator/state/file_io.h"
#include "orchestrator/utc.h"
#include "plans/plan_file.h"

namespace drover::orchestrator {
namespace {

/// What a worker's ports point into.
struct Connections {
  std::shared_ptr<remote::SshNode> node;
  std::unique_ptr<remote::KubeApi> api;
  remote::SystemClock clock;
};

}  // namespace

UpgradeRun::UpgradeRun(const Preview& preview, std::string run, std::string state_dir,
                       EventLog& events, Mailbox& mailbox)
    : preview_(preview),
      run_(std::move(run)),
      state_dir_(std::move(state_dir)),
      events_(events),
      mailbox_(mailbox) {}

UpgradeRun::~UpgradeRun() {
  if (!lock_held_) return;
  // Best effort: a Lease that cannot be given back now is taken over once its holder is seen dead.
  if (const Status released = lock_->release({}); !released) {
    std::fprintf(stderr, "warning: the lock kube-system/drover could not be given back: %s\n",
                 released.error().message.c_str());
  }
}

std::string UpgradeRun::folder() const { return folder_->run_path(run_); }

Status UpgradeRun::open(std::stop_token stop) {
  const plans::Plan& plan = preview_.plan;
  DROVER_TRY_ASSIGN(folder_, StateFolder::open(state_dir_, plan.cluster, preview_.facts.uid));
  const Holder self = this_process(run_);
  DROVER_TRY_ASSIGN(file_lock_, FileLock::take(folder_->lock_path(), self.str()));
  lock_api_ = preview_.fleet->api();
  lock_.emplace(*lock_api_, *lock_api_, clock_, self);
  DROVER_TRY(lock_->acquire(stop));
  lock_held_ = true;
  DROVER_TRY(folder_->make_run(run_));
  DROVER_TRY(folder_->write(run_, "plan.json", plans::plan_json(plan, 2)));
  DROVER_TRY_ASSIGN(journal_, JournalFile::open(folder() + "/journal.jsonl",
                                                [this] { return utc_millis(clock_.wall()); }));
  return write_header();
}

Status UpgradeRun::write_header() {
  const plans::Plan& plan = preview_.plan;
  return journal_->append({.type = "run-begun",
                           .fields = {{"schema", std::string(kJournalSchema)},
                                      {"drover", DROVER_VERSION},
                                      {"run", run_},
                                      {"cluster", plan.cluster},
                                      {"cluster_uid", preview_.facts.uid},
                                      {"plan_id", plan.id},
                                      {"command", "apply"}}});
}

ThreadedRunner::Owned UpgradeRun::ports(const std::string& host) {
  auto own = std::make_shared<Connections>();
  own->api = preview_.fleet->api();
  ThreadedRunner::Owned owned;
  owned.ports.api = own->api.get();
  owned.ports.api_writer = own->api.get();
  owned.ports.clock = &own->clock;
  if (!host.empty()) {
    own->node = preview_.fleet->node(host);
    owned.ports.node = own->node.get();
    owned.ports.node_writer = own->node.get();
  }
  owned.keep = std::move(own);
  return owned;
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

Result<RunEnd> UpgradeRun::execute() {
  const LeaseKeeper keeper(*lock_, clock_, mailbox_);
  ThreadedRunner runner(
      [this](const std::string& host) { return ports(host); },
      [this](const plans::Step& step, int number) { return output_of(step, number); }, mailbox_);
  return Executor(preview_.plan, run_, *journal_, events_, runner, mailbox_).run();
}

}  // namespace drover::orchestrator
