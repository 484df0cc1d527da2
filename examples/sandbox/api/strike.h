#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {

/// Kills a process when the API has a certain request of it in its hands. Not for several threads
/// at once.
class Strike {
 public:
  enum class When {
    Before,  ///< the request has no effect: it is lost with who sent it
    After,   ///< it has its effect; its answer reaches nobody
  };

  /// `nth` from now on, from 1, of the requests that change something and whose "VERB PATH"
  /// contains `text`; those about Leases count only if `text` says "leases". An earlier strike is
  /// forgotten. std::runtime_error: there is no such process.
  void arm(pid_t process, When when, int nth, const std::string& text);
  void disarm() { armed_.reset(); }

  /// This request has come: is it the one? Counts it.
  std::optional<When> meets(const std::string& verb, const std::string& target);
  /// Kills the process and returns when it is dead.
  void strike(const std::string& verb, const std::string& target);

  /// {"armed": …, "struck": the request or null}
  nlohmann::json state() const;

 private:
  struct Armed {
    remote::UniqueFd process;  ///< a pidfd: its number may be another's by now
    When when = When::Before;
    int left = 1;
    std::string text;
  };
  std::optional<Armed> armed_;
  nlohmann::json struck_;
};

}  // namespace drover::sandbox
