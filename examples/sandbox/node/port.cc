#include "examples/sandbox/node/port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace drover::sandbox {
namespace {

constexpr int kWaiting = 128;  // connections in the kernel's queue

[[noreturn]] void fail(int number) {
  throw std::runtime_error(fmt::format("port {} of 127.0.0.1: {}", number, std::strerror(errno)));
}

// Two sockets may have one number as long as only one of them listens.
remote::UniqueFd bound(int number) {
  remote::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(number));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(number);
  }
  return fd;
}

int number_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail(0);
  return ntohs(address.sin_port);
}

}  // namespace

Port::Port(int wanted) : reservation_(bound(wanted)), number_(number_of(reservation_.get())) {}

void Port::listen() {
  if (listener_.get() >= 0) return;
  remote::UniqueFd fd = bound(number_);
  if (::listen(fd.get(), kWaiting) != 0) fail(number_);
  listener_ = std::move(fd);
}

}  // namespace drover::sandbox
