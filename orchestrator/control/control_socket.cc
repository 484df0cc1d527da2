#include "orchestrator/control/control_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "orchestrator/control/control_line.h"

namespace drover::orchestrator {
namespace {

std::string path_in(const std::string& folder) {
  return fmt::format("{}/{}", folder, kControlName);
}

/// The socket file by way of an open descriptor of its folder: short, however long the path is.
struct Address {
  Fd folder;
  sockaddr_un name{};

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }
};

Result<Address> address_in(const std::string& folder) {
  Address address{Fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))};
  if (!address.folder.valid()) return io_error("open folder", folder);
  address.name.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", address.folder.get(), kControlName);
  std::memcpy(address.name.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Result<Fd> new_socket(const std::string& folder) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return io_error("make a socket for", path_in(folder));
  return fd;
}

// Nobody listens there any more; a queue that is full is another matter.
bool is_stale(const Fd& fd, const Address& address) {
  return ::connect(fd.get(), address.get(), sizeof(address.name)) != 0 && errno == ECONNREFUSED;
}

int bind_to(const Fd& fd, const Address& address) {
  return ::bind(fd.get(), address.get(), sizeof(address.name));
}

}  // namespace

Result<Fd> connect_in(const std::string& folder) {
  DROVER_TRY_ASSIGN(const Address address, address_in(folder));
  DROVER_TRY_ASSIGN(Fd fd, new_socket(folder));
  if (::connect(fd.get(), address.get(), sizeof(address.name)) != 0) {
    return io_error("connect to", path_in(folder));
  }
  return fd;
}

Result<Fd> listen_in(const std::string& folder) {
  DROVER_TRY_ASSIGN(const Address address, address_in(folder));
  DROVER_TRY_ASSIGN(Fd fd, new_socket(folder));
  // The file gets the mode of the socket: it is never open to others, not for a moment.
  if (::fchmod(fd.get(), 0600) != 0) return io_error("protect", path_in(folder));
  int bound = bind_to(fd, address);
  if (bound != 0 && errno == EADDRINUSE) {
    DROVER_TRY_ASSIGN(const Fd probe, new_socket(folder));
    if (!is_stale(probe, address)) {
      return Error{.kind = ErrorKind::State,
                   .message = fmt::format("another process answers on {}", path_in(folder)),
                   .remedy = "wait for it to end; `drover status` shows it"};
    }
    remove_socket(folder);
    bound = bind_to(fd, address);
  }
  if (bound != 0) return io_error("make", path_in(folder));
  constexpr int kWaiting = 64;
  if (::listen(fd.get(), kWaiting) != 0) return io_error("listen on", path_in(folder));
  return fd;
}

void remove_socket(const std::string& folder) { ::unlink(path_in(folder).c_str()); }

bool is_trusted_peer(int fd) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace drover::orchestrator
