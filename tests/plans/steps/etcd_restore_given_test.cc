#include <catch2/catch.hpp>
#include <filesystem>

#include "plans/etcd/given.h"
#include "tests/support/restore_step_case.h"

namespace drover::plans {

using Catch::Matchers::Contains;
using test::after;
using test::finished;
using test::one_answer;
using test::told;

namespace {

/// The control plane gets other manifests: "new NAME" in place of "NAME".
struct GivenCase : RestoreStepCase {
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
  CHECK(room.list("etc/kubernetes") ==
        std::string("manifests\nmanifests.before-") + kRestoreRun + '\n');
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

}  // namespace drover::plans
