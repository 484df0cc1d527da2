#include <fmt/format.h>

#include <optional>

#include "inventory/base/text.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/cluster_session.h"
#include "orchestrator/console.h"
#include "orchestrator/lock/cluster_lock.h"
#include "orchestrator/lock/lock_file.h"
#include "orchestrator/ui/lock_text.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {
namespace {

/// Who would take the Lease: nobody. Only what is read and what is taken away goes through it.
Holder nobody() { return this_process("lock-release"); }

/// `drover lock show|release`: the Lease of an inventory's cluster, without any run.
class LockCommand {
 public:
  LockCommand(const Invocation& invocation, const Console& console, const Inventory& inventory)
      : invocation_(invocation), console_(console), inventory_(inventory), session_(inventory) {}

  Result<int> show() {
    DROVER_TRY_ASSIGN(const LockView view, look());
    print(view);
    return kExitDone;
  }

  Result<int> release() {
    DROVER_TRY_ASSIGN(LockView view, look());
    if (!view.held()) {
      print(view);
      return kExitDone;
    }
    if (view.life() == Life::Alive) return lives(*view.holder());
    if (!invocation_.yes) {
      if (!console_.json) print(view);
      if (!confirm("Take the lock away from it?", session_.stop())) {
        return session_.stopped() ? kExitInterrupted : kExitRefused;
      }
    }
    DROVER_TRY(lock_->take_away(*view.lease, session_.stop()));
    view.released = true;
    view.lease.reset();
    print(view);
    return kExitDone;
  }

 private:
  Result<LockView> look() {
    DROVER_TRY(session_.open());
    lock_.emplace(session_.api(), session_.api(), session_.clock(), nobody());
    LockView view{.cluster = inventory_.cluster,
                  .file = fmt::format("{}/{}/lock", invocation_.state_dir, inventory_.cluster)};
    DROVER_TRY_ASSIGN(view.lease, lock_->read(session_.stop()));
    view.file_holder = holder_of(view.file);
    return view;
  }

  static Error lives(const Holder& holder) {
    return {.kind = ErrorKind::Locked,
            .message = fmt::format("the holder of the lock kube-system/drover lives on this "
                                   "machine: {}",
                                   holder.shown()),
            .remedy = fmt::format("wait for it to end, or stop it at its next safe point: `drover "
                                  "pause {0}`, or `kill -INT {1}`",
                                  sanitise(holder.run), holder.pid)};
  }

  void print(const LockView& view) const {
    console_.print(console_.json ? lock_json(view) : lock_text(view));
  }

  const Invocation& invocation_;
  const Console& console_;
  const Inventory& inventory_;
  ClusterSession session_;
  std::optional<ClusterLock> lock_;
};

}  // namespace

int lock_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const bool releases = invocation.action == "release";
  if (releases && !invocation.yes && !has_terminal()) {
    const Error error{
        .kind = ErrorKind::Usage,
        .message = "there is no terminal to ask on, and no --yes",
        .remedy = "look at `drover lock show` first, then `drover lock release --yes`"};
    console.complain(error);
    return exit_code(error.kind);
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    LockCommand command(invocation, console, inventory);
    return releases ? command.release() : command.show();
  });
}

}  // namespace drover::orchestrator
