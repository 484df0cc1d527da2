#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "remote/clock.h"
#include "remote/kube/channel_source.h"
#include "remote/kube/http.h"
#include "remote/kube_api.h"

namespace drover::remote {

/// The Kubernetes API of one cluster. A request's timeout bounds all that is done for it: dialling,
/// pages, repetition, other ways to the API when one is out of reach, and a pause that the server
/// asks for with 429 and Retry-After. An answer is an answer: 401 and 403 are not asked again
/// elsewhere. One thread at a time.
class KubeApi final : public ApiReader, public ApiWriter, public ApiStreams {
 public:
  /// `source` and `clock` outlive this object.
  KubeApi(ChannelSource& source, Clock& clock);
  ~KubeApi() override;

  Result<ApiResponse> get(const ApiRequest& request, std::stop_token stop) override;

  /// Unknown where the request was sent and no answer came; of any other kind, it was not carried
  /// out. What was not sent over one way is sent over another; what was refused with 401 is sent
  /// again when the credentials could be renewed.
  Result<ApiResponse> send(const ApiRequest& request, std::stop_token stop) override;

  Result<ApiResponse> stream(const ApiRequest& request, const StreamSink& sink,
                             std::stop_token stop) override;

 private:
  Result<ApiResponse> get_page(const ApiRequest& request, Instant deadline,
                               const std::stop_token& stop);
  Result<ApiResponse> over_any_way(const ApiRequest& request, Instant deadline,
                                   const std::stop_token& stop);
  Result<ApiResponse> over(const ApiRoute& route, const ApiRequest& request, Instant deadline,
                           const std::stop_token& stop, const StreamSink& sink = {});
  Result<ApiResponse> exchange(const ApiRoute& route, const ApiRequest& request, Instant deadline,
                               const std::stop_token& stop, const StreamSink& sink);
  HttpChannel& channel(const ApiRoute& route);
  Error explain(const ApiRoute* route, const ApiRequest& request, Error error);

  ChannelSource& source_;
  Clock& clock_;
  std::shared_ptr<const HttpSettings> settings_;  ///< of the channel
  std::optional<HttpChannel> channel_;
};

}  // namespace drover::remote
