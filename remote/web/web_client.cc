#include "remote/web/web_client.h"

#include <string_view>
#include <utility>

#include "remote/kube/server_url.h"

namespace drover::remote {
namespace {

constexpr std::string_view kHttps = "https://";
constexpr std::string_view kHttp = "http://";
constexpr size_t kAnswerLimit = size_t{8} << 20;

struct WebUrl {
  bool tls = true;
  std::string authority;  ///< HOST[:PORT]
  std::string target;     ///< path and query
};

Result<WebUrl> parse_url(std::string_view text) {
  WebUrl url;
  url.tls = text.starts_with(kHttps);
  if (!url.tls && !text.starts_with(kHttp)) {
    return Error{.kind = ErrorKind::File, .message = "not an address of http or https"};
  }
  text.remove_prefix((url.tls ? kHttps : kHttp).size());
  const size_t slash = std::min(text.find('/'), text.size());
  url.authority = text.substr(0, slash);
  url.target = slash == text.size() ? "/" : std::string(text.substr(slash));
  return url;
}

}  // namespace

WebClient::WebClient(WebTokens tokens, std::string user_agent, std::string ca_pem)
    : tokens_(std::move(tokens)), user_agent_(std::move(user_agent)), ca_pem_(std::move(ca_pem)) {
  for (const auto& [place, token] : tokens_) redaction_.add(token->reveal());
}

Result<HttpChannel*> WebClient::channel(bool tls, const std::string& authority) {
  const std::string key = (tls ? "s:" : ":") + authority;
  const auto known = channels_.find(key);
  if (known != channels_.end()) return &known->second;
  const bool has_port = authority.find(':', authority.rfind(']') + 1) != std::string::npos;
  const std::string with_port = authority + (has_port ? "" : tls ? ":443" : ":80");
  DROVER_TRY_ASSIGN(const ServerUrl server, parse_server_url(std::string(kHttps) + with_port));
  auto credentials = std::make_shared<ApiCredentials>();
  credentials->ca_pem = ca_pem_;
  HttpSettings settings;
  settings.credentials = std::move(credentials);
  settings.port = server.port;
  settings.name = server.host;
  settings.user_agent = user_agent_;
  settings.answer_limit = kAnswerLimit;
  settings.tls = tls;
  settings.machine_authorities = ca_pem_.empty();
  settings.peer = "the server";
  return &channels_.emplace(key, HttpChannel(std::move(settings))).first->second;
}

Result<ApiResponse> WebClient::get(const WebRequest& request, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const WebUrl url, parse_url(request.url));
  HttpRequest http;
  http.path = url.target;
  http.timeout = request.timeout;
  if (!request.token.empty()) {
    const auto token = tokens_.find(request.token);
    if (token == tokens_.end()) {
      return Error{.kind = ErrorKind::Authentication, .message = "its token is not at hand"};
    }
    http.token = token->second;
  }
  DROVER_TRY_ASSIGN(HttpChannel * channel, this->channel(url.tls, url.authority));
  Result<ApiResponse> answer = channel->perform(http, stop);
  if (!answer) return redaction_.apply(std::move(answer).error());
  answer->body = redaction_.apply(answer->body);
  return answer;
}

}  // namespace drover::remote
