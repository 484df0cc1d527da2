#pragma once

#include <chrono>
#include <string>

namespace drover::sandbox {

/// A moment of the cluster. The world never looks at a clock: whoever asks says what time it is.
using Moment = std::chrono::sys_time<std::chrono::microseconds>;
using Span = std::chrono::duration<double>;  ///< seconds

Moment after(Moment at, Span span);  ///< at + span, to the microsecond
Moment from_epoch(double seconds);

/// The next whole second, later than `at`: the API shows when a container started in whole seconds,
/// and it must show a later one than the second in which its restart was asked for.
Moment next_second(Moment at);

std::string stamp(Moment at);        ///< metav1.Time: "2026-11-22T21:14:08Z"
std::string micro_stamp(Moment at);  ///< metav1.MicroTime: with exactly six digits of a fraction

/// How long things take here: what was observed on a real cluster, divided by `speed`. With 0 they
/// are as short as they may be without happening all at once.
class Pace {
 public:
  explicit Pace(double speed) : speed_(speed) {}
  Span of(Span real) const;

 private:
  double speed_;
};

}  // namespace drover::sandbox
