#include "examples/sandbox/api/listener.h"

// As Debian builds the library: the layout of its classes depends on these.
#define CPPHTTPLIB_OPENSSL_SUPPORT
#define CPPHTTPLIB_ZLIB_SUPPORT
#define CPPHTTPLIB_BROTLI_SUPPORT
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "examples/sandbox/api/connections.h"

namespace drover::sandbox {
namespace {

constexpr int kWaiting = 128;             // connections that are not accepted yet
constexpr size_t kLargestBody = 3 << 20;  // as kube-apiserver
constexpr time_t kIdle = 180;             // seconds; kube-apiserver's are more, libcurl's fewer

// A bound socket that does not listen keeps the port from all others and lets a server of this
// process share it.
remote::UniqueFd reserve(int& port) {
  remote::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (socket.get() < 0 ||
      setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0 ||
      bind(socket.get(), raw, size) != 0 || getsockname(socket.get(), raw, &size) != 0)
    throw std::runtime_error(std::string("no port on 127.0.0.1: ") + std::strerror(errno));
  port = ntohs(address.sin_port);
  return socket;
}

class Server final : public httplib::SSLServer {
 public:
  using SSLServer::SSLServer;
  // The library lets five wait.
  void let_many_wait() { ::listen(svr_sock_, kWaiting); }
};

// A thread for each connection: in a pool, a few idle ones would keep all others waiting.
class ThreadPerConnection final : public httplib::TaskQueue {
 public:
  explicit ThreadPerConnection(Connections& connections) : connections_(connections) {}

  void enqueue(std::function<void()> serve) override {
    // It counts from here on: the thread may begin after the server has been told to end.
    auto connection = std::make_unique<Connections::Held>(connections_);
    std::thread([held = std::move(connection), work = std::move(serve)] {
      held->serve_on_this_thread();
      work();
    }).detach();
  }
  // Whoever closes the server has cut all connections.
  void shutdown() override { connections_.wait_for_none(); }

 private:
  Connections& connections_;
};

void notice_connection(const SSL* ssl, int where, int) {
  Connections::Held* connection = Connections::Held::of_this_thread();
  if ((where & SSL_CB_HANDSHAKE_START) != 0 && connection != nullptr)
    connection->adopt(SSL_get_fd(ssl));
}

// Who sends is judged for each request: the handshake takes anybody.
int take_any_certificate(int, X509_STORE_CTX*) { return 1; }

void prepare(SSL_CTX* context) {
  // Without it every second connection fails: sessions are resumed with client certificates.
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("sandbox"), 7);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, take_any_certificate);
  SSL_CTX_set_info_callback(context, notice_connection);
}

Received::Client client_of(const httplib::Request& request) {
  if (request.has_header("Authorization")) return Received::Client::Stranger;
  X509* certificate = SSL_get_peer_certificate(request.ssl);
  if (certificate == nullptr) return Received::Client::Anonymous;
  X509_free(certificate);
  return SSL_get_verify_result(request.ssl) == X509_V_OK ? Received::Client::Administrator
                                                         : Received::Client::Stranger;
}

void send_half(const std::string& body, const std::string& type, httplib::Response& out) {
  out.set_content_provider(body.size() + 1, type.c_str(),
                           [body](size_t, size_t, httplib::DataSink& sink) {
                             sink.write(body.data(), body.size() / 2);
                             if (auto* connection = Connections::Held::of_this_thread())
                               connection->cut();
                             return false;
                           });
}

void give(const Sent& sent, httplib::Response& out) {
  out.status = sent.status;
  for (const auto& [name, value] : sent.headers) out.set_header(name, value);
  if (sent.how == Sent::How::Half) {
    send_half(sent.body, sent.content_type, out);
  } else {
    out.set_content(sent.body, sent.content_type.c_str());
  }
  if (sent.how != Sent::How::Nothing) return;
  if (auto* connection = Connections::Held::of_this_thread()) connection->cut();
}

// The library looks a hundred times a second for the next request of a connection. It calls this
// when a response is sent.
void wait_for_the_next(const httplib::Request& request, const httplib::Response& response) {
  if (request.ssl == nullptr || SSL_has_pending(request.ssl) != 0) return;
  if (request.get_header_value("Connection") == "close") return;
  if (response.get_header_value("Connection") == "close") return;
  pollfd next{SSL_get_fd(request.ssl), POLLIN, 0};
  ::poll(&next, 1, static_cast<int>(kIdle) * 1000);
}

}  // namespace

struct Listener::Impl {
  Impl(const Pki& the_pki, Handler the_handler)
      : pki(the_pki), handler(std::move(the_handler)), reservation(reserve(port)) {}

  void make_server() {
    server.emplace(pki.file("apiserver.crt").c_str(), pki.file("apiserver.key").c_str(),
                   pki.file("ca.crt").c_str());
    if (!server->is_valid()) throw std::runtime_error("the API's certificates cannot be read");
    prepare(server->ssl_context());
    server->new_task_queue = [this] { return new ThreadPerConnection(connections); };
    server->set_keep_alive_max_count(1'000'000);
    server->set_keep_alive_timeout(kIdle);
    server->set_payload_max_length(kLargestBody);
    server->set_tcp_nodelay(true);
    server->set_logger(wait_for_the_next);
    const auto serve = [this](const httplib::Request& in, httplib::Response& out) {
      give(handler(
               {in.method, in.target, in.body, in.get_header_value("Content-Type"), client_of(in)}),
           out);
    };
    constexpr const char* kAll = R"([\s\S]*)";
    server->Get(kAll, serve).Post(kAll, serve).Put(kAll, serve);
    server->Patch(kAll, serve).Delete(kAll, serve);
  }

  const Pki& pki;
  const Handler handler;
  int port = 0;
  const remote::UniqueFd reservation;
  Connections connections;
  std::optional<Server> server;
  std::thread listening;
};

Listener::Listener(const Pki& pki, Handler handler)
    : impl_(std::make_unique<Impl>(pki, std::move(handler))) {}

Listener::~Listener() { close(); }

int Listener::port() const { return impl_->port; }

void Listener::open() {
  if (impl_->server) return;
  impl_->connections.admit();
  impl_->make_server();
  if (!impl_->server->bind_to_port("127.0.0.1", impl_->port)) {
    impl_->server.reset();
    throw std::runtime_error("the API's port cannot be opened again");
  }
  impl_->server->let_many_wait();
  impl_->listening = std::thread([server = &*impl_->server] { server->listen_after_bind(); });
  while (!impl_->server->is_running()) std::this_thread::yield();
}

void Listener::close() {
  if (!impl_->server) return;
  impl_->server->stop();
  impl_->connections.cut_all();
  impl_->listening.join();
  impl_->server.reset();
}

}  // namespace drover::sandbox
