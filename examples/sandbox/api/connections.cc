#include "examples/sandbox/api/connections.h"

#include <fcntl.h>
#include <sys/socket.h>

namespace drover::sandbox {
namespace {

void end(const remote::UniqueFd& socket) {
  if (socket.get() >= 0) shutdown(socket.get(), SHUT_RDWR);
}

thread_local Connections::Held* current = nullptr;

}  // namespace

Connections::Held::Held(Connections& all) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  socket_ = all_.sockets_.emplace(all_.sockets_.end());
}

Connections::Held::~Held() {
  current = nullptr;
  const std::lock_guard lock(all_.mutex_);
  all_.sockets_.erase(socket_);
  if (all_.sockets_.empty()) all_.none_.notify_all();
}

void Connections::Held::serve_on_this_thread() { current = this; }

Connections::Held* Connections::Held::of_this_thread() { return current; }

void Connections::Held::adopt(int socket) {
  const std::lock_guard lock(all_.mutex_);
  if (socket_->get() >= 0) return;
  *socket_ = remote::UniqueFd(fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (all_.refusing_) end(*socket_);
}

void Connections::Held::cut() {
  const std::lock_guard lock(all_.mutex_);
  end(*socket_);
}

void Connections::cut_all() {
  const std::lock_guard lock(mutex_);
  refusing_ = true;
  for (const remote::UniqueFd& socket : sockets_) end(socket);
}

void Connections::admit() {
  const std::lock_guard lock(mutex_);
  refusing_ = false;
}

void Connections::wait_for_none() {
  std::unique_lock lock(mutex_);
  none_.wait(lock, [this] { return sockets_.empty(); });
}

}  // namespace drover::sandbox
