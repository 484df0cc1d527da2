#include "plans/certs/certificates.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/support/read_file.h"
#include "tests/support/source_dir.h"

namespace drover::plans {
namespace {

using std::chrono::seconds;

CommandResult said(const std::string& out) { return {.exit_code = 0, .out = out}; }

std::string one(const char* name, long left, bool missing = false) {
  return fmt::format(
      R"({{"name":"{}","caName":"ca","expirationDate":"2027-11-22T21:08:52Z","residualTime":{},"missing":{}}})",
      name, left, missing);
}

HostCertificates judged(const std::string& certificates) {
  return judge_certificates("cp1",
                            said(R"({"kind":"CertificateExpirationInfo","certificates":[)" +
                                 certificates + R"(],"certificateAuthorities":[]})"),
                            seconds(1000));
}

}  // namespace

TEST_CASE("certificates are good, soon over, expired or missing") {
  CHECK(judged(one("a", 1000)).rows.front().stand == CertificateStand::Good);
  CHECK(judged(one("a", 1000)).well());
  CHECK(judged(one("a", 999)).rows.front().stand == CertificateStand::Soon);
  CHECK(judged(one("a", 0)).rows.front().stand == CertificateStand::Expired);
  CHECK(judged(one("a", -5)).rows.front().stand == CertificateStand::Expired);
  CHECK(judged(one("a", 0, true)).rows.front().stand == CertificateStand::Missing);
  CHECK_FALSE(judged(one("a", 999)).well());
  // kubeadm keeps that one on the first control plane alone.
  CHECK(judged(one("super-admin.conf", 0, true)).rows.empty());
  CHECK(judged(one("super-admin.conf", 0, true)).well());
}

TEST_CASE("what kubeadm of a real cluster said") {
  const std::string recorded = test::read_file(
      test::source_dir() + "/examples/sandbox/recorded/commands/kubeadm/check-expiration.json");
  const HostCertificates seen =
      judge_certificates("cp1", said("[check-expiration] Reading\n" + recorded), seconds(60));
  REQUIRE(seen.known());
  REQUIRE(seen.rows.size() == 14);
  CHECK(seen.rows.front().certificate.name == "admin.conf");
  CHECK(seen.rows.front().certificate.authority == "ca");
  CHECK(seen.rows.front().certificate.left == 31535850);
  CHECK(seen.rows.back().certificate.name == "front-proxy-ca");
  CHECK(seen.rows.back().certificate.authority.empty());
  CHECK(seen.well());
}

TEST_CASE("a kubeadm that does not say it") {
  const auto failure = [](const CommandResult& result) {
    const HostCertificates seen = judge_certificates("cp1", result, seconds(1));
    CHECK_FALSE(seen.well());
    return seen.failure;
  };
  CHECK(failure({.exit_code = 1, .err = "unknown shorthand flag: 'o' in -o\n"}) ==
        "kubeadm certs check-expiration failed: unknown shorthand flag: 'o' in -o");
  CHECK(failure({.exit_code = 127}) == "kubeadm certs check-expiration failed: it said nothing");
  CHECK(failure(said("CERTIFICATE EXPIRES\n")) == "kubeadm printed no JSON");
  CHECK(failure(said(R"({"kind":"Other"})")).find("Other") != std::string::npos);
  CHECK(failure(said(R"({"certificates":[{"name":7}]})")).find("certificates[0].name") !=
        std::string::npos);
}

TEST_CASE("the look at certificates reads only") {
  CHECK_FALSE(look_at_certificates().mutates);
  CHECK(look_at_certificates().script == "kubeadm certs check-expiration -o json\n");
}

}  // namespace drover::plans
