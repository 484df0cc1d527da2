#include "orchestrator/ssh_gate.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "remote/kube/kube_api.h"
#include "tests/support/api_server.h"
#include "tests/support/sshd.h"

namespace drover::orchestrator {
namespace {

using Catch::Contains;
using test::ApiServer;
using test::Pki;
using test::Reply;
using test::SeenRequest;
using test::Sshd;

const ApiRequest kRead{.path = "/api/v1/namespaces/kube-system"};
const ApiRequest kWrite{.verb = Verb::Patch, .path = "/api/v1/nodes/w1", .body = "{}"};

/// A real sshd whose /etc has the files of a control plane, and its API server on a port of its
/// own.
class ControlPlane {
 public:
  explicit ControlPlane(const std::string& name, const Pki& pki = Pki::cluster())
      : server_(std::make_unique<ApiServer>(
            [name](const SeenRequest&) {
              return Reply{200, "{\"from\":\"" + name + "\"}"};
            },
            ApiServer::Listen::LoopbackTcp, pki)),
        sshd_("", "ed25519", furnish(pki)),
        host_{.name = name, .address = "127.0.0.1", .node = name, .roles = {Role::ControlPlane}} {}

  const Host& host() const { return host_; }
  remote::SshTarget target() const {
    remote::SshTarget target = sshd_.target();
    target.host = host_.name;
    if (gone_) target.port = 1;
    return target;
  }
  const Sshd& sshd() const { return sshd_; }
  size_t asked() const { return server_ ? server_->seen().size() : 0; }
  void stop_api() { server_.reset(); }
  /// From now on nobody listens at its address; sessions end.
  void go() {
    gone_ = true;
    sshd_.kill_sessions();
  }

 private:
  std::string furnish(const Pki& pki) {
    std::filesystem::create_directories(folder_.file("etc"));
    test::write_file(folder_.file("admin.conf"), pki.admin_conf());
    test::write_file(folder_.file("manifest"),
                     fmt::format("spec: {{containers: [{{command: [kube-apiserver, "
                                 "--secure-port={}]}}]}}\n",
                                 server_->port()));
    return fmt::format(
        "cp -a /etc/. {0}/etc/ && mkdir -p {0}/etc/kubernetes/manifests && cp {0}/admin.conf "
        "{0}/etc/kubernetes/ && cp {0}/manifest "
        "{0}/etc/kubernetes/manifests/kube-apiserver.yaml && mount --bind {0}/etc /etc",
        folder_.path());
  }

  test::TempDir folder_;
  std::unique_ptr<ApiServer> server_;
  Sshd sshd_;
  Host host_;
  bool gone_ = false;
};

/// Control planes, the gate to them, and a client.
struct SshGateBench {
  explicit SshGateBench(std::vector<ControlPlane*> all) : planes(std::move(all)) {
    for (const ControlPlane* plane : planes) inventory.hosts.push_back(plane->host());
    gate = std::make_unique<SshGate>(
        inventory,
        [this](const Host& host) {
          for (const ControlPlane* plane : planes) {
            if (plane->host().name == host.name) return plane->target();
          }
          throw std::logic_error("no such host");
        },
        clock);
    api = std::make_unique<remote::KubeApi>(*gate, clock);
  }

  /// The name of the control plane that answers.
  std::string answer(const ApiRequest& request = kRead) {
    const auto got = request.mutates() ? api->send(request, {}) : api->get(request, {});
    return got ? got->body.substr(9, got->body.size() - 11) : got.error().message;
  }

  std::vector<ControlPlane*> planes;
  Inventory inventory;
  remote::SystemClock clock;
  std::unique_ptr<SshGate> gate;
  std::unique_ptr<remote::KubeApi> api;
};

}  // namespace

TEST_CASE("the API is reached through the first control plane that is there", "[gate]") {
  ControlPlane cp1("cp1");
  ControlPlane cp2("cp2");
  SshGateBench bench({&cp1, &cp2});
  SECTION("all are there") {
    REQUIRE(bench.gate->open({}));
    CHECK(bench.answer() == "cp1");
    CHECK(cp2.sshd().session_pids().empty());
  }
  SECTION("the first is not") {
    cp1.go();
    REQUIRE(bench.gate->open({}));
    CHECK(bench.answer() == "cp2");
    CHECK(bench.answer(kWrite) == "cp2");
  }
  SECTION("none is, and the causes of both are told") {
    cp1.go();
    cp2.go();
    const Status opened = bench.gate->open({});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == ErrorKind::Unreachable);
    CHECK_THAT(opened.error().message, Contains("cp1 (127.0.0.1") && Contains("cp2 (127.0.0.1"));
  }
}

TEST_CASE("the channel goes on to another control plane in midst of a run, and stays", "[gate]") {
  ControlPlane cp1("cp1");
  ControlPlane cp2("cp2");
  SshGateBench bench({&cp1, &cp2});
  REQUIRE(bench.gate->open({}));
  CHECK(bench.answer() == "cp1");
  SECTION("when its host goes") { cp1.go(); }
  SECTION("when only its API server goes") { cp1.stop_api(); }
  const auto began = std::chrono::steady_clock::now();
  CHECK(bench.answer() == "cp2");
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(8));
  CHECK(bench.answer(kWrite) == "cp2");
  CHECK(bench.answer() == "cp2");
  CHECK(cp2.asked() == 3);
}

TEST_CASE("a session that is lost is dialled again", "[gate]") {
  ControlPlane cp1("cp1");
  SshGateBench bench({&cp1});
  REQUIRE(bench.gate->open({}));
  CHECK(bench.answer() == "cp1");
  cp1.sshd().kill_sessions();
  CHECK(bench.answer() == "cp1");
}

TEST_CASE("another cluster behind an address is refused, not used", "[gate]") {
  ControlPlane cp1("cp1");
  ControlPlane other("cp2", Pki::stranger());
  SshGateBench bench({&cp1, &other});
  REQUIRE(bench.gate->open({}));
  CHECK(bench.answer() == "cp1");
  cp1.go();
  const auto refused = bench.api->get(kRead, {});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Contains("cp2 (127.0.0.1): its admin.conf has another"));
  CHECK(other.asked() == 0);
}

TEST_CASE("S18: with several control planes the channel leaves the one that changes", "[gate]") {
  ControlPlane cp1("cp1");
  ControlPlane cp2("cp2");
  SshGateBench bench({&cp1, &cp2});
  REQUIRE(bench.gate->open({}));
  CHECK(bench.answer() == "cp1");
  bench.gate->avoid("cp1");
  CHECK(bench.answer() == "cp2");
  CHECK(bench.answer(kWrite) == "cp2");
  cp2.go();
  const auto away = bench.api->get(kRead, {});
  REQUIRE_FALSE(away);  // not even now
  CHECK(away.error().kind == ErrorKind::Unreachable);
  CHECK(cp1.asked() == 1);
  bench.gate->allow("cp1");
  CHECK(bench.answer() == "cp1");
}

TEST_CASE("S18: with one control plane the channel stays", "[gate]") {
  ControlPlane cp1("cp1");
  SshGateBench bench({&cp1});
  REQUIRE(bench.gate->open({}));
  bench.gate->avoid("cp1");
  CHECK(bench.answer() == "cp1");
}

}  // namespace drover::orchestrator
