#pragma once

#include <stop_token>
#include <string>

#include "remote/clock.h"
#include "remote/kube/http.h"
#include "remote/kube_api.h"

namespace drover::remote {

/// The way from here to a control plane's API server. Called on the thread of the KubeApi that uses
/// it.
class ChannelSource {
 public:
  virtual ~ChannelSource() = default;
  /// Path of the AF_UNIX socket of the current tunnel, which is dialled again if it was lost. Its
  /// errors are shown as they are.
  virtual Result<std::string> socket_path(std::stop_token stop) = 0;
  /// What SSH said when it last refused to carry a connection; empty if it refused none.
  virtual std::string trouble() = 0;
};

/// The Kubernetes API of one control plane. A request's timeout bounds all that is done for it:
/// pages, repetition, and a pause that the server asks for with 429 and Retry-After. One thread at
/// a time.
class KubeApi final : public ApiReader, public ApiWriter {
 public:
  /// `control_plane`: inventory host name, for messages. `source` and `clock` outlive this object.
  KubeApi(std::string control_plane, HttpChannel channel, ChannelSource& source, Clock& clock);

  Result<ApiResponse> get(const ApiRequest& request, std::stop_token stop) override;

  /// Unknown where the request was sent and no answer came; of any other kind, it was not carried
  /// out.
  Result<ApiResponse> send(const ApiRequest& request, std::stop_token stop) override;

 private:
  Result<ApiResponse> get_page(const ApiRequest& request, Instant deadline,
                               const std::stop_token& stop);
  Result<ApiResponse> exchange(const ApiRequest& request, const std::string& socket_path,
                               Instant deadline, const std::stop_token& stop);
  Error explain(const ApiRequest& request, Error error);

  std::string control_plane_;
  HttpChannel channel_;
  ChannelSource& source_;
  Clock& clock_;
};

}  // namespace drover::remote
