#include "tests/support/api_server.h"

// As Debian builds the library: the layout of its classes depends on these.
#define CPPHTTPLIB_OPENSSL_SUPPORT
#define CPPHTTPLIB_ZLIB_SUPPORT
#define CPPHTTPLIB_BROTLI_SUPPORT
#include <httplib.h>

#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace drover::test {
namespace {

class Server final : public httplib::SSLServer {
 public:
  using SSLServer::SSLServer;
  // The library lets five wait, and a sixth is refused at once on an AF_UNIX socket.
  void let_many_wait() { ::listen(svr_sock_, 128); }
};

// A thread for each connection: a pool would let a few idle connections keep all others waiting.
class ThreadPerConnection final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> serve) override { threads_.emplace_back(std::move(serve)); }
  void shutdown() override {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace

std::string SeenRequest::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "-" : found->second;
}

struct ApiServer::Impl {
  Impl(Handler on_request, Listen listen, const Pki& pki, const KeyPair& identity)
      : handler(std::move(on_request)),
        server(identity.certificate_file.c_str(), identity.key_file.c_str(),
               listen == Listen::LoopbackTcpForAll ? nullptr : pki.ca_file().c_str()) {
    if (!server.is_valid()) throw std::runtime_error("the test's TLS server has no certificate");
    // Without it, every second connection fails: session resumption with client certificates.
    SSL_CTX_set_session_id_context(server.ssl_context(),
                                   reinterpret_cast<const unsigned char*>("drover"), 6);
    server.new_task_queue = [] { return new ThreadPerConnection; };
    server.set_keep_alive_max_count(1'000'000);
    server.set_keep_alive_timeout(1);
    server.set_payload_max_length(64 << 20);
    const auto serve = [this](const httplib::Request& in, httplib::Response& out) {
      answer(in, out);
    };
    server.Get(".*", serve).Post(".*", serve).Put(".*", serve).Patch(".*", serve);
    server.Delete(".*", serve);
    if (listen == Listen::UnixSocket) {
      socket_path = dir.file("api");
      server.set_address_family(AF_UNIX);
      if (!server.bind_to_port(socket_path, 1)) throw std::runtime_error("bind " + socket_path);
    } else {
      server.set_tcp_nodelay(true);
      port = server.bind_to_any_port("127.0.0.1");
      if (port <= 0) throw std::runtime_error("bind 127.0.0.1");
    }
    server.let_many_wait();
    listener = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }

  ~Impl() {
    server.stop();
    listener.join();
  }

  void answer(const httplib::Request& in, httplib::Response& out) {
    SeenRequest request{in.method, in.target, in.body, {in.headers.begin(), in.headers.end()}};
    {
      const std::lock_guard lock(mutex);
      seen.push_back(request);
    }
    const Reply reply = handler(request);
    out.status = reply.status;
    for (const auto& [name, value] : reply.headers) out.set_header(name, value);
    if (!reply.body.empty()) out.set_content(reply.body, reply.content_type);
  }

  Handler handler;
  TempDir dir;
  std::string socket_path;
  int port = 0;
  std::mutex mutex;
  std::vector<SeenRequest> seen;
  Server server;
  std::thread listener;
};

ApiServer::ApiServer(Handler handler, Listen listen, const Pki& pki)
    : ApiServer(std::move(handler), listen, pki, pki.server()) {}

ApiServer::ApiServer(Handler handler, Listen listen, const Pki& pki, const KeyPair& server)
    : impl_(std::make_unique<Impl>(std::move(handler), listen, pki, server)) {}

ApiServer::~ApiServer() = default;

const std::string& ApiServer::socket_path() const { return impl_->socket_path; }

int ApiServer::port() const { return impl_->port; }

std::vector<SeenRequest> ApiServer::seen() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->seen;
}

}  // namespace drover::test
