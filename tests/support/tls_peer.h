#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/support/tls_pki.h"

namespace drover::test {

/// A TLS server on an AF_UNIX socket, or on loopback, that keeps to no protocol: the test says
/// which bytes answer a request and how the connection goes on. It demands a client certificate of
/// its own authority, and waits for a client that it refuses to go, so that the client reads why.
class TlsPeer {
 public:
  enum class Then {
    KeepOpen,     ///< wait for the next request
    CloseNotify,  ///< end the TLS stream in order
    Cut,          ///< close the connection without a word
    Silence,      ///< keep the connection and never answer again
  };
  struct Answer {
    std::string bytes;
    Then then = Then::KeepOpen;
  };
  /// What to answer to the request `number` (from 1) of the connection `connection` (from 1).
  /// Called on the connection's thread.
  using Script = std::function<Answer(int connection, int number, const std::string& request)>;
  /// Whether a request counts and is answered as soon as its headers are there, or with its body.
  enum class Read { Whole, HeadersOnly };

  enum class Listen { UnixSocket, LoopbackTcp };

  explicit TlsPeer(Script script, Read read = Read::Whole, const Pki& pki = Pki::cluster(),
                   Listen listen = Listen::UnixSocket);
  ~TlsPeer();

  const std::string& socket_path() const;  ///< with Listen::UnixSocket
  int port() const;                        ///< with Listen::LoopbackTcp
  int connections() const;
  int requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace drover::test
