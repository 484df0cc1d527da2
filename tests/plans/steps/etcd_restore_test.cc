#include <catch2/catch.hpp>
#include <filesystem>

#include "inventory/base/digest.h"
#include "plans/etcd/agreement.h"
#include "plans/etcd/given.h"
#include "plans/etcd/restore.h"
#include "plans/steps/catalogue.h"
#include "tests/support/shell.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

// The steps of `drover etcd restore`: what each decides, and what its script does to a machine.
namespace drover::plans {
namespace {

using Catch::Matchers::Contains;
using test::after;
using test::finished;
using test::one_answer;
using test::told;

constexpr const char* kRun = "20261128T065000Z-3f2a";

struct Case {
  Case() {
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
  Restore restore{.run = kRun,
                  .file = "/here/etcd.db",
                  .sha256 = sha256_hex("snapshot"),
                  .bytes = 8,
                  .revision = 439};
};

Error unreachable() {
  Error error;
  error.kind = ErrorKind::Unreachable;
  error.message = "cp1: connection lost";
  return error;
}

/// A control plane that stands still, with etcdutl of its own.
class Machine : public test::ScriptRoom {
 public:
  explicit Machine(const Case& one)
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
    return read(std::string("var/lib/etcd.before-") + kRun + "/member/snap/db");
  }
  Step step;
};

}  // namespace

TEST_CASE("nothing is stopped before the copy of the snapshot is there", "[etcd]") {
  const Case one;
  const Step step = make_snapshot_present(one.scope(), one.restore, one.member);
  CHECK_FALSE(step.mutates());
  const auto decide = [&](Result<CommandResult> said) {
    return told(decide_snapshot_present(step, {}, one_answer(std::move(said))));
  };
  CHECK_THAT(decide(finished(0, "sha256 " + one.restore.sha256 + "\n")), Contains("done: "));
  CHECK_THAT(decide(finished(0, "sha256 00\n")),
             Contains("fail: cp1: ") && Contains("is not what"));
  CHECK_THAT(decide(finished(0, "missing\n")), Contains("is gone"));
  CHECK_THAT(decide(unreachable()), Contains("wait: "));
  test::ScriptRoom room;
  room.file(one.restore.copy().substr(1), "snapshot");
  CHECK(is_copy(room.run(look_at_copy(one.restore.copy()).script), one.restore.sha256));
  CHECK(room.run(look_at_copy("/var/lib/none").script).out == "missing\n");
}

TEST_CASE("a control plane is stopped when no container of it runs", "[etcd]") {
  const Case one;
  const Step step = make_static_pods_stop(one.scope(), one.restore, one.member);
  const auto decide = [&](const std::string& said, const Attempt& attempt = {}) {
    return told(decide_static_pods_stop(step, attempt, one_answer(finished(0, said))));
  };
  CHECK(decide("kube-apiserver place running\netcd place running\n") == "run 0");
  CHECK(decide("kube-apiserver stopped running\netcd place running\n") == "run 0");
  CHECK(decide("kube-apiserver stopped running\netcd stopped \n") ==
        "wait: kube-apiserver to stop on cp1");
  CHECK_THAT(decide("kube-apiserver stopped \netcd stopped \n"), Contains("done: "));
  CHECK_THAT(decide("etcd placestopped \n"), Contains("fail: cp1: there are two manifests"));
  CHECK_THAT(decide("etcd nowhere \n"), Contains("fail: cp1: the manifest of etcd is gone"));
  CHECK_THAT(decide("etcd place \n", after(finished(1, "", "E: read-only file system\n"))),
             Contains("fail again: cp1: ") && Contains("read-only"));
}

TEST_CASE("manifests go and come back", "[etcd]") {
  const Case one;
  test::ScriptRoom room;
  // Another pod of the machine has a container of the name kube-scheduler.
  room.program("crictl",
               "case $* in *namespace=kube-system*'container.name=etcd '*) echo abc ;;"
               "*--name*kube-scheduler*) echo xyz ;; esac\n");
  for (const char* name :
       {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-vip"}) {
    room.file(std::string("etc/kubernetes/manifests/") + name + ".yaml", name);
  }
  room.file(one.restore.copy().substr(1), "snapshot");
  const std::string stopped = one.restore.stopped_folder().substr(1);
  const Step stop = make_static_pods_stop(one.scope(), one.restore, one.member);
  const auto look = [&] {
    return room.run(look_static_pods_stop(stop, {}).commands[0].script).out;
  };
  CHECK(look() ==
        "kube-scheduler place \nkube-controller-manager place \nkube-apiserver place \netcd place "
        "running\n");
  for (int again = 0; again < 2; ++again) {
    CHECK(room.run(stop.commands[0].script).ok());
    CHECK(room.list("etc/kubernetes/manifests") == "kube-vip.yaml\n");
  }
  CHECK_THAT(look(), Contains("etcd stopped running") && Contains("kube-scheduler stopped \n"));
  for (const Step& start : {make_etcd_start(one.scope(), one.restore, one.member),
                            make_api_server_start(one.scope(), one.restore, one.member),
                            make_controllers_start(one.scope(), one.restore, one.member)}) {
    CAPTURE(start.id);
    CHECK(room.exists(stopped));
    CHECK(room.exists(one.restore.copy().substr(1)));
    for (int again = 0; again < 2; ++again) CHECK(room.run(start.commands[0].script).ok());
  }
  CHECK(room.read("etc/kubernetes/manifests/etcd.yaml") == "etcd");
  CHECK(room.read("etc/kubernetes/manifests/kube-scheduler.yaml") == "kube-scheduler");
  CHECK_FALSE(room.exists(stopped));
  CHECK_FALSE(room.exists(one.restore.copy().substr(1)));
}

TEST_CASE("a manifest is put back once, and its container awaited", "[etcd]") {
  const Case one;
  const Step step = make_etcd_start(one.scope(), one.restore, one.member);
  const auto decide = [&](const std::string& said, const Attempt& attempt = {}) {
    return told(decide_etcd_start(step, attempt, one_answer(finished(0, said))));
  };
  CHECK(decide("etcd stopped \n") == "run 0");
  CHECK(decide("etcd place \n") == "wait: etcd to run on cp1");
  CHECK_THAT(decide("etcd place running\n"), Contains("done: etcd runs on cp1"));
  CHECK_THAT(decide("etcd nowhere \n"), Contains("fail: "));
  CHECK_THAT(decide("etcd stopped \n", after(finished(0))), Contains("was taken away again"));
  CHECK_THAT(told(decide_etcd_start(step, {}, one_answer(unreachable()))), Contains("wait: "));
}

namespace {

/// The control plane gets other manifests: "new NAME" in place of "NAME".
struct GivenCase : Case {
  GivenCase() {
    restore.manifests = "/here/before";
    for (const std::string_view name : kComponents) {
      member.given[std::string(name)] = sha256_hex("new " + std::string(name));
    }
  }
  std::string copy(const std::string& name) const {
    return restore.given_prefix().substr(1) + name + ".yaml";
  }
  std::string sum(const std::string& name) const { return member.given.at(name); }
};

/// As it is before anything is stopped.
void furnish(test::ScriptRoom& room, const GivenCase& one) {
  room.program("crictl", "exit 0\n");
  for (const std::string_view view : kComponents) {
    const std::string name(view);
    room.file("etc/kubernetes/manifests/" + name + ".yaml", name);
    room.file(one.copy(name), "new " + name);
  }
  room.file(one.restore.copy().substr(1), "snapshot");
}

}  // namespace

TEST_CASE("manifests that are given come in place, and those of before are kept", "[etcd]") {
  const GivenCase one;
  test::ScriptRoom room;
  furnish(room, one);
  const Step present = make_snapshot_present(one.scope(), one.restore, one.member);
  CHECK_FALSE(present.mutates());
  const auto looked = [&] { return room.run(look_at_given(present).script); };
  const auto decide = [&] {
    Answers answers;
    for (const Command& command : look_snapshot_present(present, {}).commands) {
      answers.commands.push_back(room.run(command.script));
    }
    return told(decide_snapshot_present(present, {}, answers));
  };
  CHECK_THAT(decide(), Contains("done: ") && Contains("and 4 manifests on cp1, SHA-256 verified"));
  CHECK(to_be_sent(present, looked()).empty());
  const Step stop = make_static_pods_stop(one.scope(), one.restore, one.member);
  REQUIRE(room.run(stop.commands[0].script).ok());
  for (const Step& start : {make_etcd_start(one.scope(), one.restore, one.member),
                            make_api_server_start(one.scope(), one.restore, one.member),
                            make_controllers_start(one.scope(), one.restore, one.member)}) {
    CAPTURE(start.id);
    for (int again = 0; again < 2; ++again) {
      const CommandResult said = room.run(start.commands[0].script);
      CAPTURE(said.err);
      CHECK(said.ok());
    }
    CHECK(to_be_sent(present, looked()).empty());
  }
  CHECK(room.list("etc/kubernetes") == std::string("manifests\nmanifests.before-") + kRun + '\n');
  for (const std::string_view view : kComponents) {
    const std::string file = std::string(view) + ".yaml";
    CHECK(room.read("etc/kubernetes/manifests/" + file) == "new " + std::string(view));
    CHECK(room.read(one.restore.kept_manifests().substr(1) + '/' + file) == view);
  }
}

TEST_CASE("what is in place before the stop is no manifest that was given", "[etcd]") {
  const GivenCase one;
  test::ScriptRoom room;
  furnish(room, one);
  const Step present = make_snapshot_present(one.scope(), one.restore, one.member);
  room.file("etc/kubernetes/manifests/etcd.yaml", "new etcd");  // the same as is given
  std::filesystem::remove(room.path() + "/" + one.copy("etcd"));
  room.file(one.copy("kube-scheduler"), "cut of");
  const CommandResult said = room.run(look_at_given(present).script);
  CHECK(to_be_sent(present, said) == std::vector<std::string>{"etcd", "kube-scheduler"});
  Answers answers;
  answers.commands = {finished(0, "sha256 " + one.restore.sha256 + "\n"), said};
  CHECK_THAT(told(decide_snapshot_present(present, {}, answers)),
             Contains("fail: cp1: etcd.yaml, kube-scheduler.yaml of /here/before/cp1"));
}

TEST_CASE("the last start cleans up, though an attempt before it was cut off", "[etcd]") {
  const Case one;
  const Step step = make_controllers_start(one.scope(), one.restore, one.member);
  const auto decide = [&](const std::string& said, const Attempt& attempt = {}) {
    return told(decide_controllers_start(step, attempt, one_answer(finished(0, said))));
  };
  const std::string all = "kube-controller-manager place running\nkube-scheduler place running\n";
  CHECK(decide(all) == "run 0");
  CHECK(decide(all, after(CommandResult{})) == "run 0");
  CHECK_THAT(decide(all, after(finished(0, ""))), Contains("done: "));
  CHECK_THAT(decide(all, after(finished(1, "", "mv: cannot move"))), Contains("fail again: "));
}

TEST_CASE("a start with a given manifest takes no other", "[etcd]") {
  const GivenCase one;
  const Step step = make_etcd_start(one.scope(), one.restore, one.member);
  const auto decide = [&](const std::string& said, const Attempt& attempt = {}) {
    return told(decide_etcd_start(step, attempt, one_answer(finished(0, said))));
  };
  const std::string given = "given etcd " + one.sum("etcd") + '\n';
  const std::string placed = "placed etcd " + one.sum("etcd") + '\n';
  CHECK(decide("etcd stopped \n" + given) == "run 0");
  CHECK(decide("etcd placestopped \n" + given + placed + "kept etcd\n") ==
        "wait: etcd to run on cp1");
  CHECK_THAT(decide("etcd placestopped running\n" + given + placed), Contains("done: "));
  CHECK_THAT(decide("etcd stopped \n"), Contains("fail: cp1: the manifest given for etcd is gone"));
  CHECK_THAT(decide("etcd stopped \ngiven etcd 00\n"), Contains("is not what was sent"));
  CHECK_THAT(decide("etcd place running\n" + given + "placed etcd 00\n"),
             Contains("in place is not the one that was given for it"));
  CHECK_THAT(decide("etcd stopped \n" + given, after(finished(0))),
             Contains("was taken away again"));
  test::ScriptRoom room;
  furnish(room, one);
  std::filesystem::remove(room.path() + "/" + "etc/kubernetes/manifests/etcd.yaml");
  room.file(one.copy("etcd"), "changed");
  const CommandResult said = room.run(step.commands[0].script);
  CHECK_FALSE(said.ok());
  CHECK_THAT(said.err, Contains("is not the manifest that was sent"));
  CHECK_FALSE(room.exists("etc/kubernetes/manifests/etcd.yaml"));
}

TEST_CASE("old data are kept and new ones come, however often it is cut off", "[etcd]") {
  const Case one;
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
        std::string("done: restored; the old data are in /var/lib/etcd.before-") + kRun);
}

TEST_CASE("S5: a restore that is killed before any command of its script goes on there", "[etcd]") {
  // Each of these ends the script in its place of the n-th call of that program.
  for (const char* program :
       {"mkdir", "rm", "sha256sum", "etcdutl", "chown", "chmod", "mv", "sync"}) {
    for (int nth = 1; nth < 8; ++nth) {
      const Case one;
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
      CHECK_FALSE(machine.exists(std::string("var/lib/etcd/drover-restoring-") + kRun));
      if (!killed) break;
    }
  }
}

TEST_CASE("what was not sent is not restored, and data that are gone need not be kept", "[etcd]") {
  const Case one;
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
  Case one;
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

TEST_CASE("API servers come when all members are healthy and have the same data", "[etcd]") {
  const std::string members =
      "list 0 {\"header\":{},\"members\":[{\"ID\":1,\"name\":\"cp1\"},{\"ID\":2,\"name\":\"cp2\"}]}"
      "\n";
  const auto health = [](bool good) {
    return std::string(
               "members 0 [{\"endpoint\":\"https://a:2379\",\"health\":true},{\"endpoint\":"
               "\"https://b:2379\",\"health\":") +
           (good ? "true}]\n" : "false,\"error\":\"context deadline exceeded\"}]\n");
  };
  const auto hash = [](int second, const char* revision = "1000000440") {
    return "hashes 0 [{\"Endpoint\":\"https://a:2379\",\"HashKV\":{\"header\":{\"revision\":" +
           std::string(revision) + "},\"hash\":7}},{\"Endpoint\":\"https://b:2379\",\"HashKV\":{" +
           "\"header\":{\"revision\":1000000440},\"hash\":" + std::to_string(second) + "}}]\n";
  };
  const auto missing = [](const std::string& said,
                          std::vector<std::string> names = {"cp1", "cp2"}) {
    return missing_agreement(finished(0, said), names, 1000000439);
  };
  CHECK(missing(members + health(true) + hash(7)) == "");
  CHECK_THAT(missing(members + health(false) + hash(7)), Contains("https://b:2379 to be healthy"));
  CHECK_THAT(missing(members + health(true) + hash(8)), Contains("their hashes differ"));
  CHECK_THAT(missing(members + health(true) + hash(7, "500")), Contains("(it is at 500)"));
  CHECK(missing(members + health(true) + hash(7), {"cp1", "cp2", "cp3"}) ==
        "cp3 to start as a member");
  CHECK(missing(members + health(true) + hash(7), {"cp1"}) == "cp2 to be no member");
  CHECK_THAT(missing(members + health(true)), Contains("etcd to answer"));
  CHECK_THAT(missing_agreement(finished(1, "", "E: no etcd container is running\n"), {}, 1),
             Contains("no etcd container is running"));
  const Case one;
  const Step step = make_etcd_quorum(one.scope(), one.restore);
  CHECK(step.id == "node/cluster/etcd-quorum");
  CHECK(step.host == "cp1");
  CHECK(step.param("revision") == "1000000439");
  CHECK_THAT(told(decide_etcd_quorum(step, {}, one_answer(finished(0, members)))),
             Contains("wait: cp2 to be no member"));
}

TEST_CASE("the API server is up when the API says so", "[etcd]") {
  const Case one;
  const Step step = make_api_server_start(one.scope(), one.restore, one.member);
  CHECK(look_api_server_start(step, {}).requests.empty());
  const CommandResult runs = finished(0, "kube-apiserver place running\n");
  const Decision first = decide_api_server_start(step, {}, one_answer(runs));
  CHECK(told(first) == "wait: /readyz of the API to say ok");
  Attempt attempt;
  attempt.notes = first.remember;
  CHECK(look_api_server_start(step, attempt).requests.size() == 1);
  Answers answers = one_answer(runs);
  answers.responses = {ApiResponse{.status = 500}};
  CHECK(told(decide_api_server_start(step, attempt, answers)) ==
        "wait: /readyz of the API to say ok (HTTP 500)");
  answers.responses = {ApiResponse{.status = 200}};
  CHECK_THAT(told(decide_api_server_start(step, attempt, answers)), Contains("done: "));
}

TEST_CASE("S14: who held the lock in the snapshot does not hold it any more", "[etcd]") {
  const Case one;
  const Step step = make_restore_verified(one.scope(), "2026-11-28T06:50:00Z");
  const ApiResponse nodes{.status = 200, .body = R"({"kind":"NodeList","items":[]})"};
  const auto decide = [&](const std::string& holder, const std::string& renewed) {
    const ApiResponse lease{
        .status = 200,
        .body = R"({"kind":"Lease","metadata":{"name":"drover","namespace":"kube-system",)"
                R"("resourceVersion":"5"},"spec":{"holderIdentity":")" +
                holder + R"(","renewTime":")" + renewed + R"("}})"};
    return test::decide_once(step, {}, {nodes, lease});
  };
  CHECK_THAT(told(decide("", "2026-11-28T05:00:00.000000Z")), Contains("done: "));
  const Decision cleared = decide("somebody", "2026-11-28T05:00:00.000000Z");
  REQUIRE(test::summary(cleared) == "send 1");
  const auto request =
      instantiate(step.requests[0], std::get<Send>(cleared.next).instances[0].params);
  REQUIRE(request);
  CHECK_THAT(request->body,
             Contains(R"("resourceVersion":"5")") && Contains(R"("holderIdentity":"")"));
  CHECK_THAT(told(decide("another", "2026-11-28T06:51:00.000000Z")), Contains("done: "));
  CHECK_THAT(told(test::decide_once(step, {}, {nodes, ApiResponse{.status = 404}})),
             Contains("done: "));
  CHECK_THAT(told(test::decide_once(step, {}, {ApiResponse{.status = 503}, nodes})),
             Contains("wait: "));
}

}  // namespace drover::plans
