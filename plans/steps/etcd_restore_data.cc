#include <fmt/format.h>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/etcd/restore.h"
#include "plans/etcd/restore_text.h"
#include "plans/etcd/shell.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kWhole = "restored";

std::string tool_text(const RestoreMember& member) {
  switch (member.tool) {
    case RestoreTool::Etcdutl:
      return std::string(kHostEtcdutl);
    case RestoreTool::Etcdctl:
      return std::string(kHostEtcdctl);
    case RestoreTool::Image:
    case RestoreTool::None:
      return fmt::format("image={}\n", quote(member.image)) + std::string(kImageTool);
  }
  return "";
}

std::string script_of(const Restore& restore, const RestoreMember& member) {
  std::string text = runtime_shell();
  text += fmt::format("data={}\nkept={}\nrun={}\n", quote(member.data),
                      quote(restore.kept_folder(member)), quote(restore.run));
  text += fmt::format("snapshot={}\nsum={}\nbytes={}\n", quote(restore.copy()), restore.sha256,
                      restore.bytes);
  text += fmt::format("name={}\npeer={}\ncluster={}\ntoken={}\nbump={}\n", quote(member.name),
                      quote(member.peer_url), quote(restore.initial_cluster()),
                      quote(restore.token()), kRevisionBump);
  text += tool_text(member);
  text += kRestoreData;
  return text;
}

}  // namespace

Step make_etcd_restore_data(const Scope& scope, const Restore& restore,
                            const RestoreMember& member) {
  Step step = scope.step(
      StepKind::EtcdRestoreData, member.host,
      fmt::format("restore etcd's data on {}", member.host->name),
      fmt::format("the snapshot becomes the data of a new cluster with revisions that never go "
                  "back; the old data stay in {}",
                  restore.kept_folder(member)));
  step.commands = {Command{
      .script = script_of(restore, member), .mutates = true, .timeout = std::chrono::minutes(20)}};
  step.params = {{"copy", restore.copy()}, {"kept", restore.kept_folder(member)}};
  step.timeout = std::chrono::minutes(25);
  step.estimate = std::chrono::seconds(10);
  return step;
}

Queries look_etcd_restore_data(const Step& step, const Attempt& attempt) {
  return look_at_nothing(step, attempt);
}

/// The script itself looks how far an earlier one came, and goes on there.
Decision decide_etcd_restore_data(const Step& step, const Attempt& attempt, const Answers&) {
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0);
  if (!last->ok()) {
    return fail(step_failed(step, "restoring etcd's data", *last,
                            fmt::format("put right on {} what is said here, then `drover resume`; "
                                        "the old data are in the old place, or in {}",
                                        step.host, step.param("kept"))),
                passing(*last));
  }
  const bool told = last->out.find(kWhole) != std::string::npos;
  if (!told) return fail(step_failed(step, "restoring etcd's data", *last), true);
  return done(fmt::format("restored; the old data are in {}", step.param("kept")));
}

}  // namespace drover::plans
