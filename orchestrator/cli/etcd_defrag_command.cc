#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/journalled_command.h"
#include "orchestrator/etcd/etcd_survey.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/upgrade_run.h"
#include "plans/etcd/defrag_plan.h"
#include "remote/ssh/capsule.h"

namespace drover::orchestrator {
namespace {

/// `drover etcd defrag`: look, plan, question, lock, run.
class EtcdDefrag {
 public:
  EtcdDefrag(const Invocation& invocation, const Console& console, Files files)
      : console_(console), frame_(invocation, console, std::move(files), "etcd defrag") {}

  Result<int> run() {
    DROVER_TRY_ASSIGN(const auto seen,
                      survey_etcd(frame_.inventory(), frame_.fleet(), frame_.stop()));
    report_ = plans::judge_etcd(seen);
    DROVER_TRY(frame_.identify(facts_));
    plan_ = plans::make_defrag_plan({.inventory = frame_.inventory(),
                                     .facts = facts_,
                                     .report = report_,
                                     .created = frame_.created(),
                                     .preamble = remote::capsule_frame(),
                                     .self = frame_.self(facts_),
                                     .inventory_path = frame_.inventory_path()});
    if (!plan_.blocked() && frame_.holds_elsewhere(facts_))
      return ClusterLock::held_by(*facts_.lock);
    if (!console_.json)
      console_.print(etcd_defrag_preview_text(plan_, report_, console_.out_style));
    if (plan_.blocked()) return tell(kExitRefused, "");
    if (!frame_.agreed()) return frame_.refused();
    std::vector<std::string> hosts;
    for (const plans::Step& step : plan_.steps) hosts.push_back(step.host);
    DROVER_TRY_ASSIGN(const int code, frame_.execute(plan_, facts_, std::move(hosts)));
    return tell(code, frame_.run());
  }

 private:
  int tell(int code, const std::string& run) const {
    if (!console_.json) return code;
    std::map<std::string, StepFinished> by_host;
    for (const auto& [id, end] : frame_.ends()) by_host[end.step.node] = end;
    console_.print(etcd_defrag_json(plan_, report_, by_host, run, code));
    return code;
  }

  const Console& console_;
  JournalledCommand frame_;
  plans::EtcdReport report_;
  ClusterFacts facts_;
  plans::Plan plan_;
};

}  // namespace

int etcd_defrag_command(const Invocation& invocation, const Console& console) {
  int code = kExitDone;
  auto files =
      files_of(invocation, console,
               "look at `drover etcd status` first, then `drover etcd defrag --yes`", code);
  if (!files) return code;
  const Result<int> end = EtcdDefrag(invocation, console, std::move(*files)).run();
  if (end) return *end;
  console.complain(end.error());
  return exit_code(end.error().kind);
}

}  // namespace drover::orchestrator
