#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "examples/sandbox/api/api_server.h"
#include "remote/kube/admin_conf.h"
#include "remote/kube/http.h"
#include "tests/sandbox/make_believe.h"

namespace drover::test {

/// The sandbox's API server over machines of which only the files exist, at a time that passes only
/// when a test says so, and Drover's own HTTP client beside it.
class ApiBed {
 public:
  explicit ApiBed(const std::vector<std::string>& names = {"cp1", "w1", "w2"});

  /// Time passes. The clock is read by the server's threads.
  void pass(double seconds);
  /// A tool on this node notes what begins now.
  void note(const std::string& node, const std::string& file, const std::string& what);

  /// A command of the control socket.
  nlohmann::json command(const nlohmann::json& request);
  nlohmann::json state() { return command({{"do", "state"}}); }

  Result<ApiResponse> send(Verb verb, const std::string& path, const std::string& body = "",
                           const std::string& content_type = "");
  Result<ApiResponse> get(const std::string& path) { return send(Verb::Get, path); }
  /// The body of a GET that is answered 200.
  nlohmann::json read(const std::string& path);

  /// Somebody else's requests: `certificate` and `key` as PEM, or a token.
  Result<ApiResponse> get_as(const std::string& path, const std::string& certificate,
                             const std::string& key, const std::string& token = "");

  /// Whether a connection to the port is refused.
  bool refuses(const std::string& control_plane = "cp1") const;
  std::string log() const;  ///< api.jsonl

 private:
  remote::HttpSettings settings(const std::string& certificate, const std::string& key) const;

  MachineFolders folders_;
  std::atomic<long> microseconds_ = 1'790'000'000'250'000;
  sandbox::ApiServer server_;
  sandbox::Commands commands_;
  std::shared_ptr<const remote::ApiCredentials> admin_;
  std::optional<remote::HttpChannel> channel_;
};

/// Waits for `condition`; false after 20 seconds.
bool becomes_so(const std::function<bool()>& condition);

}  // namespace drover::test
