#pragma once

#include <map>
#include <memory>
#include <string>

#include "remote/kube/http.h"
#include "remote/redaction.h"
#include "remote/web_reader.h"

namespace drover::remote {

/// The tokens at hand, by WebRequest::token.
using WebTokens = std::map<std::string, std::shared_ptr<const Secret>>;

/// HTTP and HTTPS by libcurl. Servers are believed by this machine's own authorities, or by those
/// given instead. Keeps a connection a server. One thread at a time.
class WebClient final : public WebReader {
 public:
  WebClient(WebTokens tokens, std::string user_agent, std::string ca_pem = "");

  Result<ApiResponse> get(const WebRequest& request, std::stop_token stop) override;

 private:
  Result<HttpChannel*> channel(bool tls, const std::string& authority);

  WebTokens tokens_;
  Redaction redaction_;
  std::string user_agent_;
  std::string ca_pem_;
  std::map<std::string, HttpChannel> channels_;  ///< by scheme and authority
};

}  // namespace drover::remote
