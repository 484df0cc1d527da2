#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "inventory/base/text.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/journalled_command.h"
#include "orchestrator/console.h"
#include "orchestrator/etcd/given_manifests.h"
#include "orchestrator/etcd/restore_survey.h"
#include "orchestrator/etcd/send_snapshot.h"
#include "orchestrator/etcd/snapshot_file.h"
#include "orchestrator/etcd/snapshot_version.h"
#include "orchestrator/state/run_list.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/upgrade_run.h"
#include "plans/etcd/backup_names.h"
#include "plans/etcd/restore_plan.h"
#include "remote/ssh/capsule.h"

namespace drover::orchestrator {
namespace {

constexpr const char* kCommand = "etcd restore";

/// `drover etcd restore`: verify here, look, plan, question, send, run.
class EtcdRestore {
 public:
  EtcdRestore(const Invocation& invocation, const Console& console, Files files)
      : invocation_(invocation),
        console_(console),
        frame_(invocation, console, std::move(files), kCommand) {}

  Result<int> run() {
    DROVER_TRY(read_snapshot());
    const auto given = read_manifests();
    auto survey = survey_for_restore(frame_.inventory(), given, frame_.fleet(), frame_.stop());
    if (const auto* errors = std::get_if<std::vector<Error>>(&survey)) return refuse(*errors);
    survey_ = std::get<RestoreSurvey>(std::move(survey));
    DROVER_TRY(make_plan());
    if (!plan_.blocked() && frame_.holds_elsewhere(survey_.facts)) {
      return ClusterLock::held_by(*survey_.facts.lock);
    }
    if (!console_.json) {
      const bool commands = invocation_.commands && !plan_.blocked();
      console_.print(etcd_restore_preview_text(plan_, source_, invocation_.dry_run && !commands,
                                               console_.out_style));
      if (commands) console_.print('\n' + steps_text(plan_, console_.out_style));
    }
    if (plan_.blocked()) return tell(kExitRefused, "");
    if (invocation_.dry_run) return tell(kExitDone, "");
    if (!frame_.agreed()) return frame_.refused();
    DROVER_TRY(look_at_lock_again());
    std::vector<std::string> hosts;
    for (const Host& host : frame_.inventory().hosts) hosts.push_back(host.name);
    DROVER_TRY_ASSIGN(const int code, frame_.execute(plan_, survey_.facts, std::move(hosts),
                                                     [this] { return send(); }));
    return tell(code, frame_.run());
  }

 private:
  /// A file that is not what was saved is refused like anything else that keeps a restore from
  /// being done.
  Status read_snapshot() {
    source_.path =
        std::filesystem::absolute(invocation_.arguments.front()).lexically_normal().string();
    auto snapshot = verify_snapshot(source_.path, frame_.stop());
    if (!snapshot) {
      Error error = snapshot.error();
      if (error.kind == ErrorKind::File) error.kind = ErrorKind::Refused;
      return error;
    }
    source_.sha256 = snapshot->sha256;
    source_.bytes = snapshot->bytes;
    source_.revision = snapshot->revision;
    const std::string name = std::filesystem::path(source_.path).filename().string();
    if (const auto named = plans::read_backup_name(name)) source_.saved = named->time;
    source_.kubernetes = kubernetes_of(source_.path);
    return {};
  }

  std::map<std::string, plans::Manifests> read_manifests() {
    if (!invocation_.has("with-manifests")) return {};
    const std::filesystem::path folder = invocation_.value("with-manifests");
    manifests_ = std::filesystem::absolute(folder).lexically_normal().string();
    while (manifests_.size() > 1 && manifests_.ends_with('/')) manifests_.pop_back();
    return read_given_manifests(manifests_, frame_.inventory());
  }

  int refuse(const std::vector<Error>& errors) {
    int code = kExitDone;
    for (const Error& error : errors) {
      console_.complain(error);
      code = std::max(code, exit_code(error.kind));
    }
    return frame_.stop().stop_requested() ? kExitInterrupted : code;
  }

  Result<std::string> unfinished_restore() const {
    DROVER_TRY_ASSIGN(const RunList list, list_runs(invocation_.state_dir));
    for (const ListedRun& run : list.runs) {
      const bool ours = run.cluster == frame_.inventory().cluster && run.memory &&
                        run.memory->command == kCommand;
      if (ours && run.unfinished() && !run.superseded) return run.id;
    }
    return std::string();
  }

  Status make_plan() {
    DROVER_TRY_ASSIGN(const std::string unfinished, unfinished_restore());
    plan_ = plans::make_restore_plan({.inventory = frame_.inventory(),
                                      .facts = survey_.facts,
                                      .source = source_,
                                      .seen = survey_.seen,
                                      .api = survey_.api,
                                      .manifests = manifests_,
                                      .revision = survey_.revision,
                                      .strangers = survey_.strangers,
                                      .run = frame_.run(),
                                      .unfinished = unfinished,
                                      .created = frame_.created(),
                                      .preamble = remote::capsule_frame(),
                                      .self = frame_.self(survey_.facts),
                                      .inventory_path = frame_.inventory_path()});
    return {};
  }

  /// The question may have stood for long. An API that has gone away meanwhile tells nothing.
  Status look_at_lock_again() {
    if (!survey_.api) return {};
    ClusterFacts now;
    if (frame_.identify(now) && frame_.holds_elsewhere(now)) return ClusterLock::held_by(*now.lock);
    return {};
  }

  Status send() {
    const plans::SnapshotCopy copies = *plans::copies_of(plan_);
    if (!console_.json)
      console_.print(fmt::format("Sending the snapshot to {} ...\n", join(copies.hosts, ", ")));
    DROVER_TRY(send_snapshot(copies, frame_.fleet(), frame_.stop()));
    return send_manifests(plans::manifests_to_send(plan_, {}), frame_.fleet(), frame_.stop());
  }

  int tell(int code, const std::string& run) const {
    if (console_.json) console_.print(etcd_restore_json(plan_, source_, frame_.ends(), run, code));
    return code;
  }

  const Invocation& invocation_;
  const Console& console_;
  JournalledCommand frame_;
  plans::RestoreSource source_;
  std::string manifests_;
  RestoreSurvey survey_;
  plans::Plan plan_;
};

}  // namespace

int etcd_restore_command(const Invocation& invocation, const Console& console) {
  int code = kExitDone;
  auto files =
      files_of(invocation, console, "look at `drover etcd restore --dry-run FILE` first", code);
  if (!files) return code;
  const Result<int> end = EtcdRestore(invocation, console, std::move(*files)).run();
  if (end) return *end;
  console.complain(end.error());
  return exit_code(end.error().kind);
}

}  // namespace drover::orchestrator
