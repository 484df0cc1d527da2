#include "examples/sandbox/tools/pace.h"

#include <fmt/format.h>
#include <time.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "examples/sandbox/tools/node_files.h"

namespace drover::sandbox {
namespace {

timespec real_time() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time;
}

void sleep_seconds(double seconds) {
  timespec left{};
  left.tv_sec = static_cast<time_t>(std::floor(seconds));
  left.tv_nsec = static_cast<long>((seconds - std::floor(seconds)) * 1e9);
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

}  // namespace

double speed() {
  const std::string word = read_word(in_state("speed"));
  return word.empty() ? 1 : std::strtod(word.c_str(), nullptr);
}

double scaled(double real) {
  const double times = speed();
  return times > 0 ? real / times : 0;
}

void lasts(double real) { sleep_seconds(scaled(real)); }

void wait_a_moment() { sleep_seconds(0.01); }

double now() {
  const timespec time = real_time();
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string epoch_text() {
  const timespec time = real_time();
  return fmt::format("{}.{:09}", static_cast<long long>(time.tv_sec),
                     static_cast<long>(time.tv_nsec));
}

}  // namespace drover::sandbox
