#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/packages/script.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// kubeadm looks for its configuration in the cluster first, and waits for an API that is away.
constexpr std::chrono::seconds kCommandTimeout{5 * 60};

constexpr std::string_view kRenew = "exec kubeadm certs renew all\n";
// By a pipe: nothing is left behind, whenever this is killed.
constexpr std::string_view kRenewBy =
    "printf '%s\\n' \"$configuration\" | kubeadm certs renew all --config /dev/stdin\n";
constexpr int kByDefaults = 75;  // exit code of kKnows; kubeadm has no such
constexpr std::string_view kFallsBack = "Falling back to default configuration";
constexpr const char* kDefaults = "defaults";  // a parameter: kubeadm may go by them
constexpr std::string_view kKept = "kept ";
constexpr const char* kKeep = "keep";        // a parameter: where they are kept as they were
constexpr const char* kExpired = "expired";  // a parameter: kubeadm is given its configuration
// A kubeadm that cannot read its configuration from the cluster goes by its defaults, renews in
// another folder or for another time than the cluster's, and calls that a success. In JSON it does
// not say so.
constexpr std::string_view kKnows =
    R"sh(said=$(kubeadm certs check-expiration 2>&1) || {
  code=$?
  printf '%s\n' "$said" >&2
  exit "$code"
}
case "$said" in
*"Falling back to default configuration"*)
  printf '%s\n' "$said" | head -n 5 >&2
  exit 75
  ;;
esac
)sh";
constexpr std::string_view kRenewed = " renewed";
constexpr std::string_view kNotRenewed = " can't be renewed";
constexpr std::string_view kMissing = "MISSING! ";
constexpr const char* kEtcdElsewhere = "etcd_elsewhere";

// Whole by its rename, and never written again: a second attempt finds what the first one renewed.
constexpr std::string_view kKeepThem = R"sh(if [ ! -d "$keep" ]; then
  rm -rf "$keep.part"
  trap 'rm -rf "$keep.part"' EXIT
  mkdir -m 0700 "$keep.part"
  [ ! -d "$pki" ] || cp -RLp "$pki" "$keep.part/pki"
  for file in /etc/kubernetes/*.conf; do
    [ ! -f "$file" ] || cp -Lp "$file" "$keep.part/"
  done
  sync
  mv "$keep.part" "$keep"
  sync
  trap - EXIT
fi
echo "kept $keep"
)sh";

/// What kubeadm said of each certificate, in its own words.
struct Renewed {
  size_t number = 0;
  std::vector<std::string> external = {};
  std::vector<std::string> missing = {};
};

/// super-admin.conf is on the first control plane only. Without its configuration kubeadm looks for
/// certificates of etcd that are not there when etcd is elsewhere.
bool may_be_missing(const Step& step, const std::string& certificate) {
  return certificate.find("super-admin") != certificate.npos ||
         (!step.param(kEtcdElsewhere).empty() && certificate.find("etcd") != certificate.npos);
}

/// "Detected external ca, certificate for serving the Kubernetes API can't be renewed" is a success
/// to kubeadm, as is "MISSING! certificate for ...".
Renewed read_renewed(const Step& step, const std::string& out) {
  Renewed read;
  for (const std::string& line : split_lines(out)) {
    if (line.starts_with(kMissing)) {
      const std::string certificate = line.substr(kMissing.size());
      if (!may_be_missing(step, certificate)) read.missing.push_back(sanitise(certificate));
    } else if (line.ends_with(kNotRenewed)) {
      const size_t comma = line.find(", ");
      const size_t begin = comma == line.npos ? 0 : comma + 2;
      read.external.push_back(
          sanitise(line.substr(begin, line.size() - kNotRenewed.size() - begin)));
    } else if (line.ends_with(kRenewed)) {
      ++read.number;
    }
  }
  return read;
}

bool kept(const CommandResult& result) {
  const std::vector<std::string> lines = split_lines(result.out);
  return std::any_of(lines.begin(), lines.end(),
                     [](const std::string& line) { return line.starts_with(kKept); });
}

std::string as_they_were(const Step& step) {
  return fmt::format("; what there was is in {}", step.param(kKeep));
}

Error not_renewed(const Step& step, const CommandResult& result, std::string message,
                  std::string remedy) {
  return on_host(step, {.kind = ErrorKind::Command,
                        .message = std::move(message),
                        .remedy = std::move(remedy) + ", then `drover resume`" +
                                  (kept(result) ? as_they_were(step) : "")});
}

std::string kept_by(const std::string& run) { return "/etc/kubernetes/certificates.before-" + run; }

std::string script_of(const Renewal& renewal) {
  std::string text = script_head();
  const bool given = !renewal.configuration.empty();
  if (!renewal.by_defaults && !given) text += kKnows;
  text += fmt::format("keep={}\npki={}\n", quote(kept_by(renewal.run)), quote(renewal.folder));
  if (given) text += fmt::format("configuration={}\n", quote(renewal.configuration));
  text += kKeepThem;
  text += given ? kRenewBy : kRenew;
  return text;
}

/// It comes back when the API does: another attempt may follow.
Decision by_defaults(const Step& step, const CommandResult& result, std::string_view what) {
  return fail(not_renewed(step, result,
                          fmt::format("kubeadm does not reach the API by its admin.conf, and {} by "
                                      "its defaults; nothing was restarted",
                                      what),
                          fmt::format("see `kubeadm certs check-expiration` on {}, and whether "
                                      "`kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes` "
                                      "works there",
                                      step.host)),
              /*again=*/true);
}

}  // namespace

Step make_certs_renew(const Scope& scope, const Host& host, const Renewal& renewal) {
  Step step = scope.step(StepKind::CertsRenew, &host,
                         fmt::format("renew the certificates of {}", host.name),
                         "kubeadm writes new ones beside the old keys' places; what runs goes on "
                         "with the old ones until it is restarted");
  step.commands = {{.script = script_of(renewal), .mutates = true, .timeout = kCommandTimeout}};
  step.params[kKeep] = kept_by(renewal.run);
  if (renewal.by_defaults) step.params[kDefaults] = "yes";
  if (!renewal.configuration.empty()) step.params[kExpired] = "yes";
  if (scope.facts.kubeadm.external_etcd) step.params[kEtcdElsewhere] = "yes";
  step.timeout = kCommandTimeout + std::chrono::seconds{60};
  step.estimate = std::chrono::seconds{2};
  return step;
}

bool renews_expired(const Step& step) {
  return step.kind == StepKind::CertsRenew && !step.param(kExpired).empty();
}

Queries look_certs_renew(const Step& step, const Attempt& attempt) {
  return look_at_nothing(step, attempt);
}

// To renew what was just renewed does no harm, so an unknown outcome is no question.
Decision decide_certs_renew(const Step& step, const Attempt& attempt, const Answers&) {
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0);
  if (last->exit_code == kByDefaults) return by_defaults(step, *last, "would renew");
  if (!last->ok()) {
    return fail(step_failed(step, "kubeadm certs renew all", *last,
                            fmt::format("mend what it says on {}, then `drover resume`; nothing "
                                        "was {} there{}",
                                        step.host, kept(*last) ? "restarted" : "renewed",
                                        kept(*last) ? as_they_were(step) : "")),
                passing(*last));
  }
  if (step.param(kDefaults).empty() && last->out.find(kFallsBack) != std::string::npos)
    return by_defaults(step, *last, "renewed");
  const Renewed renewed = read_renewed(step, last->out);
  if (!renewed.missing.empty())
    return fail(not_renewed(step, *last,
                            "kubeadm passed over what is missing, and nothing was restarted: " +
                                join(renewed.missing, "; "),
                            fmt::format("make it on {} with `kubeadm init phase certs` or `kubeadm "
                                        "init phase kubeconfig`",
                                        step.host)));
  if (renewed.number == 0)
    return fail(not_renewed(step, *last,
                            "kubeadm renewed no certificate, and nothing was restarted",
                            fmt::format("see `kubeadm certs renew all` on {}", step.host)));
  std::string text = fmt::format("{} {} renewed", renewed.number,
                                 renewed.number == 1 ? "certificate" : "certificates");
  if (!renewed.external.empty())
    text += "; not those whose authority's key is elsewhere: " + join(renewed.external, "; ");
  return done(text + as_they_were(step));
}

}  // namespace drover::plans
