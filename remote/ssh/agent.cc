#include "remote/ssh/agent.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "inventory/base/text.h"
#include "remote/ssh/errno_text.h"
#include "remote/ssh/known_hosts.h"

namespace drover::remote {
namespace {

constexpr char kRequestIdentities = 11;
constexpr char kIdentitiesAnswer = 12;
constexpr size_t kLongestAnswer = 256 * 1024;  // as ssh-agent has it

Error no_agent(const std::string& why) {
  return {.kind = ErrorKind::Authentication, .message = why};
}

Result<UniqueFd> dial_agent() {
  const char* path = std::getenv("SSH_AUTH_SOCK");
  if (path == nullptr || *path == '\0') return no_agent("SSH_AUTH_SOCK is not set");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) return no_agent("SSH_AUTH_SOCK is too long");
  std::strcpy(address.sun_path, path);
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return no_agent(errno_text());
  // A full queue of a local socket is EAGAIN, which ends here too: nobody takes connections.
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return no_agent(fmt::format("{}: {}", path, errno_text()));
  }
  return fd;
}

/// Ends with the limit or with `wake`. False: neither was ready before.
bool ready(int fd, short events, const Wake& wake, const Limit& limit) {
  for (;;) {
    if (limit.stop.stop_requested()) return false;
    if (std::chrono::steady_clock::now() >= limit.deadline) return false;
    pollfd polled[] = {{fd, events, 0}, {wake.fd(), POLLIN, 0}};
    poll(polled, 2, poll_timeout(limit.deadline));
    if (polled[0].revents != 0) return true;
    if (polled[1].revents != 0) return false;
  }
}

bool send_all(int fd, std::string_view bytes, const Wake& wake, const Limit& limit) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
    if (sent >= 0 || errno == EINTR) continue;
    if (errno != EAGAIN || !ready(fd, POLLOUT, wake, limit)) return false;
  }
  return true;
}

/// Exactly so much, or less when it ends before.
std::string receive(int fd, size_t size, const Wake& wake, const Limit& limit) {
  std::string bytes;
  char portion[4096];
  while (bytes.size() < size && ready(fd, POLLIN, wake, limit)) {
    const ssize_t got = recv(fd, portion, std::min(sizeof portion, size - bytes.size()), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    bytes.append(portion, static_cast<size_t>(got));
  }
  return bytes;
}

/// Takes a number of 4 bytes off the front; false if they are not there.
bool take_number(std::string_view& text, size_t& number) {
  if (text.size() < 4) return false;
  number = 0;
  for (const char c : text.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(c);
  text.remove_prefix(4);
  return true;
}

bool take_string(std::string_view& text, std::string_view& taken) {
  size_t size = 0;
  if (!take_number(text, size) || size > text.size()) return false;
  taken = text.substr(0, size);
  text.remove_prefix(size);
  return true;
}

Result<std::vector<std::string>> parse_keys(std::string_view answer) {
  const Error damaged = no_agent("its list of keys cannot be read");
  size_t count = 0;
  if (answer.empty() || answer.front() != kIdentitiesAnswer) return damaged;
  answer.remove_prefix(1);
  if (!take_number(answer, count)) return damaged;
  std::vector<std::string> keys;
  for (size_t i = 0; i < count; ++i) {
    std::string_view blob;
    std::string_view comment;
    std::string_view type;
    if (!take_string(answer, blob) || !take_string(answer, comment)) return damaged;
    const std::string print = fingerprint(blob);
    if (!take_string(blob, type)) return damaged;
    keys.push_back(sanitise(fmt::format("{} {} ({})", type, print, comment), 200));
  }
  return keys;
}

Result<std::vector<std::string>> ask_keys(int fd, const Wake& wake, const Limit& limit) {
  const std::string_view request("\0\0\0\1\13", 5);
  static_assert(kRequestIdentities == '\13');
  size_t size = 0;
  std::string answer;
  bool complete = send_all(fd, request, wake, limit);
  if (complete) {
    const std::string head = receive(fd, 4, wake, limit);
    std::string_view rest = head;
    complete = take_number(rest, size) && size <= kLongestAnswer;
  }
  if (complete) answer = receive(fd, size, wake, limit);
  if (complete && answer.size() == size) return parse_keys(answer);
  if (limit.stop.stop_requested()) {
    return Error{.kind = ErrorKind::Cancelled, .message = "cancelled while asking ssh-agent"};
  }
  const bool late = std::chrono::steady_clock::now() >= limit.deadline;
  return no_agent(late ? "it does not answer" : "it hung up");
}

}  // namespace

Result<std::unique_ptr<Agent>> Agent::open(const SshTarget& target, const Limit& limit) {
  // Its answer is a matter of memory: half of the time is for what has to be done with it.
  const Limit patience{
      std::min(limit.deadline, std::chrono::steady_clock::now() + target.connect_timeout / 2),
      limit.stop};
  DROVER_TRY_ASSIGN(UniqueFd fd, dial_agent());
  const Wake wake;
  const std::stop_callback on_stop(limit.stop, [&wake] { wake.signal(); });
  DROVER_TRY_ASSIGN(auto keys, ask_keys(fd.get(), wake, patience));
  return std::unique_ptr<Agent>(new Agent(std::move(fd), std::move(keys), limit));
}

Agent::Agent(UniqueFd agent, std::vector<std::string> keys, const Limit& limit)
    : agent_(std::move(agent)), keys_(std::move(keys)), limit_(limit) {
  int ends[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  ours_.reset(ends[0]);
  theirs_.reset(ends[1]);
  fcntl(ours_.get(), F_SETFL, O_NONBLOCK);
  carrier_ = std::jthread([this](std::stop_token done) { carry(std::move(done)); });
}

Agent::~Agent() {
  carrier_.request_stop();
  carrier_.join();
}

void Agent::carry(std::stop_token done) const {
  const std::stop_callback on_done(done, [this] { wake_.signal(); });
  const std::stop_callback on_stop(limit_.stop, [this] { wake_.signal(); });
  const auto pass_on = [this](int from, int to) {
    char portion[4096];
    const ssize_t got = recv(from, portion, sizeof portion, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    return got > 0 && send_all(to, {portion, static_cast<size_t>(got)}, wake_, limit_);
  };
  bool open = true;
  while (open && !done.stop_requested() && !limit_.stop.stop_requested() &&
         std::chrono::steady_clock::now() < limit_.deadline) {
    pollfd polled[] = {
        {agent_.get(), POLLIN, 0}, {ours_.get(), POLLIN, 0}, {wake_.fd(), POLLIN, 0}};
    poll(polled, 3, poll_timeout(limit_.deadline));
    if (polled[0].revents != 0) open = pass_on(agent_.get(), ours_.get());
    if (open && polled[1].revents != 0) open = pass_on(ours_.get(), agent_.get());
  }
  shutdown(ours_.get(), SHUT_RDWR);
}

}  // namespace drover::remote
