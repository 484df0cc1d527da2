#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/api_gate.h"
#include "remote/ssh/tunnel.h"

namespace drover::orchestrator {

/// Through the control planes of the inventory: admin.conf is read from the first that is reached
/// and stays in memory (S13); a tunnel each leads to its API server. The one that worked last is
/// taken first, and one that failed last. What is reached must be of the authority in that
/// admin.conf: another cluster behind an address is refused.
class SshGate final : public ApiGate {
 public:
  SshGate(const Inventory& inventory, TargetOf target_of, remote::Clock& clock);
  ~SshGate() override;

  Status open(std::stop_token stop) override;
  Result<remote::ApiRoute> route(const std::set<std::string>& tried, remote::Instant deadline,
                                 std::stop_token stop) override;
  size_t ways() const override { return ways_.size(); }
  void worked(const remote::ApiRoute& route) override;
  std::string trouble(const remote::ApiRoute& route) override;
  std::string remedy(const remote::ApiRoute& route, ErrorKind kind) override;
  void avoid(const std::string& host) override;
  void allow(const std::string& host) override;

 private:
  struct Way {
    const Host* host = nullptr;
    int port = 0;  ///< of its API server; 0: not read yet
    std::shared_ptr<remote::Tunnel> tunnel = {};
    bool avoided = false;
    unsigned failed = 0;  ///< how late it failed last; 0: it did not
  };

  Way* find(const std::string& host);
  std::vector<Way*> order(const std::set<std::string>& tried);
  Status dial(Way& way, const remote::SshTarget& target, std::stop_token stop);
  Status read_files(Way& way, const remote::SshTarget& target, std::stop_token stop);

  const TargetOf target_of_;
  remote::Clock& clock_;
  std::mutex mutex_;
  std::vector<Way> ways_;
  Way* current_ = nullptr;  ///< the one that worked last
  unsigned failures_ = 0;
  std::shared_ptr<const remote::HttpSettings> settings_;
  std::string settings_from_;  ///< host whose admin.conf they are from
};

}  // namespace drover::orchestrator
