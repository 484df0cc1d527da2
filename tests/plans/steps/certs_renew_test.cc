#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using Catch::Matchers::Contains;
using test::after;
using test::finished;
using test::told;

Step renew() {
  const test::Hop hop;
  Scope scope = hop.scope();
  scope.node_command = "certs renew";
  return make_certs_renew(scope, hop.host("cp1"));
}

}  // namespace

TEST_CASE("S3: what renews certificates is this") {
  const Step step = renew();
  CHECK(step.id == "node/cp1/certs-renew");
  REQUIRE(step.commands.size() == 1);
  CHECK(step.commands[0].mutates);
  CHECK(step.commands[0].script == "exec kubeadm certs renew all\n");
  CHECK(step.timeout > step.commands[0].timeout);
  CHECK(kind_of(step.kind).unknown == UnknownPolicy::RunAgain);
}

TEST_CASE("certificates are renewed once an attempt") {
  const Step step = renew();
  CHECK(told(decide_certs_renew(step, {}, {})) == "run 0");
  CHECK(told(decide_certs_renew(step,
                                after(finished(0,
                                               "certificate for serving the Kubernetes API "
                                               "renewed\ncertificate for serving etcd renewed\n"
                                               "\nDone renewing certificates.\n")),
                                {})) == "done: 2 certificates renewed");
}

TEST_CASE("what kubeadm passes over does not count as renewed") {
  const auto said = [](const Step& step, const std::string& out) {
    return told(decide_certs_renew(step, after(finished(0, out)), {}));
  };
  Step step = renew();
  const std::string external =
      "Detected external ca, certificate for serving the Kubernetes API can't be renewed\n";
  const std::string etcd = "MISSING! certificate for serving etcd\n";
  const std::string one = "certificate for the front proxy client renewed\n";
  CHECK(said(step, external + one) ==
        "done: 1 certificates renewed; not those whose authority's key is elsewhere: certificate "
        "for serving the Kubernetes API");
  CHECK_THAT(said(step, external), Contains("fail: cp1: kubeadm renewed no certificate"));
  CHECK_THAT(said(step, "Done renewing certificates.\n"),
             Contains("fail: cp1: kubeadm renewed no"));
  // To restart what lacks it would be its end.
  CHECK_THAT(said(step, one + "MISSING! certificate for the API server to connect to kubelet\n"),
             Contains("fail: cp1: kubeadm passed over") &&
                 Contains("for the API server to connect to kubelet"));
  CHECK(said(step,
             one + "MISSING! certificate embedded in the kubeconfig file for the super-admin\n") ==
        "done: 1 certificates renewed");
  CHECK_THAT(said(step, one + etcd), Contains("fail: "));
  test::Hop hop;
  hop.facts.kubeadm.external_etcd = true;
  CHECK(said(make_certs_renew(hop.scope(), hop.host("cp1")), one + etcd) ==
        "done: 1 certificates renewed");
}

TEST_CASE("a kubeadm that cannot renew them is quoted") {
  const std::string failed = told(decide_certs_renew(
      renew(), after(finished(1, "", "error: failed to load CA certificate ca\n")), {}));
  CHECK_THAT(failed, Contains("fail: cp1: kubeadm certs renew all") &&
                         Contains("failed to load CA certificate ca"));
}

}  // namespace drover::plans
