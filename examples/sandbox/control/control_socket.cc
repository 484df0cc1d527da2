#include "examples/sandbox/control/control_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace drover::sandbox {
namespace {

constexpr const char* kName = "control";

/// The socket by way of an open descriptor of its folder, which is short.
struct Address {
  explicit Address(const std::filesystem::path& path)
      : folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    name.sun_family = AF_UNIX;
    const std::string text = fmt::format("/proc/self/fd/{}/{}", folder.get(), kName);
    std::memcpy(name.sun_path, text.c_str(), text.size() + 1);
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }

  remote::UniqueFd folder;
  sockaddr_un name{};
};

remote::UniqueFd new_socket(int flags) {
  return remote::UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
}

remote::UniqueFd connected(const std::filesystem::path& folder) {
  const Address address(folder);
  remote::UniqueFd fd = new_socket(0);
  if (::connect(fd.get(), address.get(), sizeof address.name) != 0) return {};
  return fd;
}

}  // namespace

remote::UniqueFd listen_in(const std::filesystem::path& folder) {
  if (answers_in(folder)) {
    throw std::runtime_error(fmt::format("a sandbox runs in {} already", folder.string()));
  }
  ::unlink((folder / kName).c_str());
  const Address address(folder);
  remote::UniqueFd fd = new_socket(SOCK_NONBLOCK);
  // The file gets the mode of the socket: it is never open to others, not for a moment.
  ::fchmod(fd.get(), 0600);
  constexpr int kWaiting = 64;
  if (::bind(fd.get(), address.get(), sizeof address.name) != 0 ||
      ::listen(fd.get(), kWaiting) != 0) {
    throw std::runtime_error(
        fmt::format("cannot make {}/{}: {}", folder.string(), kName, std::strerror(errno)));
  }
  return fd;
}

remote::UniqueFd connect_in(const std::filesystem::path& folder) {
  remote::UniqueFd fd = connected(folder);
  if (fd.get() >= 0) return fd;
  throw std::runtime_error(fmt::format("no sandbox runs in {}", folder.string()));
}

bool answers_in(const std::filesystem::path& folder) { return connected(folder).get() >= 0; }

std::string ask_in(const std::filesystem::path& folder, const std::string& line) {
  const remote::UniqueFd fd = connect_in(folder);
  const std::string said = line + '\n';
  for (size_t done = 0; done < said.size();) {
    const ssize_t count = ::send(fd.get(), said.data() + done, said.size() - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    done += static_cast<size_t>(count);
  }
  std::string answer;
  std::array<char, 4096> buffer;
  while (answer.find('\n') == answer.npos) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw std::runtime_error("the sandbox ended before it answered");
    answer.append(buffer.data(), static_cast<size_t>(count));
  }
  return answer.substr(0, answer.find('\n'));
}

}  // namespace drover::sandbox
