#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "remote/kube/channel_source.h"
#include "remote/kube/kubeconfig.h"

namespace drover::remote {

/// The API server of a kubeconfig's context, dialled directly. Credentials that come from a token
/// file or a plug-in are had when they are first needed, kept in memory (S13), and had again when
/// they run out or are refused. Any thread; one asks at a time, the others wait for it.
class DirectSource final : public ChannelSource {
 public:
  /// `file`: the kubeconfig's name in messages. A File error when its server is no address.
  static Result<std::unique_ptr<DirectSource>> make(std::shared_ptr<const KubeContext> context,
                                                    std::string file, std::string user_agent,
                                                    Clock& clock);

  Result<ApiRoute> route(const std::set<std::string>& tried, Instant deadline,
                         std::stop_token stop) override;
  size_t ways() const override { return 1; }
  std::string remedy(const ApiRoute& route, ErrorKind kind) override;
  Result<bool> renew(const ApiRoute& route, std::stop_token stop) override;

 private:
  DirectSource(std::shared_ptr<const KubeContext> context, std::string file, HttpSettings settings,
               Clock& clock);
  Status freshen(Instant deadline, const std::stop_token& stop);
  Status run_plugin(std::chrono::milliseconds patience, const std::stop_token& stop);
  Status read_token_file();

  const std::shared_ptr<const KubeContext> context_;
  const std::string file_;
  Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const HttpSettings> settings_;
  std::shared_ptr<const Secret> token_;
  bool had_ = false;                 ///< a token file or a plug-in was asked before
  Instant read_at_{};                ///< when the token file was read
  std::optional<WallTime> expires_;  ///< of what the plug-in gave
};

}  // namespace drover::remote
