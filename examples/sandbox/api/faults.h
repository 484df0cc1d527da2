#pragma once

#include <chrono>
#include <list>
#include <optional>
#include <string>

#include "examples/sandbox/api/listener.h"

namespace drover::sandbox {

/// What is to go wrong with the next requests. Each is given to `count` requests whose "VERB PATH",
/// the query with it, contains `text`; the oldest that fits strikes. Not for several threads at
/// once.
class ApiFaults {
 public:
  enum class Kind {
    Fail,     ///< answered with a status, without effect
    Garbage,  ///< has its effect; the answer is none of the API's
    Cut,      ///< has its effect; the connection ends in the middle of the answer
    Hold,     ///< waits until `release`
  };
  struct Rule {
    Kind kind = Kind::Fail;
    int status = 500;  ///< of Fail
    int count = 1;
    std::string text;
  };

  void add(Rule rule) { rules_.push_back(std::move(rule)); }
  /// Takes one from the rule that fits, which is gone after its last.
  std::optional<Rule> take(const std::string& verb_and_target);
  /// Forgets all rules. What is being held goes on.
  void clear();

  bool down = false;                  ///< the API server is gone
  std::chrono::milliseconds slow{0};  ///< before each answer
  bool held_go_on = false;            ///< by `clear`
  int held = 0;                       ///< how many requests wait

 private:
  std::list<Rule> rules_;
};

/// An API server that refuses: 429 with Retry-After, 403 as it says it when it has just started,
/// 410 to a list's next page, 5xx. std::invalid_argument: a status that it does not refuse with.
Sent failure(int status, const std::string& verb, const std::string& target);
/// Bytes that are no answer of an API server: a login page, half an object, an object of another
/// kind; another one each time.
Sent garbage(unsigned number);

}  // namespace drover::sandbox
