#include "remote/kube/direct_source.h"

#include <fmt/format.h>

#include <utility>

#include "inventory/base/text.h"
#include "remote/kube/exec_plugin.h"
#include "remote/kube/server_url.h"

namespace drover::remote {
namespace {

// A token that is mounted into a pod is replaced long before it runs out.
constexpr std::chrono::minutes kTokenFileAge{1};
constexpr std::chrono::seconds kBeforeExpiry{5};
constexpr std::chrono::seconds kRenewal{30};

std::shared_ptr<const ApiCredentials> credentials_of(const KubeContext& context,
                                                     const std::string& certificate_pem,
                                                     std::string_view key_pem) {
  auto credentials = std::make_shared<ApiCredentials>();
  credentials->ca_pem = context.ca_pem;
  credentials->certificate_pem = certificate_pem;
  credentials->key_pem = Secret(std::string(key_pem));
  credentials->server = context.server;
  return credentials;
}

}  // namespace

DirectSource::DirectSource(std::shared_ptr<const KubeContext> context, std::string file,
                           HttpSettings settings, Clock& clock)
    : context_(std::move(context)),
      file_(std::move(file)),
      clock_(clock),
      settings_(std::make_shared<const HttpSettings>(std::move(settings))) {
  if (!context_->token.reveal().empty())
    token_ = std::make_shared<const Secret>(std::string(context_->token.reveal()));
}

Result<std::unique_ptr<DirectSource>> DirectSource::make(std::shared_ptr<const KubeContext> context,
                                                         std::string file, std::string user_agent,
                                                         Clock& clock) {
  const auto unusable = [&](const std::string& why) {
    return Error{
        .kind = ErrorKind::File,
        .message = fmt::format("{}: context \"{}\": {}", file, sanitise(context->name, 80), why)};
  };
  const Result<ServerUrl> url = parse_server_url(context->server);
  if (!url) return unusable("server: " + url.error().message);
  HttpSettings settings;
  settings.user_agent = std::move(user_agent);
  settings.credentials =
      credentials_of(*context, context->certificate_pem, context->key_pem.reveal());
  settings.name = url->host;
  settings.port = url->port;
  settings.base_path = url->base_path;
  if (!context->tls_server_name.empty()) {
    if (!host_name(context->tls_server_name))
      return unusable(fmt::format("tls-server-name: \"{}\" is not a host name",
                                  sanitise(context->tls_server_name, 80)));
    settings.name = context->tls_server_name;
    settings.connect_to = fmt::format("{}:{}", url->host, url->port);
  }
  return std::unique_ptr<DirectSource>(
      new DirectSource(std::move(context), std::move(file), std::move(settings), clock));
}

Result<ApiRoute> DirectSource::route(const std::set<std::string>&, Instant deadline,
                                     std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  DROVER_TRY(freshen(deadline, stop));
  return ApiRoute{.name = fmt::format("context {} ({})", sanitise(context_->name, 80),
                                      sanitise(context_->server, 120)),
                  .settings = settings_,
                  .token = token_};
}

Status DirectSource::freshen(Instant deadline, const std::stop_token& stop) {
  if (context_->exec) {
    const bool good = had_ && (!expires_ || clock_.wall() + kBeforeExpiry < *expires_);
    if (good) return {};
    return run_plugin(std::chrono::floor<std::chrono::milliseconds>(deadline - clock_.now()), stop);
  }
  if (context_->token_file.empty()) return {};
  if (had_ && clock_.now() - read_at_ < kTokenFileAge) return {};
  Status read = read_token_file();
  // A file that is being replaced is read the next time.
  return had_ ? Status() : read;
}

Status DirectSource::run_plugin(std::chrono::milliseconds patience, const std::stop_token& stop) {
  DROVER_TRY_ASSIGN(ExecCredential got, run_exec_plugin(*context_, patience, stop));
  const bool has_token = !got.token.reveal().empty();
  token_ = has_token ? std::make_shared<const Secret>(std::move(got.token)) : nullptr;
  if (!got.certificate_pem.empty()) {
    HttpSettings settings = *settings_;
    settings.credentials = credentials_of(*context_, got.certificate_pem, got.key_pem.reveal());
    settings_ = std::make_shared<const HttpSettings>(std::move(settings));
  }
  expires_ = got.expires;
  had_ = true;
  return {};
}

Status DirectSource::read_token_file() {
  Result<std::string> text = read_small_file(context_->token_file);
  if (text && trim(*text).empty())
    text = Error{.kind = ErrorKind::File, .message = context_->token_file + ": is empty"};
  if (!text) {
    Error error = std::move(text).error();
    error.message = fmt::format("{}: tokenFile: {}", file_, error.message);
    return error;
  }
  read_at_ = clock_.now();
  had_ = true;
  const std::string_view token = trim(*text);
  if (!token_ || token_->reveal() != token)
    token_ = std::make_shared<const Secret>(std::string(token));
  wipe(*text);
  return {};
}

Result<bool> DirectSource::renew(const ApiRoute& route, std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  const auto others = [&] { return route.token != token_ || route.settings != settings_; };
  if (others()) return true;  // another thread was faster
  if (context_->exec) {
    DROVER_TRY(run_plugin(kRenewal, stop));
    return true;
  }
  if (!context_->token_file.empty()) DROVER_TRY(read_token_file());
  return others();
}

std::string DirectSource::remedy(const ApiRoute&, ErrorKind kind) {
  const std::string where =
      fmt::format("--kubeconfig {} --context {}", file_, sanitise(context_->name, 80));
  switch (kind) {
    case ErrorKind::Unreachable:
    case ErrorKind::Timeout:
      return fmt::format(
          "see whether {} is reached from this machine; api.via: ssh goes by way of "
          "a control plane instead",
          sanitise(context_->server, 120));
    case ErrorKind::Authentication:
      return fmt::format("see what this says, and renew the credentials: kubectl {} get nodes",
                         where);
    default:
      return {};
  }
}

}  // namespace drover::remote
