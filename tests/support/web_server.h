#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/api_server.h"

namespace drover::test {

/// A plain HTTP server on loopback, without TLS; what is answered is left to the test.
class WebServer {
 public:
  explicit WebServer(ApiServer::Handler handler);
  ~WebServer();

  std::string url(const std::string& target) const;  ///< http://127.0.0.1:PORT + target
  std::vector<SeenRequest> seen() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace drover::test
