#include "remote/kube/exec_plugin.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/process.h"

namespace drover::remote {
namespace {

using nlohmann::json;

constexpr size_t kMostOutput = 1 << 20;

Error refused(std::string message) {
  return {.kind = ErrorKind::Authentication, .message = std::move(message)};
}

// What the plug-in is told of itself, in KUBERNETES_EXEC_INFO.
std::string exec_info(const KubeContext& context) {
  json info = {{"apiVersion", context.exec->api_version},
               {"kind", "ExecCredential"},
               {"spec", {{"interactive", false}}}};
  if (context.exec->provide_cluster_info) {
    json& cluster = info["spec"]["cluster"];
    cluster["server"] = context.server;
    cluster["certificate-authority-data"] = base64_encode(context.ca_pem);
    if (!context.tls_server_name.empty()) cluster["tls-server-name"] = context.tls_server_name;
  }
  return info.dump();
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// RFC 3339, as metav1.Time is printed.
std::optional<WallTime> moment(const std::string& text) {
  std::tm civil{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &civil);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.') {
    do ++rest;
    while (std::isdigit(static_cast<unsigned char>(*rest)) != 0);
  }
  std::chrono::minutes offset{0};
  if (*rest == '+' || *rest == '-') {
    int hours = 0;
    int minutes = 0;
    if (std::sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2) return std::nullopt;
    offset = (*rest == '-' ? -1 : 1) * (std::chrono::hours(hours) + std::chrono::minutes(minutes));
  } else if (*rest != 'Z') {
    return std::nullopt;
  }
  return std::chrono::system_clock::from_time_t(timegm(&civil)) - offset;
}

}  // namespace

Result<ExecCredential> parse_exec_credential(const std::string& text,
                                             const std::string& api_version) {
  json root = json::parse(text, nullptr, false);
  if (!root.is_object() || text_at(root, "kind") != "ExecCredential")
    return refused("it printed no ExecCredential");
  if (text_at(root, "apiVersion") != api_version) {
    return refused(fmt::format("it printed an ExecCredential of {}, and {} was asked for",
                               sanitise(text_at(root, "apiVersion"), 80), api_version));
  }
  const auto status = root.find("status");
  if (status == root.end() || !status->is_object())
    return refused("it printed an ExecCredential without a status");
  ExecCredential credential;
  credential.token = Secret(text_at(*status, "token"));
  credential.certificate_pem = text_at(*status, "clientCertificateData");
  credential.key_pem = Secret(text_at(*status, "clientKeyData"));
  const bool has_key = !credential.key_pem.reveal().empty();
  if (credential.certificate_pem.empty() == has_key)
    return refused("it printed a client certificate without its key, or a key without it");
  if (has_key &&
      (!whole_pem(credential.certificate_pem) || !whole_pem(credential.key_pem.reveal())))
    return refused("it printed a client certificate or a key that is not PEM");
  if (!has_key && credential.token.reveal().empty())
    return refused("it printed neither a token nor a client certificate");
  if (const std::string expires = text_at(*status, "expirationTimestamp"); !expires.empty()) {
    credential.expires = moment(expires);
    if (!credential.expires)
      return refused(fmt::format("its expirationTimestamp is no time: {}", sanitise(expires, 80)));
  }
  return credential;
}

Result<ExecCredential> run_exec_plugin(const KubeContext& context,
                                       std::chrono::milliseconds patience, std::stop_token stop) {
  const ExecPlugin& plugin = *context.exec;
  const std::string name = sanitise(plugin.command, 200);
  const auto failed = [&](Error error) {
    error.message = fmt::format("the credential plug-in {} of context \"{}\": {}", name,
                                sanitise(context.name, 100), error.message);
    if (error.kind == ErrorKind::Authentication)
      error.remedy =
          plugin.install_hint.empty()
              ? fmt::format("run {} by hand: it must print credentials without asking", name)
              : sanitise(plugin.install_hint, 600);
    return error;
  };
  ProcessSpec spec{.command = plugin.command, .args = plugin.args, .env = plugin.env};
  spec.env.emplace_back("KUBERNETES_EXEC_INFO", exec_info(context));
  spec.most_output = kMostOutput;
  Result<ProcessResult> run = run_process(spec, patience, std::move(stop));
  if (!run) {
    Error error = run.error();
    if (error.kind != ErrorKind::Cancelled) error.kind = ErrorKind::Authentication;
    return failed(std::move(error));
  }
  if (run->exit_code != 0) {
    const std::string said(trim(run->err));
    wipe(run->out);
    return failed(refused(fmt::format(
        "{}{}",
        run->exit_code ? fmt::format("exit code {}", *run->exit_code) : "it was killed by a signal",
        said.empty() ? std::string() : ": " + sanitise(said))));
  }
  auto credential = parse_exec_credential(run->out, plugin.api_version);
  wipe(run->out);
  if (!credential) return failed(credential.error());
  return credential;
}

}  // namespace drover::remote
