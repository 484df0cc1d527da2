#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using test::after;
using test::finished;
using test::told;

const std::string kKept = "; what there was is in /etc/kubernetes/certificates.before-";

Step renew(const Renewal& renewal = {}) {
  const test::Hop hop;
  Scope scope = hop.scope();
  scope.node_command = "certs renew";
  return make_certs_renew(scope, hop.host("cp1"), renewal);
}

}  // namespace

TEST_CASE("S3: what renews certificates is this") {
  const Step step = renew();
  CHECK(step.id == "node/cp1/certs-renew");
  REQUIRE(step.commands.size() == 1);
  CHECK(step.commands[0].mutates);
  CHECK_THAT(step.commands[0].script, EndsWith("\nexec kubeadm certs renew all\n"));
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
                                {})) == "done: 2 certificates renewed" + kKept);
}

TEST_CASE("kubeadm does not go by its defaults unnoticed") {
  const Step step = renew();
  const std::string& script = step.commands[0].script;
  const size_t asked = script.find("kubeadm certs check-expiration 2>&1");
  REQUIRE(asked != std::string::npos);
  CHECK(asked < script.find("kubeadm certs renew all"));
  CHECK(script.find("*\"Falling back to default configuration\"*)") != std::string::npos);
  const std::string refused = told(decide_certs_renew(
      step, after(finished(75, "", "Error reading configuration from the Cluster.")), {}));
  CHECK_THAT(refused, Contains("fail again: cp1: kubeadm does not reach the API by its admin.conf, "
                               "and would renew by its defaults"));
  // The API may go away in between.
  const std::string said =
      "[renew] Error reading configuration from the Cluster. Falling back to default configuration"
      "\n\ncertificate for serving etcd renewed\n";
  CHECK_THAT(told(decide_certs_renew(step, after(finished(0, said)), {})),
             Contains("fail again: cp1: ") && Contains("and renewed by its defaults"));

  const Step blind = renew({.by_defaults = true});
  CHECK(blind.commands[0].script.find("check-expiration") == std::string::npos);
  CHECK(told(decide_certs_renew(blind, after(finished(0, said)), {})) ==
        "done: 1 certificate renewed" + kKept);
}

TEST_CASE("S3: where kubeadm cannot read its configuration it is given that of the cluster") {
  const Step step = renew({.configuration = "kind: ClusterConfiguration\nclusterName: it's\n"});
  const std::string& script = step.commands[0].script;
  CHECK_THAT(script,
             Contains("configuration='kind: ClusterConfiguration\nclusterName: it'\\''s\n'"));
  CHECK_THAT(script,
             EndsWith("\nprintf '%s\\n' \"$configuration\" | kubeadm certs renew all --config "
                      "/dev/stdin\n"));
  CHECK(script.find("check-expiration") == std::string::npos);
  CHECK(script.find("mv \"$keep.part\" \"$keep\"") < script.find("kubeadm certs renew all"));
  CHECK(renews_expired(step));
  CHECK_FALSE(renews_expired(renew()));
  CHECK_FALSE(renews_expired(renew({.by_defaults = true})));
}

TEST_CASE("what there was is kept before anything is renewed, and named") {
  const Step step = renew({.run = "20261128T065000Z-3f2a", .folder = "/srv/it's"});
  const std::string& script = step.commands[0].script;
  const std::string kept = "/etc/kubernetes/certificates.before-20261128T065000Z-3f2a";
  CHECK_THAT(script, Contains("keep=" + kept + "\npki='/srv/it'\\''s'\n"));
  CHECK(script.find("mv \"$keep.part\" \"$keep\"") < script.find("kubeadm certs renew all"));
  const auto said = [&](const CommandResult& result) {
    const Decision decision = decide_certs_renew(step, after(result), {});
    const auto* failed = std::get_if<Fail>(&decision.next);
    return failed == nullptr ? told(decision) : failed->error.remedy;
  };
  CHECK(said(finished(0, "kept " + kept + "\ncertificate for serving etcd renewed\n")) ==
        "done: 1 certificate renewed; what there was is in " + kept);
  CHECK_THAT(said(finished(1, "kept " + kept + "\n", "error: no CA")),
             Contains("nothing was restarted there; what there was is in " + kept));
  CHECK_THAT(said(finished(1, "", "cp: No space left on device")),
             EndsWith("nothing was renewed there"));
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
        "done: 1 certificate renewed; not those whose authority's key is elsewhere: certificate "
        "for serving the Kubernetes API" +
            kKept);
  CHECK_THAT(said(step, external), Contains("fail: cp1: kubeadm renewed no certificate"));
  CHECK_THAT(said(step, "Done renewing certificates.\n"),
             Contains("fail: cp1: kubeadm renewed no"));
  // To restart what lacks it would be its end.
  CHECK_THAT(said(step, one + "MISSING! certificate for the API server to connect to kubelet\n"),
             Contains("fail: cp1: kubeadm passed over") &&
                 Contains("for the API server to connect to kubelet"));
  CHECK(said(step,
             one + "MISSING! certificate embedded in the kubeconfig file for the super-admin\n") ==
        "done: 1 certificate renewed" + kKept);
  CHECK_THAT(said(step, one + etcd), Contains("fail: "));
  test::Hop hop;
  hop.facts.kubeadm.external_etcd = true;
  CHECK(said(make_certs_renew(hop.scope(), hop.host("cp1"), {}), one + etcd) ==
        "done: 1 certificate renewed" + kKept);
}

TEST_CASE("a kubeadm that cannot renew them is quoted") {
  const std::string failed = told(decide_certs_renew(
      renew(), after(finished(1, "", "error: failed to load CA certificate ca\n")), {}));
  CHECK_THAT(failed, Contains("fail: cp1: kubeadm certs renew all") &&
                         Contains("failed to load CA certificate ca"));
}

}  // namespace drover::plans
