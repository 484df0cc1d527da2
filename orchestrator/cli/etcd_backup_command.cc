#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "inventory/base/duration.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "orchestrator/cli/arguments.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/etcd/backup_folder.h"
#include "orchestrator/etcd/etcd_survey.h"
#include "orchestrator/exec_run.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/file_io.h"
#include "orchestrator/state/journal_file.h"
#include "orchestrator/state/state_folder.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/utc.h"
#include "plans/etcd/backup_names.h"
#include "plans/etcd/judge.h"
#include "plans/etcd/save.h"
#include "plans/node_choice.h"

namespace drover::orchestrator {
namespace {

constexpr std::chrono::minutes kFetch{60};

struct BackupOptions {
  std::string folder;   ///< here, absolute
  std::string host;     ///< "": whichever is well
  std::string via_dir;  ///< there, absolute
  plans::Keep keep;
};

Result<BackupOptions> read_options(const Invocation& invocation) {
  BackupOptions options{.host = invocation.value("host"), .via_dir = "/var/backups/drover"};
  const std::string to = invocation.has("to") ? invocation.value("to") : "backups";
  const char* explains = "`drover help etcd` explains it";
  if (to.empty()) return usage("--to names no folder", explains);
  options.folder = std::filesystem::absolute(to).lexically_normal().string();
  while (options.folder.size() > 1 && options.folder.ends_with('/')) options.folder.pop_back();
  if (invocation.has("via-dir")) options.via_dir = invocation.value("via-dir");
  if (!options.via_dir.starts_with('/') || options.via_dir.find('\n') != std::string::npos) {
    return usage(fmt::format("--via-dir {}: wanted is an absolute path on the control plane",
                             quote(sanitise(options.via_dir, 80))),
                 explains);
  }
  if (invocation.has("keep")) {
    const std::string text = invocation.value("keep");
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), options.keep.count);
    if (error != std::errc() || end != text.data() + text.size() || options.keep.count < 1) {
      return usage(fmt::format("--keep {}: wanted is a number of backups from 1 on",
                               quote(sanitise(text, 80))),
                   explains);
    }
  }
  if (!invocation.has("keep-for")) return options;
  const std::string text = invocation.value("keep-for");
  const auto age = parse_duration(text);
  if (!age || age->count() < 1) {
    return usage(fmt::format("--keep-for {}: wanted is a duration such as 36h or 720h",
                             quote(sanitise(text, 80))),
                 explains);
  }
  options.keep.age = *age;
  return options;
}

/// `drover etcd backup`: save there, verify, fetch, verify here, place, prune. No lock: it changes
/// nothing of the cluster.
class EtcdBackup {
 public:
  EtcdBackup(const Invocation& invocation, const Console& console, const Inventory& inventory,
             BackupOptions options)
      : invocation_(invocation),
        console_(console),
        inventory_(inventory),
        options_(std::move(options)),
        run_(new_run_id(clock_.wall(), invocation.state_dir)),
        name_(plans::backup_name(inventory.cluster, run_)),
        watch_([this] {
          stop_.request_stop();
          mailbox_.post(Interrupt{});
        }),
        fleet_(inventory, stop_.get_token()) {}

  Result<int> run() {
    DROVER_TRY(prepare_backup_folder(options_.folder));
    sweep_backup_folder(options_.folder, inventory_.cluster);
    DROVER_TRY(choose_host());
    DROVER_TRY(open_journal());
    auto done = save_and_fetch();
    const int code = done ? kExitDone : exit_code(done.error().kind);
    const Status ended =
        journal_->append({.type = "run-ended", .fields = {{"exit_code", std::to_string(code)}}});
    if (!ended) warn(ended.error().message);
    DROVER_TRY(done);
    prune();
    console_.print(console_.json ? etcd_backup_json(view_) : etcd_backup_text(view_));
    return kExitDone;
  }

 private:
  std::string path(const std::string& name) const { return options_.folder + '/' + name; }

  Status choose_host() {
    if (!options_.host.empty()) {
      DROVER_TRY_ASSIGN(const auto named, plans::name_nodes(inventory_, {options_.host}));
      if (!named.front().host->has(Role::ControlPlane)) {
        return usage(fmt::format("--host {}: no etcd runs there, it is no control plane",
                                 named.front().host->name),
                     "name a host with the role control-plane");
      }
      view_.host = named.front().host->name;
      return fleet_.credentials();
    }
    DROVER_TRY_ASSIGN(const auto seen, survey_etcd(inventory_, fleet_, stop_.get_token()));
    DROVER_TRY_ASSIGN(view_.host, plans::choose_member(plans::judge_etcd(seen)));
    return {};
  }

  Status open_journal() {
    const std::string folder =
        fmt::format("{}/{}/exec/{}", invocation_.state_dir, inventory_.cluster, run_);
    DROVER_TRY(make_folders(folder));
    DROVER_TRY_ASSIGN(journal_, JournalFile::open(folder + "/journal.jsonl",
                                                  [this] { return utc_millis(clock_.wall()); }));
    return journal_->append({.type = "run-begun",
                             .fields = {{"schema", std::string(kJournalSchema)},
                                        {"run", run_},
                                        {"cluster", inventory_.cluster},
                                        {"command", "etcd backup"}}});
  }

  /// One command in a capsule of its own (S4), which is awaited also after Ctrl-C. One that comes
  /// in by `mailbox` before it keeps it from being begun.
  Result<CommandResult> carry_out(const std::string& capsule, const Command& command,
                                  Mailbox& mailbox) {
    ExecRun exec(capsule, {.node = [this](const std::string& host) { return fleet_.node(host); },
                           .journal = *journal_,
                           .mailbox = mailbox,
                           .output = [](const std::string&, remote::Stream, std::string_view) {},
                           .tell = warn});
    const ExecResult result = exec.run({inventory_.find(view_.host)}, command).front();
    if (result.error) return *result.error;
    return result.result;
  }

  Status save_and_fetch() {
    DROVER_TRY_ASSIGN(const CommandResult said,
                      carry_out(run_, plans::save_snapshot(options_.via_dir, run_), mailbox_));
    DROVER_TRY_ASSIGN(const plans::SavedSnapshot saved,
                      plans::read_saved_snapshot(view_.host, said));
    const std::string fetched = path('.' + name_);
    const Status done = fetch(saved, fetched);
    if (!done) {
      std::remove(fetched.c_str());
      std::remove((fetched + ".part").c_str());
    }
    Mailbox nobodys;  // it is taken away whatever was pressed meanwhile
    const auto removed =
        carry_out(run_ + "-end", plans::remove_snapshot(options_.via_dir, run_), nobodys);
    if (!removed || !removed->ok()) {
      warn(fmt::format("{}: {} is still there and can be removed", view_.host,
                       sanitise(saved.path)));
    }
    return done;
  }

  Status fetch(const plans::SavedSnapshot& saved, const std::string& fetched) {
    if (stop_.stop_requested()) {
      return Error{.kind = ErrorKind::Cancelled,
                   .message = "stopped: the snapshot was not fetched"};
    }
    DROVER_TRY(check_room(options_.folder, saved.bytes));
    DROVER_TRY(fleet_.files(view_.host)->download(saved.path, fetched, kFetch, stop_.get_token()));
    DROVER_TRY_ASSIGN(view_.snapshot, verify_snapshot(fetched, stop_.get_token()));
    DROVER_TRY(compare(saved));
    DROVER_TRY(place_file(fetched, path(name_)));
    view_.path = path(name_);
    view_.cluster = inventory_.cluster;
    if (!saved.status) return {};
    view_.hash = saved.status->hash;
    view_.keys = saved.status->keys;
    return {};
  }

  /// What was verified here is what was verified there, by etcd's own tools too.
  Status compare(const plans::SavedSnapshot& saved) const {
    Error error{.kind = ErrorKind::Command,
                .remedy = "take another one; when it happens again, look at the disks of both",
                .host = view_.host};
    if (view_.snapshot.sha256 != saved.sha256) {
      error.message = fmt::format("{}: what came is not what was saved there: its SHA-256 is {}",
                                  view_.host, view_.snapshot.sha256);
      return error;
    }
    if (saved.status && saved.status->revision != view_.snapshot.revision) {
      error.message =
          fmt::format("{}: etcd says that the snapshot is of revision {}, its newest key is of {}",
                      view_.host, saved.status->revision, view_.snapshot.revision);
      return error;
    }
    return {};
  }

  /// What cannot be pruned is no reason to call the backup a failure.
  void prune() {
    const auto names = files_in(options_.folder);
    if (!names) return warn(names.error().message);
    for (const std::string& name : plans::to_prune(*names, inventory_.cluster, name_,
                                                   utc_seconds(clock_.wall()), options_.keep)) {
      if (unlink(path(name).c_str()) == 0) {
        view_.pruned.push_back(path(name));
      } else {
        warn(fmt::format("{} could not be pruned", sanitise(path(name))));
      }
    }
    if (!view_.pruned.empty()) {
      if (const Status synced = sync_folder(options_.folder); !synced) warn(synced.error().message);
    }
  }

  const Invocation& invocation_;
  const Console& console_;
  const Inventory& inventory_;
  const BackupOptions options_;
  remote::SystemClock clock_;
  const std::string run_;
  const std::string name_;
  EtcdBackupView view_;
  Mailbox mailbox_;
  std::stop_source stop_;
  SignalWatch watch_;  // its thread uses the members above; before the fleet, which may ask
  Fleet fleet_;
  std::unique_ptr<JournalFile> journal_;
};

}  // namespace

int etcd_backup_command(const Invocation& invocation, const Console& console) {
  auto options = read_options(invocation);
  if (!options) {
    console.complain(options.error());
    return exit_code(options.error().kind);
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    return EtcdBackup(invocation, console, inventory, std::move(*options)).run();
  });
}

}  // namespace drover::orchestrator
