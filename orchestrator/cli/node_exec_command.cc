#include <fmt/format.h>

#include <memory>
#include <optional>

#include "inventory/cluster/node.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/node_options.h"
#include "orchestrator/console.h"
#include "orchestrator/exec_run.h"
#include "orchestrator/fleet.h"
#include "orchestrator/gather.h"
#include "orchestrator/lock/cluster_lock.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/journal_file.h"
#include "orchestrator/state/state_folder.h"
#include "orchestrator/ui/exec_view.h"
#include "orchestrator/utc.h"
#include "plans/node_choice.h"

namespace drover::orchestrator {
namespace {

/// `drover node exec`: one node is only talked to by SSH, several take the cluster's lock.
class NodeExec {
 public:
  NodeExec(const Invocation& invocation, const Console& console, const NodeOptions& options,
           const Inventory& inventory)
      : invocation_(invocation),
        console_(console),
        options_(options),
        inventory_(inventory),
        id_(new_run_id(clock_.wall(), invocation.state_dir)),
        watch_([this] {
          stop_.request_stop();
          mailbox_.post(Interrupt{});
        }),
        fleet_(inventory, stop_.get_token()) {}

  ~NodeExec() {
    if (!lock_held_) return;
    if (const Status released = lock_->release({}); !released) {
      warn(fmt::format("the lock kube-system/drover could not be given back: {}",
                       released.error().message));
    }
  }
  NodeExec(const NodeExec&) = delete;
  NodeExec& operator=(const NodeExec&) = delete;

  Result<int> run() {
    DROVER_TRY(choose());
    DROVER_TRY(fleet_.credentials());
    if (nodes_.size() > 1) DROVER_TRY(take_lock());
    DROVER_TRY(open_journal());
    return execute();
  }

 private:
  Status choose() {
    DROVER_TRY_ASSIGN(nodes_, plans::name_nodes(inventory_, options_.names));
    if (!options_.selector) return {};
    DROVER_TRY(open_api());
    DROVER_TRY_ASSIGN(facts_, gather_nodes(*api_, stop_.get_token()));
    return plans::select_nodes(inventory_, facts_->nodes, *options_.selector, nodes_);
  }

  Status open_api() {
    if (api_) return {};
    DROVER_TRY(fleet_.credentials());
    DROVER_TRY(fleet_.open_api(stop_.get_token()));
    api_ = fleet_.api();
    return {};
  }

  Status take_lock() {
    DROVER_TRY(open_api());
    DROVER_TRY_ASSIGN(const ClusterIdentity identity, gather_identity(*api_, stop_.get_token()));
    const Holder self = this_process(id_);
    if (lease_move(identity.lock, self) == LeaseMove::Held) {
      return ClusterLock::held_by(*identity.lock);
    }
    DROVER_TRY_ASSIGN(const StateFolder folder,
                      StateFolder::open(invocation_.state_dir, inventory_.cluster, identity.uid));
    DROVER_TRY_ASSIGN(file_lock_, FileLock::take(folder.lock_path(), self.str()));
    lock_.emplace(*api_, *api_, clock_, self);
    const remote::Instant asked = clock_.boot();
    DROVER_TRY(lock_->acquire(stop_.get_token()));
    mailbox_.post(LeaseRenewed{asked});
    lock_held_ = true;
    return {};
  }

  std::string folder() const {
    return fmt::format("{}/{}/exec/{}", invocation_.state_dir, inventory_.cluster, id_);
  }

  /// An own one: what was run where is on record, and no run waits to be gone on with.
  Status open_journal() {
    DROVER_TRY(make_folders(folder()));
    DROVER_TRY_ASSIGN(journal_, JournalFile::open(folder() + "/journal.jsonl",
                                                  [this] { return utc_millis(clock_.wall()); }));
    return journal_->append({.type = "run-begun",
                             .fields = {{"schema", std::string(kJournalSchema)},
                                        {"run", id_},
                                        {"cluster", inventory_.cluster},
                                        {"command", "node exec"}}});
  }

  int execute() {
    std::vector<const Host*> hosts;
    std::vector<std::string> names;
    for (const plans::ChosenNode& node : nodes_) {
      hosts.push_back(node.host);
      names.push_back(node.host->name);
    }
    ExecView view(stdout, stderr, names);
    const auto output = [&](const std::string& host, remote::Stream stream, std::string_view text) {
      if (!console_.json) view.output(host, stream, text);
    };
    ExecRun run(id_, {.node = [this](const std::string& host) { return fleet_.node(host); },
                      .journal = *journal_,
                      .mailbox = mailbox_,
                      .output = output,
                      .tell = warn});
    std::optional<LeaseKeeper> keeper;
    if (lock_) keeper.emplace(*lock_, clock_, mailbox_);
    const auto results = run.run(hosts, {.script = script_of(invocation_.command_line),
                                         .mutates = true,
                                         .timeout = options_.exec_timeout});
    keeper.reset();
    return tell(results, run.interrupted() ? kExitInterrupted : worst_exit_code(results), view);
  }

  int tell(const std::vector<ExecResult>& results, int code, ExecView& view) {
    const Status ended =
        journal_->append({.type = "run-ended", .fields = {{"exit_code", std::to_string(code)}}});
    if (!ended) warn(ended.error().message);
    if (console_.json) {
      console_.print(
          exec_json(inventory_.cluster, invocation_.command_line, results, folder(), code));
      return code;
    }
    for (const ExecResult& result : results) view.ended(result);
    return code;
  }

  const Invocation& invocation_;
  const Console& console_;
  const NodeOptions& options_;
  const Inventory& inventory_;
  remote::SystemClock clock_;
  const std::string id_;
  Mailbox mailbox_;
  std::stop_source stop_;
  std::vector<plans::ChosenNode> nodes_;
  std::optional<ClusterFacts> facts_;
  SignalWatch watch_;  // its thread uses the members above; before the fleet, which may ask
  Fleet fleet_;
  std::unique_ptr<remote::KubeApi> api_;
  std::optional<FileLock> file_lock_;
  std::optional<ClusterLock> lock_;
  bool lock_held_ = false;
  std::unique_ptr<JournalFile> journal_;
};

}  // namespace

int node_exec_command(const Invocation& invocation, const Console& console,
                      const NodeOptions& options, const Inventory& inventory) {
  const Result<int> code = NodeExec(invocation, console, options, inventory).run();
  if (code) return *code;
  console.complain(code.error());
  return exit_code(code.error().kind);
}

}  // namespace drover::orchestrator
