#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/complain.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/node_options.h"
#include "orchestrator/console.h"
#include "orchestrator/maintenance_survey.h"
#include "orchestrator/ports.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/event_file.h"
#include "orchestrator/ui/node_texts.h"
#include "orchestrator/ui/node_view.h"
#include "orchestrator/upgrade_run.h"
#include "orchestrator/utc.h"
#include "remote/ssh/capsule.h"

namespace drover::orchestrator {
namespace {

using plans::NodeAction;

NodeAction action_of(const Invocation& invocation) {
  for (const NodeAction action : {NodeAction::Cordon, NodeAction::Drain, NodeAction::Uncordon}) {
    if (plans::action_name(action) == invocation.action) return action;
  }
  return NodeAction::Reboot;
}

/// Pods move, or machines go down: that is asked about.
bool asks(NodeAction action) { return action == NodeAction::Drain || action == NodeAction::Reboot; }

/// What the options say, in the terms of a plan file.
UpgradePlan policy_of(const NodeOptions& options) {
  UpgradePlan file;
  file.drain = options.drain;
  file.rollout.max_unavailable = options.max_unavailable;
  file.health.settle = options.settle;
  file.reboot = Reboot::Always;
  return file;
}

/// A worker's ports, told of by `sinks`, and what they point into.
struct ToldPorts {
  ThreadedRunner::Owned below;
  std::unique_ptr<ToldApi> api;
};

ThreadedRunner::Owned told_ports(Fleet& fleet, const std::string& host,
                                 std::vector<EvictionSink*> sinks) {
  auto own = std::make_shared<ToldPorts>();
  own->below = working_ports(fleet, host);
  own->api = std::make_unique<ToldApi>(host, *own->below.ports.api, *own->below.ports.api_writer,
                                       std::move(sinks));
  ThreadedRunner::Owned owned{.ports = own->below.ports};
  owned.ports.api = own->api.get();
  owned.ports.api_writer = own->api.get();
  owned.ports.another_writer = [&fleet, api = own->api.get()] { return api->beside(fleet.api()); };
  owned.keep = std::move(own);
  return owned;
}

/// `drover node cordon|drain|uncordon|reboot`: look, plan, question, lock, run.
class Maintenance {
 public:
  Maintenance(const Invocation& invocation, const Console& console, NodeOptions options,
              Files files)
      : invocation_(invocation),
        console_(console),
        action_(action_of(invocation)),
        options_(std::move(options)),
        policy_(policy_of(options_)),
        files_(std::move(files)),
        run_(new_run_id(clock_.wall(), invocation.state_dir)),
        view_(stdout, stderr, console.out_style),
        events_(
            run_, [this] { return utc_millis(clock_.wall()); }, sinks()),
        watch_([this] {
          stop_.request_stop();
          mailbox_.post(Interrupt{});
        }),
        fleet_(files_.inventory, stop_.get_token()) {}

  int run() {
    if (const Status looked = look(); !looked) return refuse({looked.error()});
    if (action_ == NodeAction::Reboot) {
      const auto errors = survey_machines(nodes_, fleet_, facts_, stop_.get_token());
      if (!errors.empty()) return refuse(errors);
    }
    auto runs = earlier_runs(invocation_.state_dir, files_.inventory.cluster);
    if (!runs) return refuse({runs.error()});
    plan_ = make_plan(std::move(*runs));
    if (invocation_.dry_run || plan_.blocked()) return preview_only();
    if (const auto held = held_elsewhere()) return refuse({*held});
    if (!console_.json) show();
    if (plan_.steps.empty()) return finish(RunStatus::Succeeded, kExitDone, {}, "");
    if (asks(action_) && !invocation_.yes && !confirm("Go on?", stop_.get_token())) {
      return stop_.stop_requested() ? kExitInterrupted : kExitRefused;
    }
    return execute();
  }

 private:
  std::vector<EventSink*> sinks() {
    if (console_.json) return {&event_file_, &report_};
    return {&event_file_, &report_, &view_};
  }
  std::vector<EvictionSink*> eviction_sinks() {
    if (console_.json) return {&report_};
    return {&report_, &view_};
  }

  Status look() {
    DROVER_TRY_ASSIGN(nodes_, plans::name_nodes(files_.inventory, options_.names));
    DROVER_TRY_ASSIGN(facts_, survey_for(action_, fleet_, stop_.get_token()));
    if (!options_.selector) return {};
    return plans::select_nodes(files_.inventory, facts_.nodes, *options_.selector, nodes_);
  }

  plans::Plan make_plan(std::vector<plans::EarlierRun> runs) const {
    return plans::make_maintenance_plan(
        {.action = action_,
         .inventory = files_.inventory,
         .file = policy_,
         .facts = facts_,
         .nodes = nodes_,
         .others = invocation_.has("others"),
         .runs = std::move(runs),
         .created = utc_seconds(clock_.wall()),
         .preamble = remote::capsule_frame(),
         .self = facts_.lock && !holds_elsewhere() ? facts_.lock->holder : "",
         .inventory_path = absolute_inventory()});
  }

  std::string absolute_inventory() const {
    return std::filesystem::absolute(files_.inventory.file).lexically_normal().string();
  }

  bool holds_elsewhere() const {
    return lease_move(facts_.lock, this_process(run_)) == LeaseMove::Held;
  }

  /// A live foreign holder comes before any question (S14).
  std::optional<Error> held_elsewhere() const {
    if (!holds_elsewhere()) return std::nullopt;
    return ClusterLock::held_by(*facts_.lock);
  }

  NodePreview preview(bool dry_run) const {
    NodePreview preview{.action = action_, .plan = plan_, .dry_run = dry_run};
    if (asks(action_)) {
      preview.drains = plans::preview_drains(plan_, nodes_, facts_, policy_.drain);
    }
    return preview;
  }

  int preview_only() {
    if (plan_.blocked() && !invocation_.dry_run) {
      if (const auto held = held_elsewhere()) return refuse({*held});
    }
    const int code = plan_.blocked() ? kExitRefused : kExitDone;
    const NodePreview shown = preview(true);
    console_.print(console_.json ? node_preview_json(shown, code)
                                 : node_preview_text(shown, console_.out_style));
    return code;
  }

  /// What is to be asked about, or only what the operator should know before it is done.
  void show() const {
    console_.print(asks(action_) && !invocation_.yes
                       ? node_preview_text(preview(false), console_.out_style)
                       : verdicts_text(plan_.verdicts, console_.out_style));
  }

  int execute() {
    UpgradeRun run(
        {plan_, fleet_, facts_.uid,
         [this](const std::string& host) { return told_ports(fleet_, host, eviction_sinks()); }},
        {run_, as_typed(invocation_, CommandId::Resume, {})}, invocation_.state_dir, events_,
        mailbox_);
    if (const Status opened = open(run); !opened) return refuse({opened.error()});
    events_.emit(RunStarted{plan_.cluster, "", command()});
    events_.emit(PlanMade{plan_});
    RunEnd end = run.execute({});
    const bool refused =
        action_ == NodeAction::Drain && end.status == RunStatus::Failed && report_.only_refused();
    return finish(end.status, refused ? kExitRefused : end.exit_code, std::move(end.left),
                  end.message);
  }

  std::string command() const { return fmt::format("node {}", invocation_.action); }

  Status open(UpgradeRun& run) {
    DROVER_TRY(run.take_lock_file());
    DROVER_TRY(run.take_lease(stop_.get_token()));
    RunSources sources{.upgrade_file = "",
                       .upgrade_text = "",
                       .inventory_file = absolute_inventory(),
                       .inventory_text = files_.inventory_text,
                       .command = command()};
    for (const plans::ChosenNode& node : nodes_) sources.hosts.push_back(node.host->name);
    DROVER_TRY(run.begin(sources));
    begun_ = true;
    return event_file_.open(fmt::format("{}/{}", run.folder(), kEventsName));
  }

  int refuse(const std::vector<Error>& errors) {
    console_.complain(errors);
    return exit_code(errors.front().kind);
  }

  int finish(RunStatus status, int code, std::vector<std::string> left, std::string message) {
    events_.emit(RunFinished{status, code, std::move(left), std::move(message)});
    if (console_.json) {
      console_.print(node_result_json(action_, plan_, report_, begun_ ? run_ : "", code));
    }
    return code;
  }

  const Invocation& invocation_;
  const Console& console_;
  const NodeAction action_;
  const NodeOptions options_;
  const UpgradePlan policy_;
  const Files files_;
  mutable remote::SystemClock clock_;
  const std::string run_;
  NodeView view_;
  NodeReport report_;
  EventFile event_file_;
  EventLog events_;
  Mailbox mailbox_;
  std::stop_source stop_;
  std::vector<plans::ChosenNode> nodes_;
  ClusterFacts facts_;
  plans::Plan plan_;
  bool begun_ = false;
  SignalWatch watch_;  // its thread uses the members above; before the fleet, which may ask
  Fleet fleet_;
};

}  // namespace

int node_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  auto options = read_node_options(invocation);
  if (!options) return complain(console, options.error());
  auto files = load_inventory_file(invocation.inventory_file.empty() ? "inventory.yaml"
                                                                     : invocation.inventory_file);
  if (const auto* wrong = std::get_if<Diagnostics>(&files)) {
    console.complain(*wrong);
    return kExitFile;
  }
  auto& read = std::get<Files>(files);
  const auto named = plans::name_nodes(read.inventory, options->names);
  if (!named) return complain(console, named.error());
  if (invocation.has("disable-eviction")) {
    for (const auto& node : *named) options->drain.disable_eviction.push_back({node.host->name});
  }
  if (invocation.action == "exec") {
    return node_exec_command(invocation, console, *options, read.inventory);
  }
  const bool may_ask = asks(action_of(invocation)) && !invocation.dry_run && !invocation.yes;
  if (may_ask && !has_terminal()) {
    return complain(console,
                    {.kind = ErrorKind::Usage,
                     .message = "there is no terminal to ask on, and no --yes",
                     .remedy = fmt::format("look at `drover node {0} ... --dry-run` first, then "
                                           "`drover node {0} ... --yes`",
                                           invocation.action)});
  }
  return Maintenance(invocation, console, std::move(*options), std::move(read)).run();
}

}  // namespace drover::orchestrator
