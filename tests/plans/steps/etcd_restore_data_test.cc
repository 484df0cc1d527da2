#include <catch2/catch.hpp>

#include "tests/support/restore_step_case.h"

namespace drover::plans {

using Catch::Matchers::Contains;
using test::after;
using test::told;

TEST_CASE("old data are kept and new ones come, however often it is cut off", "[etcd]") {
  const RestoreStepCase one;
  Machine machine(one);
  const CommandResult said = machine.restore();
  CAPTURE(said.err);
  REQUIRE(said.ok());
  CHECK_THAT(said.out, Contains("restored"));
  CHECK(machine.now() == "new");
  CHECK(machine.kept() == "old");
  const std::string call = machine.read("calls");
  CHECK_THAT(call, Contains("--name=cp1 --initial-cluster=cp1=https://10.0.0.11:2380 "
                            "--initial-cluster-token=drover-20261128T065000Z-3f2a "
                            "--initial-advertise-peer-urls=https://10.0.0.11:2380 "
                            "--bump-revision=1000000000 --mark-compacted\n"));
  CHECK(machine.restore().ok());
  CHECK(machine.read("calls") == call);
  CHECK(machine.kept() == "old");
  CHECK(told(decide_etcd_restore_data(machine.step, after(said), {})) ==
        std::string("done: restored; the old data are in /var/lib/etcd.before-") + kRestoreRun);
}

TEST_CASE("S5: a restore that is killed before any command of its script goes on there", "[etcd]") {
  // Each of these ends the script in its place of the n-th call of that program.
  for (const char* program :
       {"mkdir", "rm", "sha256sum", "etcdutl", "chown", "chmod", "mv", "sync"}) {
    for (int nth = 1; nth < 8; ++nth) {
      const RestoreStepCase one;
      Machine machine(one);
      const std::string real = std::string(program) == "etcdutl" ? machine.path() + "/bin/real-utl"
                                                                 : std::string("/bin/") + program;
      if (std::string(program) == "etcdutl") {
        machine.program("real-utl", machine.read("bin/etcdutl"));
      }
      machine.program(
          program,
          "echo x >>\"$ROOM/count\"\nif [ \"$(wc -l <\"$ROOM/count\")\" = " + std::to_string(nth) +
              " ]; then kill -9 $PPID; exit 1; fi\nexec " + real + " \"$@\"\n");
      CAPTURE(program, nth);
      const CommandResult first = machine.restore();
      const bool killed = !first.ok();
      const std::string was = machine.exists("var/lib/etcd/member") ? machine.now() : "";
      CHECK((was == "old" || was == "new" || machine.kept() == "old"));
      machine.program(program, "exec " + real + " \"$@\"\n");
      const CommandResult second = machine.restore();
      CAPTURE(second.err);
      CHECK(second.ok());
      CHECK(machine.now() == "new");
      CHECK(machine.kept() == "old");
      CHECK_FALSE(machine.exists(std::string("var/lib/etcd/drover-restoring-") + kRestoreRun));
      if (!killed) break;
    }
  }
}

TEST_CASE("what was not sent is not restored, and data that are gone need not be kept", "[etcd]") {
  const RestoreStepCase one;
  Machine machine(one);
  machine.file(one.restore.copy().substr(1), "snapshoT");
  const CommandResult said = machine.restore();
  CHECK_FALSE(said.ok());
  CHECK_THAT(said.err, Contains("is not the snapshot that was sent"));
  CHECK(machine.now() == "old");
  CHECK_THAT(told(decide_etcd_restore_data(machine.step, after(said), {})),
             Contains("fail: cp1: restoring etcd's data") && Contains("not the snapshot"));
  machine.file(one.restore.copy().substr(1), "snapshot");
  CHECK(machine.run("rm -r /var/lib/etcd").ok());
  CHECK(machine.restore().ok());
  CHECK(machine.now() == "new");
  CHECK(machine.restore().ok());
  CHECK(machine.now() == "new");
}

TEST_CASE("etcd's image restores where the machine has no program", "[etcd]") {
  RestoreStepCase one;
  one.member.tool = RestoreTool::Image;
  const bool has_utl = GENERATE(true, false);
  Machine machine(one);
  machine.program("restores", machine.read("bin/etcdutl"));
  machine.program("ctr",
                  "echo \"ctr $*\" >>\"$ROOM/calls\"\nshift 4\nif [ \"$1\" != run ]; then exit 1; "
                  "fi\nwhile [ \"$1\" != drover-20261128T065000Z-3f2a ]; do shift; done\nshift\n"
                  "if [ \"$1\" = etcdutl ]; then " +
                      std::string(has_utl ? "" : "exit 1; ") +
                      "if [ \"$2\" = version ]; then exit 0; fi; fi\nshift\nexec "
                      "\"$ROOM/bin/restores\" \"$@\"\n");
  const CommandResult said = machine.restore();
  CAPTURE(said.err, has_utl);
  CHECK(said.ok());
  CHECK(machine.now() == "new");
  CHECK_THAT(
      machine.read("calls"),
      Contains("ctr -a /run/containerd/containerd.sock -n k8s.io run --rm --mount "
               "type=bind,src=") &&
          Contains(std::string("registry.k8s.io/etcd:3.5.24-0 drover-20261128T065000Z-3f2a ") +
                   (has_utl ? "etcdutl" : "etcdctl") + " snapshot restore") &&
          Contains("containers delete drover-20261128T065000Z-3f2a"));
}

}  // namespace drover::plans
