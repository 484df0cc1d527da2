#include "examples/sandbox/api/strike.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "examples/sandbox/api/request_log.h"

namespace drover::sandbox {
namespace {

constexpr int kDies = 10'000;  // milliseconds

}  // namespace

void Strike::arm(pid_t process, When when, int nth, const std::string& text) {
  if (nth < 1) throw std::runtime_error("the number of a request is 1 or more");
  remote::UniqueFd handle(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  if (handle.get() < 0)
    throw std::runtime_error(fmt::format("process {}: {}", process, std::strerror(errno)));
  struck_ = nullptr;
  armed_.emplace(Armed{std::move(handle), when, nth, text});
}

std::optional<Strike::When> Strike::meets(const std::string& verb, const std::string& target) {
  if (!armed_ || !mutates(verb)) return std::nullopt;
  const bool leases_too = armed_->text.find("leases") != std::string::npos;
  if (about_leases(target) && !leases_too) return std::nullopt;
  if ((verb + " " + target).find(armed_->text) == std::string::npos) return std::nullopt;
  if (--armed_->left > 0) return std::nullopt;
  return armed_->when;
}

void Strike::strike(const std::string& verb, const std::string& target) {
  if (!armed_) return;
  const Armed armed = std::move(*armed_);
  armed_.reset();
  const bool sent = syscall(SYS_pidfd_send_signal, armed.process.get(), SIGKILL, nullptr, 0) == 0;
  pollfd dead{armed.process.get(), POLLIN, 0};
  if (!sent || poll(&dead, 1, kDies) != 1) return;  // it had ended by itself, or cannot die
  struck_ = verb + " " + target;
}

nlohmann::json Strike::state() const {
  return {{"armed", armed_.has_value()}, {"struck", struck_}};
}

}  // namespace drover::sandbox
