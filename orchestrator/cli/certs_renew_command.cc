#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "orchestrator/certs_survey.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"
#include "orchestrator/etcd/etcd_survey.h"
#include "orchestrator/files.h"
#include "orchestrator/gather.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/event_file.h"
#include "orchestrator/ui/certs_text.h"
#include "orchestrator/upgrade_run.h"
#include "orchestrator/utc.h"
#include "plans/certs/renew_plan.h"
#include "remote/ssh/capsule.h"

namespace drover::orchestrator {
namespace {

constexpr const char* kCommand = "certs renew";
constexpr std::chrono::hours kSoon{30 * 24};  // of an authority

/// How the steps of a run ended, by their ids.
class StepEnds final : public EventSink {
 public:
  void on(const Event& event) override {
    if (const auto* end = std::get_if<StepFinished>(&event.what)) ends_[end->step.id] = *end;
  }
  const std::map<std::string, StepFinished>& by_step() const { return ends_; }

 private:
  std::map<std::string, StepFinished> ends_;
};

/// `drover certs renew`: look, plan, question, lock, run, look again.
class CertsRenew {
 public:
  CertsRenew(const Invocation& invocation, const Console& console, Files files)
      : invocation_(invocation),
        console_(console),
        files_(std::move(files)),
        run_(new_run_id(utc_compact(clock_.wall()))),
        view_(stdout, console.out_style),
        events_(
            run_, [this] { return utc_millis(clock_.wall()); }, sinks()),
        watch_([this] {
          stop_.request_stop();
          mailbox_.post(Interrupt{});
        }),
        fleet_(files_.inventory, stop_.get_token()) {}

  Result<int> run() {
    DROVER_TRY(look());
    plan_ = plans::make_renew_plan(
        {.inventory = files_.inventory,
         .facts = facts_,
         .certificates = certificates_,
         .etcd = etcd_,
         .created = utc_seconds(clock_.wall()),
         .preamble = remote::capsule_frame(),
         .self = holds_elsewhere() || !facts_.lock ? "" : facts_.lock->holder,
         .inventory_path = absolute_inventory()});
    if (!plan_.blocked() && holds_elsewhere()) return ClusterLock::held_by(*facts_.lock);
    if (!console_.json) {
      console_.print(certs_renew_preview_text(plan_, certificates_, console_.out_style));
    }
    if (plan_.blocked()) return tell(kExitRefused, "");
    if (!invocation_.yes && !confirm("Go on?", stop_.get_token())) {
      return stop_.stop_requested() ? kExitInterrupted : kExitRefused;
    }
    return execute();
  }

 private:
  std::vector<EventSink*> sinks() {
    if (console_.json) return {&event_file_, &ends_};
    return {&event_file_, &ends_, &view_};
  }

  Status look() {
    DROVER_TRY_ASSIGN(certificates_,
                      survey_certificates(files_.inventory, fleet_, kSoon, stop_.get_token()));
    facts_.kubeadm.external_etcd = !plans::has_own_etcd(certificates_);
    if (!facts_.kubeadm.external_etcd) {
      DROVER_TRY_ASSIGN(const auto seen, survey_etcd(files_.inventory, fleet_, stop_.get_token()));
      etcd_ = plans::judge_etcd(seen);
    }
    DROVER_TRY(fleet_.open_api(stop_.get_token()));
    DROVER_TRY_ASSIGN(ClusterIdentity identity, gather_identity(*fleet_.api(), stop_.get_token()));
    facts_.uid = std::move(identity.uid);
    facts_.lock = std::move(identity.lock);
    return {};
  }

  bool holds_elsewhere() const {
    return lease_move(facts_.lock, this_process(run_)) == LeaseMove::Held;
  }

  std::string absolute_inventory() const {
    return std::filesystem::absolute(files_.inventory.file).lexically_normal().string();
  }

  Status open(UpgradeRun& run) {
    DROVER_TRY(run.take_lock_file());
    DROVER_TRY(run.take_lease(stop_.get_token()));
    RunSources sources{.upgrade_file = "",
                       .upgrade_text = "",
                       .inventory_file = absolute_inventory(),
                       .inventory_text = files_.inventory_text,
                       .command = kCommand};
    for (const plans::Step& step : plan_.steps) {
      if (step.kind == plans::StepKind::CertsRenew) sources.hosts.push_back(step.host);
    }
    DROVER_TRY(run.begin(sources));
    return event_file_.open(fmt::format("{}/{}", run.folder(), kEventsName));
  }

  Result<int> execute() {
    UpgradeRun run({plan_, fleet_, facts_.uid},
                   {run_, as_typed(invocation_, CommandId::Resume, {})}, invocation_.state_dir,
                   events_, mailbox_);
    DROVER_TRY(open(run));
    events_.emit(RunStarted{plan_.cluster, "", kCommand});
    events_.emit(PlanMade{plan_});
    RunEnd end = run.execute({});
    events_.emit(RunFinished{end.status, end.exit_code, std::move(end.left), end.message});
    return tell(end.exit_code, run_);
  }

  /// What there is now, as kubeadm says it, once all of it was renewed.
  void look_again() {
    const auto now = survey_certificates(files_.inventory, fleet_, kSoon, stop_.get_token());
    if (!now) return warn("what there is now could not be looked at: " + now.error().message);
    certificates_ = *now;
    if (!console_.json)
      console_.print('\n' + certificates_text(certificates_, console_.out_style.color));
  }

  int tell(int code, const std::string& run) {
    if (code == kExitDone) look_again();
    if (console_.json) {
      console_.print(certs_renew_json(plan_, certificates_, ends_.by_step(), run, code));
    }
    return code;
  }

  const Invocation& invocation_;
  const Console& console_;
  const Files files_;
  remote::SystemClock clock_;
  const std::string run_;
  TextView view_;
  StepEnds ends_;
  EventFile event_file_;
  EventLog events_;
  Mailbox mailbox_;
  std::stop_source stop_;
  std::vector<plans::HostCertificates> certificates_;
  plans::EtcdReport etcd_;
  ClusterFacts facts_;
  plans::Plan plan_;
  SignalWatch watch_;  // its thread uses the members above; before the fleet, which may ask
  Fleet fleet_;
};

}  // namespace

int certs_renew_command(const Invocation& invocation, const Console& console) {
  const auto complain = [&](const Error& error) {
    console.complain(error);
    return exit_code(error.kind);
  };
  if (!invocation.yes && !has_terminal()) {
    return complain({.kind = ErrorKind::Usage,
                     .message = "there is no terminal to ask on, and no --yes",
                     .remedy = "look at `drover certs status` first, then `drover certs "
                               "renew --yes`"});
  }
  auto files = load_inventory_file(invocation.inventory_file.empty() ? "inventory.yaml"
                                                                     : invocation.inventory_file);
  if (const auto* wrong = std::get_if<Diagnostics>(&files)) {
    console.complain(*wrong);
    return kExitFile;
  }
  const Result<int> code = CertsRenew(invocation, console, std::get<Files>(std::move(files))).run();
  return code ? *code : complain(code.error());
}

}  // namespace drover::orchestrator
