#pragma once

#include "inventory/base/digest.h"
#include "plans/etcd/restore.h"
#include "plans/steps/catalogue.h"
#include "tests/support/shell.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

/// What the steps of `drover etcd restore` are made for.
namespace drover::plans {

inline constexpr const char* kRestoreRun = "20261128T065000Z-3f2a";

struct RestoreStepCase {
  RestoreStepCase() {
    member.host = &hop.host("cp1");
    restore.members = {member};
  }
  Scope scope() const {
    Scope scope = hop.scope();
    scope.node_command = "etcd restore";
    return scope;
  }
  test::Hop hop;
  RestoreMember member{.name = "cp1",
                       .peer_url = "https://10.0.0.11:2380",
                       .image = "registry.k8s.io/etcd:3.5.24-0",
                       .tool = RestoreTool::Etcdutl};
  Restore restore{.run = kRestoreRun,
                  .file = "/here/etcd.db",
                  .sha256 = sha256_hex("snapshot"),
                  .bytes = 8,
                  .revision = 439};
};

inline Error unreachable() {
  Error error;
  error.kind = ErrorKind::Unreachable;
  error.message = "cp1: connection lost";
  return error;
}

/// A control plane that stands still, with etcdutl of its own.
class Machine : public test::ScriptRoom {
 public:
  explicit Machine(const RestoreStepCase& one)
      : step(make_etcd_restore_data(one.scope(), one.restore, one.member)) {
    file("var/lib/etcd/member/snap/db", "old");
    file(one.restore.copy().substr(1), "snapshot");
    program("etcdutl",
            "echo \"etcdutl $*\" >>\"$ROOM/calls\"\n"
            "for word in \"$@\"; do case $word in --data-dir=*) data=${word#*=} ;; esac; done\n"
            "if [ -e \"$data\" ]; then echo 'Error: not empty' >&2; exit 1; fi\n"
            "mkdir -p \"$data/member/snap\" \"$data/member/wal\"\n"
            "printf new >\"$data/member/snap/db\"\n");
  }
  CommandResult restore() { return run(step.commands[0].script); }
  std::string now() const { return read("var/lib/etcd/member/snap/db"); }
  std::string kept() const {
    return read(std::string("var/lib/etcd.before-") + kRestoreRun + "/member/snap/db");
  }
  Step step;
};

}  // namespace drover::plans
