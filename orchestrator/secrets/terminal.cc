#include "orchestrator/secrets/terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "inventory/base/text.h"
#include "remote/secret.h"
#include "remote/ssh/unique_fd.h"
#include "remote/ssh/wake.h"

namespace drover::orchestrator {
namespace {

constexpr size_t kLongestAnswer = 4096;
constexpr char kInterrupt = 3;
constexpr char kEndOfInput = 4;
constexpr char kEraseAll = 21;

Error unanswered(std::string message, std::string remedy) {
  return {.kind = ErrorKind::Authentication,
          .message = std::move(message),
          .remedy = std::move(remedy)};
}

int open_terminal() { return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY); }

void say(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;
    text.remove_prefix(static_cast<size_t>(wrote));
  }
}

/// A terminal that shows nothing and hands over each key, Ctrl-C among them, until this goes.
class Hushed {
 public:
  explicit Hushed(int fd) : fd_(fd), good_(tcgetattr(fd, &before_) == 0) {
    termios hushed = before_;
    hushed.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    hushed.c_cc[VMIN] = 1;
    hushed.c_cc[VTIME] = 0;
    good_ = good_ && tcsetattr(fd, TCSAFLUSH, &hushed) == 0;
  }
  ~Hushed() {
    if (good_) tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  Hushed(const Hushed&) = delete;
  Hushed& operator=(const Hushed&) = delete;
  bool good() const { return good_; }

 private:
  int fd_;
  termios before_{};
  bool good_;
};

enum class Typed { More, Done, Interrupted, Ended };

/// Takes one key into the answer.
Typed take(int fd, std::string& answer) {
  char key = 0;
  const ssize_t got = read(fd, &key, 1);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return Typed::More;
  if (got <= 0 || (key == kEndOfInput && answer.empty())) return Typed::Ended;
  if (key == kInterrupt) return Typed::Interrupted;
  if (key == '\n' || key == '\r' || key == kEndOfInput) return Typed::Done;
  if (key == '\b' || key == 127) {
    if (!answer.empty()) answer.pop_back();
  } else if (key == kEraseAll) {
    remote::wipe(answer);
  } else if (answer.size() < kLongestAnswer) {
    answer += key;
  }
  explicit_bzero(&key, 1);
  return Typed::More;
}

}  // namespace

bool has_controlling_terminal() { return remote::UniqueFd(open_terminal()).get() >= 0; }

Result<std::string> ask_on_terminal(const std::string& question, const remote::Limit& limit) {
  const remote::UniqueFd fd(open_terminal());
  if (fd.get() < 0) {
    return unanswered("there is no terminal to ask on",
                      "name it by env, file or command instead of prompt");
  }
  const Hushed hushed(fd.get());
  if (!hushed.good()) return unanswered("the terminal cannot be kept from showing the answer", "");
  const remote::Wake wake;
  const std::stop_callback on_stop(limit.stop, [&wake] { wake.signal(); });
  say(fd.get(), sanitise(question) + ": ");
  std::string answer;
  answer.reserve(kLongestAnswer);  // so that growing leaves no copies behind
  Typed typed = Typed::More;
  while (typed == Typed::More) {
    pollfd polled[] = {{fd.get(), POLLIN, 0}, {wake.fd(), POLLIN, 0}};
    poll(polled, 2, remote::poll_timeout(limit.deadline));
    if (limit.stop.stop_requested()) typed = Typed::Interrupted;
    if (std::chrono::steady_clock::now() >= limit.deadline) typed = Typed::Ended;
    if (typed == Typed::More && polled[0].revents != 0) typed = take(fd.get(), answer);
  }
  say(fd.get(), "\n");
  if (typed == Typed::Done && !answer.empty()) return answer;
  remote::wipe(answer);
  if (typed == Typed::Interrupted) {
    return Error{.kind = ErrorKind::Cancelled,
                 .message = "cancelled at the question on the terminal"};
  }
  return unanswered("the question on the terminal was not answered", "type it and press Enter");
}

}  // namespace drover::orchestrator
