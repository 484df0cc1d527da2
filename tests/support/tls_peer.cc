#include "tests/support/tls_peer.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace drover::test {
namespace {

// The length that the header block `head` promises for the body.
size_t body_length(const std::string& head) {
  const std::string name = "Content-Length: ";
  const size_t at = head.find(name);
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + name.size(), nullptr, 10);
}

int listen_on(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, 64) != 0)
    throw std::runtime_error("listen " + path);
  return fd;
}

int listen_on_loopback(int& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || bind(fd, raw, size) != 0 || listen(fd, 64) != 0 || getsockname(fd, raw, &size) != 0)
    throw std::runtime_error("listen on loopback");
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

struct TlsPeer::Impl {
  Impl(Script what, Read how, const Pki& pki, Listen listen)
      : script(std::move(what)), read(how), context(SSL_CTX_new(TLS_server_method())) {
    if (SSL_CTX_use_certificate_file(context, pki.server().certificate_file.c_str(),
                                     SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, pki.server().key_file.c_str(), SSL_FILETYPE_PEM) !=
            1 ||
        SSL_CTX_load_verify_file(context, pki.ca_file().c_str()) != 1)
      throw std::runtime_error("the test's TLS peer has no certificate");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    const unsigned char context_id = 1;  // resumption with client certificates fails without one
    SSL_CTX_set_session_id_context(context, &context_id, sizeof context_id);
    if (listen == Listen::UnixSocket) {
      socket_path = dir.file("api");
      listener = listen_on(socket_path);
    } else {
      listener = listen_on_loopback(port);
    }
    acceptor = std::thread([this] { accept_all(); });
  }

  ~Impl() {
    shutdown(listener, SHUT_RDWR);
    acceptor.join();
    close(listener);
    {
      const std::lock_guard lock(mutex);
      for (const int fd : open) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads) thread.join();
    SSL_CTX_free(context);
  }

  void accept_all() {
    for (int fd; (fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const std::lock_guard lock(mutex);
      open.insert(fd);
      threads.emplace_back([this, fd, number = ++connections] {
        // A client that has gone must not end the test program.
        sigset_t broken_pipe;
        sigemptyset(&broken_pipe);
        sigaddset(&broken_pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
        serve(fd, number);
        const std::lock_guard closing(mutex);
        open.erase(fd);
        close(fd);
      });
    }
  }

  void serve(int fd, int connection) {
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
      std::string pending;
      for (int number = 1; read_request(ssl, pending); ++number) {
        ++requests;
        if (!answer(ssl, script(connection, number, pending))) break;
        pending.clear();
      }
    } else {
      shutdown(fd, SHUT_WR);
      char ignored = 0;
      while (recv(fd, &ignored, sizeof ignored, 0) > 0) {
      }
    }
    SSL_free(ssl);
  }

  bool read_request(SSL* ssl, std::string& request) {
    size_t wanted = std::string::npos;
    while (request.size() < wanted) {
      char buffer[4096];
      const int count = SSL_read(ssl, buffer, sizeof buffer);
      if (count <= 0) return false;
      request.append(buffer, static_cast<size_t>(count));
      const size_t end = request.find("\r\n\r\n");
      if (end != std::string::npos)
        wanted = end + 4 + (read == Read::Whole ? body_length(request.substr(0, end)) : 0);
    }
    return true;
  }

  // True if the connection is to serve another request.
  static bool answer(SSL* ssl, const Answer& answer) {
    if (!answer.bytes.empty())
      SSL_write(ssl, answer.bytes.data(), static_cast<int>(answer.bytes.size()));
    if (answer.then == Then::CloseNotify) SSL_shutdown(ssl);
    if (answer.then == Then::Silence) {
      char ignored = 0;
      while (SSL_read(ssl, &ignored, 1) > 0) {
      }
    }
    return answer.then == Then::KeepOpen;
  }

  const Script script;
  const Read read;
  SSL_CTX* const context;
  TempDir dir;
  std::string socket_path;
  int port = 0;
  int listener = -1;
  std::thread acceptor;
  std::mutex mutex;  // guards `open` and `threads`
  std::set<int> open;
  std::vector<std::thread> threads;
  std::atomic<int> connections = 0;
  std::atomic<int> requests = 0;
};

TlsPeer::TlsPeer(Script script, Read read, const Pki& pki, Listen listen)
    : impl_(std::make_unique<Impl>(std::move(script), read, pki, listen)) {}

TlsPeer::~TlsPeer() = default;

const std::string& TlsPeer::socket_path() const { return impl_->socket_path; }

int TlsPeer::port() const { return impl_->port; }

int TlsPeer::connections() const { return impl_->connections; }

int TlsPeer::requests() const { return impl_->requests; }

}  // namespace drover::test
