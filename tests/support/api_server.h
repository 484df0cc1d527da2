#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/tls_pki.h"

namespace drover::test {

/// A request as the server read it.
struct SeenRequest {
  std::string method;
  std::string target;  ///< path and query as sent
  std::string body;
  std::multimap<std::string, std::string> headers;

  /// The header's value, or "-" when it was not sent. `name` as sent.
  std::string header(const std::string& name) const;
};

struct Reply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::map<std::string, std::string> headers = {};
};

/// A TLS server on loopback in place of kube-apiserver: it asks for a client certificate of its own
/// authority, and leaves what is answered to the test. It compresses as its client allows.
class ApiServer {
 public:
  enum class Listen {
    UnixSocket,
    LoopbackTcp,
    LoopbackTcpForAll,  ///< asks for no client certificate
  };
  /// Called on the connection's own thread, of which there may be many.
  using Handler = std::function<Reply(const SeenRequest&)>;

  explicit ApiServer(Handler handler, Listen listen = Listen::UnixSocket,
                     const Pki& pki = Pki::cluster());
  ApiServer(Handler handler, Listen listen, const Pki& pki, const KeyPair& server);
  /// Waits for the requests under way; connections left open hold it up for a second.
  ~ApiServer();

  const std::string& socket_path() const;  ///< with Listen::UnixSocket
  int port() const;                        ///< with the others
  std::vector<SeenRequest> seen() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace drover::test
