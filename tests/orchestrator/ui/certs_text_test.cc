#include "orchestrator/ui/certs_text.h"

#include <catch2/catch.hpp>

#include "tests/support/golden.h"

namespace drover::orchestrator {
namespace {

using plans::CertificateRow;
using plans::CertificateStand;

CertificateRow row(const char* name, const char* authority, std::int64_t left,
                   CertificateStand stand) {
  return {{.name = name, .authority = authority, .expires = "2027-11-22T21:08:52Z", .left = left},
          stand};
}

}  // namespace

TEST_CASE("certificates, as text and for programs") {
  std::vector<plans::HostCertificates> all = {
      {.host = "cp1",
       .rows = {row("admin.conf", "ca", 31'535'850, CertificateStand::Good),
                row("apiserver\x1b", "ca", 86'400, CertificateStand::Soon),
                row("etcd-ca", "", 315'359'850, CertificateStand::Good)}},
      {.host = "cp2", .rows = {row("apiserver", "ca", -3, CertificateStand::Expired)}},
      {.host = "cp3", .no_login = "cp3: no route"}};
  test::check_golden("ui/certs.txt", certificates_text(all, false));
  test::check_golden("ui/certs.jsonl", certificates_json("prod", all));
  all.resize(1);
  all[0].rows = {row("ca", "", 5, CertificateStand::Soon)};
  CHECK(certificates_text(all, false).find("kubeadm does not renew authorities") !=
        std::string::npos);
  CHECK(certificates_text(all, false).find("An upgrade renews") == std::string::npos);
}

}  // namespace drover::orchestrator
