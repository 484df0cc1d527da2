#include "orchestrator/await_cluster.h"
#include "orchestrator/certs_survey.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/journalled_command.h"
#include "orchestrator/etcd/etcd_survey.h"
#include "orchestrator/gather.h"
#include "orchestrator/ui/certs_text.h"
#include "orchestrator/upgrade_run.h"
#include "plans/certs/renew_plan.h"
#include "remote/ssh/capsule.h"

namespace drover::orchestrator {
namespace {

constexpr std::chrono::hours kSoon{30 * 24};  // of an authority

/// `drover certs renew`: look, plan, question, lock, run, look again.
class CertsRenew {
 public:
  CertsRenew(const Invocation& invocation, const Console& console, Files files)
      : console_(console),
        without_lock_(invocation.has("without-lock")),
        frame_(invocation, console, std::move(files), "certs renew") {}

  Result<int> run() {
    DROVER_TRY(look());
    plan_ = plans::make_renew_plan({.inventory = frame_.inventory(),
                                    .facts = facts_,
                                    .certificates = certificates_,
                                    .etcd = etcd_,
                                    .created = frame_.created(),
                                    .preamble = remote::capsule_frame(),
                                    .run = frame_.run(),
                                    .self = frame_.self(facts_),
                                    .inventory_path = frame_.inventory_path(),
                                    .api_away = api_away_,
                                    .without_lock = without_lock_});
    if (!plan_.blocked() && frame_.holds_elsewhere(facts_))
      return ClusterLock::held_by(*facts_.lock);
    if (!console_.json)
      console_.print(certs_renew_preview_text(plan_, certificates_, console_.out_style));
    if (plan_.blocked()) return tell(kExitRefused, "");
    if (!frame_.agreed()) return frame_.refused();
    std::vector<std::string> hosts;
    for (const plans::Step& step : plan_.steps) {
      if (step.kind == plans::StepKind::CertsRenew) hosts.push_back(step.host);
    }
    DROVER_TRY_ASSIGN(const int code, frame_.execute(plan_, facts_, std::move(hosts)));
    if (code == kExitDone) look_again();
    return tell(code, frame_.run());
  }

 private:
  Result<std::vector<plans::HostCertificates>> survey() {
    return survey_certificates(frame_.inventory(), frame_.fleet(), kSoon, frame_.stop());
  }

  Status look() {
    DROVER_TRY_ASSIGN(certificates_, survey());
    for (const plans::HostCertificates& seen : certificates_) {
      if (!seen.no_login.empty())
        return Error{.kind = ErrorKind::Unreachable,
                     .message = seen.no_login,
                     .remedy = "every control plane is looked at before one is changed"};
    }
    DROVER_TRY(look_at_api());
    if (!api_away_.empty()) facts_.kubeadm.external_etcd = !plans::has_own_etcd(certificates_);
    if (!facts_.kubeadm.external_etcd && api_away_.empty()) {
      DROVER_TRY_ASSIGN(const auto seen,
                        survey_etcd(frame_.inventory(), frame_.fleet(), frame_.stop()));
      etcd_ = plans::judge_etcd(seen);
    }
    return {};
  }

  /// With certificates that have expired it is away just when they must be renewed.
  Status look_at_api() {
    std::vector<std::string> expired;
    for (const plans::HostCertificates& seen : certificates_) {
      if (seen.expired()) expired.push_back(seen.host);
    }
    if (!expired.empty() && expired.size() < certificates_.size())
      DROVER_TRY(frame_.fleet().prepare_api_beside(expired));
    Status known = frame_.identify(facts_);
    if (known) known = gather_kubeadm_config(*frame_.fleet().api(), facts_, frame_.stop());
    if (known || !plans::any_expired(certificates_) || !is_out_of_reach(known.error().kind))
      return known;
    api_away_ = known.error().message;
    return frame_.fleet().prepare_api_anew();
  }

  /// What there is now, as kubeadm says it.
  void look_again() {
    const auto now = survey();
    if (!now) return warn("what there is now could not be looked at: " + now.error().message);
    certificates_ = *now;
    if (!console_.json)
      console_.print('\n' + certificates_text(certificates_, console_.out_style.color));
  }

  int tell(int code, const std::string& run) const {
    if (console_.json)
      console_.print(certs_renew_json(plan_, certificates_, frame_.ends(), run, code));
    return code;
  }

  const Console& console_;
  const bool without_lock_;
  JournalledCommand frame_;
  std::vector<plans::HostCertificates> certificates_;
  plans::EtcdReport etcd_;
  std::string api_away_;  ///< why; "": it answers
  ClusterFacts facts_;
  plans::Plan plan_;
};

}  // namespace

int certs_renew_command(const Invocation& invocation, const Console& console) {
  int code = kExitDone;
  auto files =
      files_of(invocation, console,
               "look at `drover certs status` first, then `drover certs renew --yes`", code);
  if (!files) return code;
  const Result<int> end = CertsRenew(invocation, console, std::move(*files)).run();
  if (end) return *end;
  console.complain(end.error());
  return exit_code(end.error().kind);
}

}  // namespace drover::orchestrator
