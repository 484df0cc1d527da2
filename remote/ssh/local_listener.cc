#include "remote/ssh/local_listener.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <vector>

#include "inventory/base/text.h"
#include "remote/ssh/errno_text.h"

namespace drover::remote {
namespace {

constexpr int kBacklog = 64;

/// The name that mkdtemp made below `base`, or an empty one. A path too long for a socket is no
/// use.
std::string make_folder(const std::string& base) {
  std::string folder = base + "/drover-XXXXXX";
  if (folder.size() + sizeof "/api" > sizeof sockaddr_un::sun_path) {
    errno = ENAMETOOLONG;
    return {};
  }
  return mkdtemp(folder.data()) == nullptr ? std::string() : folder;
}

Error failed(const std::string& what) {
  Error error;
  error.kind = ErrorKind::State;
  error.message = "no socket for the way to the API: " + what;
  error.remedy = "make /tmp, or the folder that XDG_RUNTIME_DIR names, writable";
  return error;
}

}  // namespace

Status LocalListener::open() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  std::vector<std::string> bases = {"/tmp"};
  if (runtime != nullptr && *runtime != '\0') bases.insert(bases.begin(), runtime);
  std::vector<std::string> problems;
  for (const std::string& base : bases) {
    folder_ = make_folder(base);
    if (!folder_.empty()) break;
    problems.push_back(fmt::format("{}: {}", base, errno_text()));
  }
  if (folder_.empty()) return failed(join(problems, "; "));

  path_ = folder_ + "/api";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  fd_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(fd_.get(), kBacklog) == 0) {
    return {};
  }
  const std::string problem = fmt::format("{}: {}", path_, errno_text());
  close();
  return failed(problem);
}

UniqueFd LocalListener::accept() {
  for (;;) {
    UniqueFd connection(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection.get() < 0) return connection;
    ucred peer{};
    socklen_t size = sizeof peer;
    const bool known = getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
    if (known && peer.pid == getpid()) return connection;
  }
}

void LocalListener::close() {
  fd_.reset();
  if (folder_.empty()) return;
  unlink(path_.c_str());
  rmdir(folder_.c_str());
  folder_.clear();
}

}  // namespace drover::remote
