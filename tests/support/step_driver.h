#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plans/steps/kind.h"

/// The loop of look() and decide(), over a make-believe world with a make-believe clock: for tests
/// of whole kinds.
namespace drover::test {

/// What a step kind talks to. Time passes by `pass` only.
class World {
 public:
  virtual ~World() = default;
  virtual Result<ApiResponse> get(const ApiRequest& request) = 0;
  virtual Result<ApiResponse> send(const ApiRequest& request) = 0;
  virtual CommandResult run(const Command& command) = 0;
  virtual void pass(std::chrono::milliseconds time) = 0;
};

struct Drive {
  std::optional<plans::Done> done;
  std::optional<plans::Fail> fail;  ///< neither: the step's time was up
  plans::Attempt attempt;           ///< as it was at the end
  std::vector<std::string> waits;   ///< each wait text once, in order
  std::vector<plans::Notice> notices;
  std::vector<ApiRequest> sent;  ///< as they went out
  size_t rounds = 0;
};

/// Runs one attempt to its end. Effects take no time; a step that neither waits nor ends is cut off
/// after 100,000 rounds.
Drive drive(const plans::Step& step, plans::Attempt attempt, World& world);

/// One decision, for tables: the kind's decide() with these answers to its requests.
plans::Decision decide_once(const plans::Step& step, const plans::Attempt& attempt,
                            std::vector<Result<ApiResponse>> responses);

/// told(), with the number of requests: "send 2".
std::string summary(const plans::Decision& decision);

}  // namespace drover::test
