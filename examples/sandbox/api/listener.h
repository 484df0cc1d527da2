#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "examples/sandbox/api/pki.h"

namespace drover::sandbox {

/// A request as it came over TLS.
struct Received {
  enum class Client {
    Administrator,  ///< with the certificate of admin.conf
    Anonymous,      ///< without any
    Stranger,       ///< with a certificate or a token that is not known here
  };
  std::string verb;
  std::string target;  ///< path and query as sent
  std::string body;
  std::string content_type;
  Client client = Client::Administrator;
};

/// What goes back, and how the connection ends.
struct Sent {
  enum class How {
    Whole,
    Half,     ///< the connection ends in the middle of the body
    Nothing,  ///< it ends without a byte
  };
  int status = 200;
  std::string body;
  std::string content_type;
  std::map<std::string, std::string> headers;
  How how = How::Whole;
};

/// The place where one API server listens: a port of 127.0.0.1 that it keeps for its life, open or
/// not. While it is not, connections are refused, as on a machine where nothing listens; those that
/// were open end. A client certificate is asked for and not demanded, as kube-apiserver does it.
class Listener {
 public:
  /// On a thread of the connection's own, several at once.
  using Handler = std::function<Sent(const Received&)>;

  /// Closed. std::runtime_error: there is no port, or the certificates are none.
  Listener(const Pki& pki, Handler handler);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const;
  /// Both return when it is so, and may be called again. A handler that is waiting for something
  /// must end its wait for close() to return. From one thread at a time.
  void open();
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace drover::sandbox
