#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/inventory.h"
#include "orchestrator/api_gate.h"
#include "orchestrator/secrets/credentials.h"
#include "remote/clock.h"
#include "remote/kube/kube_api.h"
#include "remote/program_reader.h"
#include "remote/redacted_node.h"
#include "remote/redaction.h"
#include "remote/ssh/known_hosts_files.h"
#include "remote/web/web_client.h"

namespace drover::orchestrator {

/// All connections of one process: a shell a node, and the way to the API that the inventory names.
/// Opened when first used, opened again when lost. Any thread may ask; what is handed out belongs
/// to one thread at a time.
class Fleet {
 public:
  /// Obtains what the logins need, which may ask on the terminal. `inventory` must outlive it.
  explicit Fleet(const Inventory& inventory, std::stop_token stop = {});
  ~Fleet();

  /// What every connection would need and cannot be had, known before the first one is made.
  Status credentials() const;

  /// The shell of an inventory host, always the same object for the same host; what it says is
  /// freed of the passwords that were sent to it.
  std::shared_ptr<remote::RedactedNode> node(const std::string& host);

  /// The way for files to and from the same host, over the same connection: one thread at a time
  /// has either.
  std::shared_ptr<remote::NodeFiles> files(const std::string& host);

  /// Obtains the credentials for the API, which stay in memory (S13), and opens a channel.
  Status open_api(std::stop_token stop);
  /// Instead, for what goes on while the API is away: opens nothing yet, each request finds its
  /// way.
  Status prepare_api();
  /// Likewise, and what was read to reach it is read again. Whoever has a client of api() must not
  /// use it any more.
  Status prepare_api_anew();
  /// Likewise; the API is reached through other control planes than these, where there are any.
  Status prepare_api_beside(const std::vector<std::string>& hosts);
  /// A client of its own for the calling thread, over the shared channel. After open_api() only.
  std::unique_ptr<remote::KubeApi> api();
  /// Keeps the bearer token of a server, by the place that WebRequest::token names. Before web().
  void add_token(const std::string& place, std::string token);
  /// For the calling thread: servers other than the API's, with the tokens there are.
  std::unique_ptr<remote::WebReader> web() const;
  /// For the calling thread: programs on this machine; what they print is freed of all secrets.
  std::unique_ptr<remote::ProgramReader> programs() const;
  /// The shared channel. After open_api() only.
  ApiGate& gate() { return *gate_; }

 private:
  struct Shell;
  std::shared_ptr<Shell> shell(const std::string& host);
  remote::SshTarget target(const Host& host) const;
  Result<std::unique_ptr<ApiGate>> new_gate();

  const Inventory& inventory_;
  const Credentials credentials_;
  const std::shared_ptr<remote::KnownHosts> known_hosts_ = std::make_shared<remote::KnownHosts>();
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Shell>> nodes_;
  remote::WebTokens tokens_;
  remote::Redaction token_redaction_;
  remote::SystemClock clock_;
  std::unique_ptr<ApiGate> gate_;
};

}  // namespace drover::orchestrator
