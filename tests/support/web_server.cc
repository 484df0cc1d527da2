#include "tests/support/web_server.h"

// As Debian builds the library: the layout of its classes depends on these.
#define CPPHTTPLIB_OPENSSL_SUPPORT
#define CPPHTTPLIB_ZLIB_SUPPORT
#define CPPHTTPLIB_BROTLI_SUPPORT
#include <httplib.h>

#include <mutex>
#include <stdexcept>
#include <thread>

namespace drover::test {

struct WebServer::Impl {
  explicit Impl(ApiServer::Handler on_request) : handler(std::move(on_request)) {
    server.set_keep_alive_timeout(1);
    // One thread: TSan cannot see the locks of a library that was built without it.
    server.new_task_queue = [] { return new httplib::ThreadPool(1); };
    server.Get(".*",
               [this](const httplib::Request& in, httplib::Response& out) { answer(in, out); });
    port = server.bind_to_any_port("127.0.0.1");
    if (port <= 0) throw std::runtime_error("bind 127.0.0.1");
    listener = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }

  ~Impl() {
    server.stop();
    listener.join();
  }

  void answer(const httplib::Request& in, httplib::Response& out) {
    SeenRequest seen{in.method, in.target, in.body, {}};
    for (const auto& [name, value] : in.headers) seen.headers.emplace(name, value);
    const Reply reply = handler(seen);
    {
      const std::lock_guard lock(mutex);
      requests.push_back(std::move(seen));
    }
    out.status = reply.status;
    for (const auto& [name, value] : reply.headers) out.set_header(name.c_str(), value.c_str());
    out.set_content(reply.body, reply.content_type.c_str());
  }

  ApiServer::Handler handler;
  httplib::Server server;
  int port = 0;
  std::thread listener;
  mutable std::mutex mutex;
  std::vector<SeenRequest> requests;
};

WebServer::WebServer(ApiServer::Handler handler)
    : impl_(std::make_unique<Impl>(std::move(handler))) {}

WebServer::~WebServer() = default;

std::string WebServer::url(const std::string& target) const {
  return "http://127.0.0.1:" + std::to_string(impl_->port) + target;
}

std::vector<SeenRequest> WebServer::seen() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace drover::test
