#pragma once

#include <memory>
#include <set>
#include <stop_token>
#include <string>

#include "inventory/base/result.h"
#include "remote/clock.h"
#include "remote/kube/http.h"

namespace drover::remote {

/// One way to an API server, good for one request.
struct ApiRoute {
  std::string name;         ///< of the way, for messages: a control plane or a kubeconfig's context
  std::string host;         ///< inventory host name; "": none
  std::string socket_path;  ///< AF_UNIX socket that leads there; "": dialled directly
  std::shared_ptr<const HttpSettings> settings;
  std::shared_ptr<const Secret> token;  ///< nullptr: none
};

/// The ways from here to the API servers of one cluster. Any thread.
class ChannelSource {
 public:
  virtual ~ChannelSource() = default;
  /// The way to take now among those whose name is not in `tried`, dialled when necessary and
  /// possible before `deadline`. Its errors are shown as they are; Unreachable or Timeout: none of
  /// those left can be dialled.
  virtual Result<ApiRoute> route(const std::set<std::string>& tried, Instant deadline,
                                 std::stop_token stop) = 0;
  /// How many ways there are.
  virtual size_t ways() const = 0;
  /// `route` carried a request to an answer: it is taken first from now on.
  virtual void worked(const ApiRoute&) {}
  /// What was said when `route` last refused to carry a connection; empty if it refused none.
  virtual std::string trouble(const ApiRoute&) { return {}; }
  /// What to do about a failure of that kind on `route`.
  virtual std::string remedy(const ApiRoute& route, ErrorKind kind) = 0;
  /// The API server did not accept the credentials of `route` (401): true when others were got
  /// since, and the request is worth another try. An Error: why there are none.
  virtual Result<bool> renew(const ApiRoute&, std::stop_token) { return false; }
};

}  // namespace drover::remote
