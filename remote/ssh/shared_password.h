#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/secret.h"
#include "remote/ssh/limit.h"

namespace drover::remote {

struct SshTarget;

/// A password that several hosts share, for sudo or for the login. Any thread.
///
/// Until a host has accepted it, it is offered to one host at a time, and after a first refusal to
/// none any more: a mistyped password that went to all hosts at once would lock an account that
/// they share.
class SharedPassword {
 public:
  /// `source` says where it came from, for messages. `text` has no line break.
  SharedPassword(std::string&& text, std::string source);
  /// One that could not be had: whoever would offer it gets the reason instead.
  explicit SharedPassword(Error reason);

  /// The right to offer it to one host, until that host has decided or the offer is given up.
  class Offer {
   public:
    Offer(SharedPassword& owner, bool first) : owner_(&owner), first_(first) {}
    Offer(Offer&& other) noexcept;
    Offer& operator=(Offer&& other) = delete;
    ~Offer();

    /// The password and a line break.
    std::string_view line() const { return owner_->line_.reveal(); }
    /// The password alone.
    std::string_view text() const { return line().substr(0, line().size() - 1); }
    void accepted();
    void refused(const Error& error);

   private:
    SharedPassword* owner_;
    bool first_;  ///< nobody else may offer it before this one is decided
  };

  /// Waits while the first offer, made elsewhere, is undecided. Errors: the first refusal; Timeout
  /// and Cancelled about `target`.
  Result<Offer> offer(const SshTarget& target, const Limit& limit);

  const std::string& source() const { return source_; }

 private:
  enum class State { Untried, Trying, Accepted, Refused };
  void decide(State state, const Error& refusal = {});

  Secret line_;
  std::string source_;
  std::mutex mutex_;
  std::condition_variable_any decided_;
  State state_ = State::Untried;
  Error refusal_;
};

}  // namespace drover::remote
