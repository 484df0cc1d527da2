#include "orchestrator/control/control_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "inventory/base/text.h"
#include "orchestrator/control/control_socket.h"

namespace drover::orchestrator {
namespace {

/// The line that comes, without its newline; what there is when the other side hangs up.
Result<std::string> read_line(const Fd& fd, const std::string& folder,
                              std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::string line;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      return Error{.kind = ErrorKind::Timeout,
                   .message = fmt::format("{}/{} did not answer in {} ms", folder, kControlName,
                                          patience.count())};
    }
    pollfd in{.fd = fd.get(), .events = POLLIN, .revents = 0};
    if (::poll(&in, 1, static_cast<int>(left.count())) <= 0) continue;
    std::array<char, 512> chunk;
    const ssize_t got = ::recv(fd.get(), chunk.data(), chunk.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return io_error("read from", fmt::format("{}/{}", folder, kControlName));
    line.append(chunk.data(), static_cast<std::size_t>(got));
    const std::size_t end = line.find('\n');
    if (end != std::string::npos) return line.substr(0, end);
    if (got == 0) return line;
  }
}

}  // namespace

Result<std::string> ask_run(const std::string& run_folder, ControlAsk ask,
                            std::chrono::milliseconds patience) {
  DROVER_TRY_ASSIGN(const Fd fd, connect_in(run_folder));
  const std::string line = format_ask(ask);
  // Who was turned away at the door finds the reason there, though nobody hears him any more.
  if (::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE) {
    return io_error("write to", fmt::format("{}/{}", run_folder, kControlName));
  }
  DROVER_TRY_ASSIGN(const std::string said, read_line(fd, run_folder, patience));
  DROVER_TRY_ASSIGN(const ControlAnswer answer, read_answer(said));
  if (answer.ok) return answer.message;
  return Error{.kind = ErrorKind::Refused,
               .message = fmt::format("the running Drover refused to {}: {}", ask_name(ask),
                                      sanitise(answer.message))};
}

}  // namespace drover::orchestrator
