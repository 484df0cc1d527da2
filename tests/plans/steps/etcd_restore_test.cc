#include <catch2/catch.hpp>

#include "plans/etcd/agreement.h"
#include "tests/support/restore_step_case.h"

namespace drover::plans {

using Catch::Matchers::Contains;
using test::after;
using test::finished;
using test::one_answer;
using test::told;

TEST_CASE("nothing is stopped before the copy of the snapshot is there", "[etcd]") {
  const RestoreStepCase one;
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
  const RestoreStepCase one;
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
  const RestoreStepCase one;
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
  const RestoreStepCase one;
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

TEST_CASE("the last start cleans up, though an attempt before it was cut off", "[etcd]") {
  const RestoreStepCase one;
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
  const RestoreStepCase one;
  const Step step = make_etcd_quorum(one.scope(), one.restore);
  CHECK(step.id == "node/cluster/etcd-quorum");
  CHECK(step.host == "cp1");
  CHECK(step.param("revision") == "1000000439");
  CHECK_THAT(told(decide_etcd_quorum(step, {}, one_answer(finished(0, members)))),
             Contains("wait: cp2 to be no member"));
}

TEST_CASE("the API server is up when the API says so", "[etcd]") {
  const RestoreStepCase one;
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
  const RestoreStepCase one;
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
