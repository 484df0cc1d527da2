#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/kubeadm_checks.h"
#include "examples/sandbox/tools/kubeadm_commands.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/static_pods.h"
#include "examples/sandbox/tools/table.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

using Json = nlohmann::ordered_json;

constexpr time_t kDay = 24 * 60 * 60;
constexpr time_t kLeafLife = 365 * kDay;
constexpr time_t kAuthorityLife = 3650 * kDay;

struct Certificate {
  const char* name;
  const char* authority;  ///< nullptr: it is one
};

constexpr std::array kCertificates = {
    Certificate{"admin.conf", "ca"},
    Certificate{"apiserver", "ca"},
    Certificate{"apiserver-etcd-client", "etcd-ca"},
    Certificate{"apiserver-kubelet-client", "ca"},
    Certificate{"controller-manager.conf", "ca"},
    Certificate{"etcd-healthcheck-client", "etcd-ca"},
    Certificate{"etcd-peer", "etcd-ca"},
    Certificate{"etcd-server", "etcd-ca"},
    Certificate{"front-proxy-client", "front-proxy-ca"},
    Certificate{"scheduler.conf", "ca"},
    Certificate{"super-admin.conf", "ca"},
};
constexpr std::array kAuthorities = {Certificate{"ca", nullptr}, Certificate{"etcd-ca", nullptr},
                                     Certificate{"front-proxy-ca", nullptr}};

// The cluster is as old as its admin.conf was at first; each upgrade of the control plane renews
// the certificates, as does `certs renew`.
time_t cluster_made() {
  struct stat file {};
  return stat("/etc/kubernetes/admin.conf", &file) == 0 ? file.st_mtime
                                                        : static_cast<time_t>(now());
}

time_t renewed() {
  const std::vector<std::string> upgrades = read_lines(in_state("control-plane"));
  const std::vector<std::string> words =
      upgrades.empty() ? std::vector<std::string>{} : split_words(upgrades.back());
  const time_t last = words.size() == 2 ? std::atoll(words[1].c_str()) : 0;
  const std::vector<std::string> renewals = read_lines(in_state("renewed"));
  const time_t by_hand = renewals.empty() ? 0 : std::atoll(renewals.back().c_str());
  return std::max({last, by_hand, cluster_made()});
}

time_t expiry_of(const Certificate& one) {
  return one.authority == nullptr ? cluster_made() + kAuthorityLife : renewed() + kLeafLife;
}

std::string formatted(time_t time, const char* format) {
  tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), format, &utc);
  return text.data();
}

time_t residual(const Certificate& one) {
  return static_cast<time_t>(static_cast<double>(expiry_of(one)) - now());
}

Json json_of(const Certificate& one) {
  Json object = {{"name", one.name},
                 {"expirationDate", formatted(expiry_of(one), "%Y-%m-%dT%H:%M:%SZ")},
                 {"residualTime", residual(one)},
                 {"externallyManaged", false}};
  if (one.authority != nullptr) object["caName"] = one.authority;
  object["missing"] = false;
  return object;
}

std::string as_json() {
  Json info = {{"kind", "CertificateExpirationInfo"},
               {"apiVersion", "output.kubeadm.k8s.io/v1alpha3"}};
  for (const Certificate& one : kCertificates) info["certificates"].push_back(json_of(one));
  for (const Certificate& one : kAuthorities)
    info["certificateAuthorities"].push_back(json_of(one));
  return info.dump(4) + '\n';
}

// "364d", "9y"
std::string residual_text(const Certificate& one) {
  if (residual(one) <= 0) return "<invalid>";
  const time_t days = residual(one) / kDay;
  return days > 365 ? fmt::format("{}y", days / 365) : fmt::format("{}d", days);
}

// Without the API kubeadm goes by its defaults.
std::string front() {
  return recorded(api_answers() ? "kubeadm/check-expiration-front.out"
                                : "kubeadm/check-expiration-defaults.out");
}

std::string as_text() {
  constexpr const char* kDate = "%b %d, %Y %H:%M UTC";
  std::vector<std::vector<std::string>> leaves = {
      {"CERTIFICATE", "EXPIRES", "RESIDUAL TIME", "CERTIFICATE AUTHORITY", "EXTERNALLY MANAGED"}};
  for (const Certificate& one : kCertificates) {
    leaves.push_back({one.name, formatted(expiry_of(one), kDate), residual_text(one), one.authority,
                      "no      "});
  }
  std::vector<std::vector<std::string>> authorities = {
      {"CERTIFICATE AUTHORITY", "EXPIRES", "RESIDUAL TIME", "EXTERNALLY MANAGED"}};
  for (const Certificate& one : kAuthorities) {
    authorities.push_back(
        {one.name, formatted(expiry_of(one), kDate), residual_text(one), "no      "});
  }
  return front() + table(leaves) + '\n' + table(authorities);
}

}  // namespace

int check_expiration(Call& call, const KubeadmWords& words) {
  const std::string form = words.option("--output", "text");
  if (words.words.size() != 2 || (form != "text" && form != "json")) call.unknown();
  call.begin(Effect::Reads, connection_refused());
  out(form == "json" ? as_json() : as_text());
  return 0;
}

int renew_certificates(Call& call, const KubeadmWords& words) {
  const std::string file = words.option("--config");
  if (words.words.size() != 3) call.unknown();
  const std::string configuration = file.empty() ? "" : read_file(file).value_or("");
  if (!file.empty() && configuration.find("\nkind: ClusterConfiguration\n") == std::string::npos)
    call.unknown();
  call.begin(Effect::Changes, connection_refused());
  lasts(kRenewCertificates);
  call.half_way();
  append_line(in_state("renewed"), epoch_text());
  const std::string said = recorded("kubeadm/certs-renew.out");
  const std::string renewed = said.substr(said.find("\n\n") + 2);
  out(!file.empty()   ? renewed
      : api_answers() ? said
                      : recorded("kubeadm/certs-renew-defaults.out") + renewed);
  return 0;
}

}  // namespace drover::sandbox
