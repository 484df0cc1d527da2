#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"
#include "remote/kube/kubeconfig.h"

namespace drover::remote {

/// One HTTP request, complete.
struct HttpRequest {
  Verb verb = Verb::Get;
  std::string path;          ///< with query, percent-encoded, sent as it is
  std::string body;          ///< not with Get
  std::string content_type;  ///< of `body`
  std::string socket_path;   ///< AF_UNIX socket that leads to the API server; "": dialled directly
  std::shared_ptr<const Secret> token;        ///< sent as bearer; nullptr: none
  std::chrono::milliseconds timeout{10'000};  ///< from the start to the last byte of the answer
  /// Takes the body of a 2xx answer as it comes, with no limit; false ends the exchange well. Only
  /// with Get. Empty: the body is collected.
  std::function<bool(std::string_view)> sink = {};
};

struct HttpSettings {
  std::shared_ptr<const ApiCredentials> credentials;
  bool tls = true;                   ///< false: plain HTTP
  bool machine_authorities = false;  ///< believes those of this machine instead of the credentials'
  std::string peer = "the API server";  ///< what messages call the other side
  int port = 6443;  ///< of the API server; over a socket it appears in the Host header only
  std::string name = "kubernetes";  ///< host in the URL, which the server's certificate must have
  std::string connect_to = {};      ///< HOST:PORT to dial instead of that name; "": the name itself
  std::string base_path = {};       ///< before the path of each request
  std::string user_agent;           ///< for example drover/0.1.0
  std::size_t answer_limit = std::size_t{256} << 20;  ///< bytes of a body after decompression
};

/// HTTP/1.1, over TLS unless told otherwise, to one server, by way of AF_UNIX sockets or over TCP.
/// Keeps one connection open between requests. One thread at a time.
class HttpChannel {
 public:
  explicit HttpChannel(HttpSettings settings);
  HttpChannel(HttpChannel&&) noexcept;
  HttpChannel& operator=(HttpChannel&&) noexcept;
  ~HttpChannel();

  /// Sends `request` and waits for the whole answer, whatever its status; redirects are not
  /// followed. A Get may be sent a second time when a kept connection turns out dead; any other
  /// verb goes over a connection of its own and is never sent twice (S4). `stop` ends the wait
  /// within milliseconds.
  ///
  /// Errors: Unreachable (no connection, or it broke), Authentication (the TLS handshake was
  /// refused by one side), Timeout, Cancelled, Api (the answer is not HTTP, or above the limit),
  /// Internal. For another verb than Get all of these mean that the request was not carried out,
  /// since what happens after it was sent is Unknown.
  Result<ApiResponse> perform(const HttpRequest& request, std::stop_token stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace drover::remote
