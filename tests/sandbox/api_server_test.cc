#include "examples/sandbox/api/api_server.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <future>

#include "inventory/cluster/node.h"
#include "inventory/cluster/pod.h"
#include "tests/sandbox/api_bed.h"
#include "tests/support/read_file.h"
#include "tests/support/tls_pki.h"

namespace drover::test {
namespace {

using nlohmann::json;

constexpr const char* kCordon = R"({"spec":{"unschedulable":true}})";

/// A process that waits to be killed.
class Victim {
 public:
  Victim() : pid_(fork()) {
    if (pid_ == 0) {
      for (;;) pause();
    }
  }
  ~Victim() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  pid_t pid() const { return pid_; }
  bool was_killed() {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
    pid_ = 0;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }

 private:
  pid_t pid_;
};

TEST_CASE("Drover's own client and parsers read the sandbox's API", "[sandbox]") {
  ApiBed bed;
  const auto ready = bed.get("/readyz");
  REQUIRE(ready);
  CHECK(ready->body == "ok");
  CHECK(bed.read("/version")["gitVersion"] == "v1.33.13");
  const auto nodes = bed.get("/api/v1/nodes?limit=500");
  REQUIRE(nodes);
  const auto parsed = parse_node_list(nodes->body);
  REQUIRE(parsed);
  REQUIRE(parsed->size() == 3);
  CHECK((*parsed)[0].is_control_plane());
  CHECK((*parsed)[2].kubelet_version == "v1.33.13");
  CHECK((*parsed)[2].boot_id == "boot of w2");
  const auto pods = bed.get("/api/v1/pods?limit=500");
  REQUIRE(pods);
  REQUIRE(parse_pod_list(pods->body));
}

TEST_CASE("lists come in pages and as selectors want them", "[sandbox]") {
  ApiBed bed;
  const json first = bed.read("/api/v1/nodes?limit=2");
  CHECK(first["items"].size() == 2);
  CHECK(first["metadata"]["remainingItemCount"] == 1);
  const std::string token = first["metadata"]["continue"];
  const json last = bed.read("/api/v1/nodes?limit=2&continue=" + percent_encode(token));
  REQUIRE(last["items"].size() == 1);
  CHECK(last["items"][0]["metadata"]["name"] == "w2");
  CHECK_FALSE(last["metadata"].contains("continue"));
  const auto count = [&](const std::string& query) {
    return bed.read("/api/v1/namespaces/kube-system/pods?" + query)["items"].size();
  };
  CHECK(count("labelSelector=" + percent_encode("tier=control-plane")) == 4);
  CHECK(count("labelSelector=" + percent_encode("component in (etcd,kube-scheduler)")) == 2);
  CHECK(count("labelSelector=" + percent_encode("!component") +
              "&fieldSelector=" + percent_encode("spec.nodeName=w1")) == 1);
  CHECK(bed.get("/api/v1/pods?fieldSelector=spec.shoe%3D9")->status == 400);
}

TEST_CASE("what Drover does not send is answered 501 and remembered", "[sandbox]") {
  ApiBed bed;
  CHECK(bed.get("/api/v1/secrets")->status == 501);
  CHECK(bed.get("/api/v1/nodes?watch=true")->status == 501);
  CHECK(bed.send(Verb::Delete, "/api/v1/nodes/w1")->status == 501);
  CHECK(bed.send(Verb::Patch, "/api/v1/nodes/w1", kCordon, "application/json")->status == 415);
  CHECK(bed.send(Verb::Patch, "/api/v1/nodes/w1", R"({"status":{}})")->status == 400);
  CHECK(bed.send(Verb::Patch, "/api/v1/nodes/w1", "{")->status == 400);
  CHECK(bed.state()["unknown"].size() == 6);
  CHECK(bed.log().find(R"("status":501)") != std::string::npos);
}

TEST_CASE("only the administrator may do more than ask how the API is", "[sandbox]") {
  ApiBed bed;
  CHECK(bed.get_as("/readyz", "", "")->status == 200);
  CHECK(bed.get_as("/api/v1/nodes", "", "")->status == 403);
  CHECK(bed.get_as("/api/v1/nodes", "", "", "a token")->status == 401);
  const KeyPair& stranger = Pki::stranger().client();
  CHECK(bed.get_as("/api/v1/nodes", read_file(stranger.certificate_file),
                   read_file(stranger.key_file))
            ->status == 401);
}

TEST_CASE("the port refuses while the API is away, and open connections end", "[sandbox]") {
  ApiBed bed;
  REQUIRE(bed.get("/readyz"));
  CHECK_FALSE(bed.refuses());
  bed.note("cp1", "static-pods", "kube-apiserver v1.34.4");
  REQUIRE(becomes_so([&] { return bed.refuses(); }));
  const auto away = bed.get("/readyz");
  REQUIRE_FALSE(away);
  CHECK(away.error().kind == ErrorKind::Unreachable);
  bed.pass(57);
  CHECK(bed.refuses());
  bed.pass(2);
  REQUIRE(becomes_so([&] { return !bed.refuses(); }));
  CHECK(bed.read("/version")["gitVersion"] == "v1.34.4");
  CHECK(bed.get("/api/v1/namespaces/kube-system/configmaps/coredns")->status == 403);
  bed.pass(4);
  CHECK(bed.get("/api/v1/namespaces/kube-system/configmaps/coredns")->status == 200);
}

TEST_CASE("who asks an API server without etcd gets no answer, not even later", "[sandbox]") {
  ApiBed bed;
  bed.note("cp1", "static-pods", "etcd v1.34.4");
  auto asked = std::async(std::launch::async, [&] { return bed.get("/readyz"); });
  CHECK(asked.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
  CHECK_FALSE(bed.refuses());
  bed.pass(11);
  CHECK_FALSE(asked.get());
  CHECK(becomes_so([&] { return bed.refuses(); }));
}

TEST_CASE("each control plane has a port of its own", "[sandbox]") {
  ApiBed bed({"cp1", "cp2", "cp3", "w1"});
  bed.note("cp2", "static-pods", "kube-apiserver v1.34.4");
  CHECK(becomes_so([&] { return bed.refuses("cp2"); }));
  CHECK_FALSE(bed.refuses("cp1"));
  CHECK_FALSE(bed.refuses("cp3"));
}

TEST_CASE("faults of the API, each as often as it was asked for", "[sandbox]") {
  ApiBed bed;
  bed.command({{"do", "api"}, {"what", "fail"}, {"status", 429}, {"count", 2}, {"text", "nodes"}});
  CHECK(bed.get("/readyz")->status == 200);
  const auto busy = bed.get("/api/v1/nodes");
  CHECK(busy->status == 429);
  CHECK(busy->retry_after == std::chrono::seconds(1));
  CHECK(bed.get("/api/v1/nodes")->status == 429);
  CHECK(bed.get("/api/v1/nodes")->status == 200);
  bed.command({{"do", "api"}, {"what", "garbage"}});
  CHECK_FALSE(parse_node_list(bed.get("/api/v1/nodes")->body));
  CHECK(parse_node_list(bed.get("/api/v1/nodes")->body));
  CHECK_THROWS(bed.command({{"do", "api"}, {"what", "fail"}, {"status", 418}}));
  CHECK_THROWS(bed.command({{"do", "api"}, {"what", "dance"}}));
}

TEST_CASE("an answer that is cut off has had its effect", "[sandbox]") {
  ApiBed bed;
  bed.command({{"do", "api"}, {"what", "cut"}, {"text", "PATCH"}});
  const auto cut = bed.send(Verb::Patch, "/api/v1/nodes/w1", kCordon);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().kind == ErrorKind::Unknown);
  CHECK(bed.state()["nodes"]["w1"]["unschedulable"] == true);
}

TEST_CASE("the API is taken down and brought up", "[sandbox]") {
  ApiBed bed;
  bed.command({{"do", "api"}, {"what", "down"}});
  CHECK(becomes_so([&] { return bed.refuses(); }));
  bed.command({{"do", "api"}, {"what", "up"}});
  CHECK(becomes_so([&] { return !bed.refuses(); }));
  CHECK(bed.get("/readyz")->status == 200);
}

TEST_CASE("a request is held until a test has changed the world", "[sandbox]") {
  ApiBed bed;
  bed.command({{"do", "api"}, {"what", "hold"}, {"text", "GET /version"}});
  auto asked = std::async(std::launch::async, [&] { return bed.get("/version"); });
  REQUIRE(becomes_so([&] { return bed.state()["held"] == 1; }));
  CHECK(asked.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  bed.command({{"do", "api"}, {"what", "clear"}});
  CHECK(asked.get()->status == 200);
}

TEST_CASE("a strike before a request kills its sender, and nothing happens", "[sandbox]") {
  ApiBed bed;
  Victim victim;
  bed.command({{"do", "strike"}, {"pid", victim.pid()}, {"when", "before"}, {"nth", 2}});
  const std::string lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
  CHECK(bed.send(Verb::Put, lease + "/drover", "{}"));  // not counted
  CHECK(bed.send(Verb::Patch, "/api/v1/nodes/w2", kCordon));
  CHECK_FALSE(victim.was_killed());
  CHECK_FALSE(bed.send(Verb::Patch, "/api/v1/nodes/w1", kCordon));
  CHECK(becomes_so([&] { return victim.was_killed(); }));
  CHECK(bed.state()["nodes"]["w1"]["unschedulable"] == false);
  CHECK(bed.state()["strike"]["struck"] == "PATCH /api/v1/nodes/w1");
}

TEST_CASE("a strike after a request kills its sender when it has happened", "[sandbox]") {
  ApiBed bed;
  Victim victim;
  bed.command({{"do", "strike"}, {"pid", victim.pid()}, {"when", "after"}, {"text", "nodes/w1"}});
  CHECK(bed.send(Verb::Patch, "/api/v1/nodes/w2", kCordon));
  CHECK_FALSE(bed.send(Verb::Patch, "/api/v1/nodes/w1", kCordon));
  CHECK(becomes_so([&] { return victim.was_killed(); }));
  CHECK(bed.state()["nodes"]["w1"]["unschedulable"] == true);
  CHECK(bed.send(Verb::Patch, "/api/v1/nodes/w1", kCordon));  // only once
}

TEST_CASE("scenes are built by commands", "[sandbox]") {
  ApiBed bed;
  bed.command({{"do", "workload"},
               {"what", "add"},
               {"name", "default/db"},
               {"replicas", 2},
               {"kind", "StatefulSet"}});
  bed.command({{"do", "budget"}, {"what", "add"}, {"name", "default/db"}, {"max_unavailable", 1}});
  CHECK(bed.state()["budgets"]["default/db"]["allowed"] == 1);
  bed.command({{"do", "budget"}, {"what", "block"}, {"name", "default/db"}});
  CHECK(bed.state()["budgets"]["default/db"]["allowed"] == 0);
  bed.command({{"do", "budget"}, {"what", "free"}, {"name", "default/db"}});
  CHECK(bed.state()["budgets"]["default/db"]["allowed"] == 1);
  bed.command({{"do", "budget"}, {"what", "remove"}, {"name", "default/db"}});
  CHECK_FALSE(bed.state()["budgets"].contains("default/db"));
  bed.command({{"do", "pod"},
               {"what", "add"},
               {"name", "default/bare"},
               {"node", "w1"},
               {"empty_dir", true}});
  const json pod = bed.read("/api/v1/namespaces/default/pods/bare");
  CHECK_FALSE(pod["metadata"].contains("ownerReferences"));
  CHECK(pod["spec"]["volumes"][0].contains("emptyDir"));
  bed.command({{"do", "patch-node"}, {"node", "w2"}, {"patch", json::parse(kCordon)}});
  CHECK(bed.state()["nodes"]["w2"]["unschedulable"] == true);
  bed.command({{"do", "lock"}, {"lease", {{"spec", {{"holderIdentity", "somebody"}}}}}});
  const std::string lock = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/drover";
  CHECK(bed.read(lock)["spec"]["holderIdentity"] == "somebody");
  bed.command({{"do", "lock"}, {"lease", nullptr}});
  CHECK(bed.get(lock)->status == 404);
  CHECK_THROWS(bed.command({{"do", "pod"}, {"what", "remove"}, {"name", "default/none"}}));
}

}  // namespace
}  // namespace drover::test
