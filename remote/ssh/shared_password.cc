#include "remote/ssh/shared_password.h"

#include <fmt/format.h>

#include <utility>

#include "remote/ssh/target.h"

namespace drover::remote {
namespace {

std::string with_line_break(std::string&& text) {
  std::string line;
  line.reserve(text.size() + 1);
  line.append(text).push_back('\n');
  wipe(text);
  return line;
}

}  // namespace

SharedPassword::SharedPassword(std::string&& text, std::string source)
    : line_(with_line_break(std::move(text))), source_(std::move(source)) {}

SharedPassword::SharedPassword(Error reason)
    : state_(State::Refused), refusal_(std::move(reason)) {}

Result<SharedPassword::Offer> SharedPassword::offer(const SshTarget& target, const Limit& limit) {
  std::unique_lock lock(mutex_);
  const bool in_time = decided_.wait_until(lock, limit.stop, limit.deadline,
                                           [this] { return state_ != State::Trying; });
  if (!in_time) {
    const bool stopped = limit.stop.stop_requested();
    return target_error(
        target, stopped ? ErrorKind::Cancelled : ErrorKind::Timeout,
        fmt::format("the password from {} is still being tried on another host", source_));
  }
  if (state_ == State::Refused) return refusal_;
  const bool first = state_ == State::Untried;
  if (first) state_ = State::Trying;
  return Offer(*this, first);
}

void SharedPassword::decide(State state, const Error& refusal) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  refusal_ = refusal;
  decided_.notify_all();
}

SharedPassword::Offer::Offer(Offer&& other) noexcept
    : owner_(other.owner_), first_(std::exchange(other.first_, false)) {}

SharedPassword::Offer::~Offer() {
  if (first_) owner_->decide(State::Untried);
}

void SharedPassword::Offer::accepted() {
  if (std::exchange(first_, false)) owner_->decide(State::Accepted);
}

void SharedPassword::Offer::refused(const Error& error) {
  if (std::exchange(first_, false)) owner_->decide(State::Refused, error);
}

}  // namespace drover::remote
