#include "tests/bench/remote/measure.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <latch>
#include <nlohmann/json.hpp>
#include <semaphore>
#include <stdexcept>
#include <thread>

#include "inventory/base/digest.h"
#include "remote/ssh/ssh_node.h"

namespace drover::bench {
namespace {

using remote::SshNode;

const Command kRead{"true", false};
const Command kChange{"true", true};

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  double milliseconds() const { return seconds() * 1000; }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double quantile(std::vector<double> values, double part) {
  const auto at = static_cast<std::size_t>(static_cast<double>(values.size() - 1) * part);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

/// In KiB.
long resident() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (long size = 0; word == "VmRSS:" && status >> size) return size;
  }
  throw std::runtime_error("/proc/self/status has no VmRSS");
}

}  // namespace

nlohmann::json measure_commands(const Fleet& fleet, std::size_t parallel, std::size_t commands) {
  std::vector<double> hosts(fleet.targets.size());
  const double cpu = cpu_seconds();
  const Stopwatch all;
  in_parallel(parallel, hosts.size(), [&](std::size_t i) {
    const Stopwatch one;
    SshNode node(fleet.targets[i], fleet.capsules);
    for (std::size_t n = 0; n < commands; ++n) must_succeed(node.read(kRead, {}));
    hosts[i] = one.seconds();
  });
  return {{"measure", "commands"},
          {"hosts", hosts.size()},
          {"parallel", parallel},
          {"commands", commands},
          {"seconds", all.seconds()},
          {"client_cpu_seconds", cpu_seconds() - cpu},
          {"slowest_host_seconds", quantile(hosts, 1)}};
}

nlohmann::json measure_latency(const Fleet& fleet, std::size_t rounds) {
  SshNode node(fleet.targets.front(), fleet.capsules);
  const Stopwatch first;
  must_succeed(node.read(kRead, {}));
  const double connected = first.milliseconds();
  std::vector<double> times;
  for (std::size_t i = 0; i < rounds; ++i) {
    const Stopwatch one;
    must_succeed(node.read(kRead, {}));
    times.push_back(one.milliseconds());
  }
  return {{"measure", "latency"},
          {"rounds", rounds},
          {"first_ms", connected},
          {"median_ms", quantile(times, 0.5)},
          {"p90_ms", quantile(times, 0.9)}};
}

nlohmann::json measure_capsule(const Fleet& fleet, std::size_t rounds) {
  SshNode node(fleet.targets.front(), fleet.capsules);
  const std::string run = random_hex(4);
  must_succeed(node.read(kRead, {}));
  std::vector<double> plain;
  std::vector<double> capsule;
  std::vector<double> next;
  std::vector<double> added;
  const auto timed = [&](std::vector<double>& times, auto&& work) {
    const Stopwatch one;
    must_succeed(work());
    times.push_back(one.milliseconds());
  };
  const auto read = [&] { return node.read(kRead, {}); };
  for (std::size_t i = 0; i < rounds; ++i) {
    timed(plain, read);
    timed(capsule, [&] { return node.run(fmt::format("bench-{}-{}", run, i), kChange, {}, {}); });
    timed(next, read);
    added.push_back(capsule.back() - plain.back());
  }
  return {{"measure", "capsule"},
          {"rounds", rounds},
          {"plain_ms", quantile(plain, 0.5)},
          {"capsule_ms", quantile(capsule, 0.5)},
          {"next_ms", quantile(next, 0.5)},
          {"added_ms", quantile(added, 0.5)},
          {"added_p90_ms", quantile(added, 0.9)}};
}

nlohmann::json measure_memory(const Fleet& fleet, std::size_t sessions) {
  SshNode warm(fleet.targets.front(), fleet.capsules);
  must_succeed(warm.read(kRead, {}));
  const long before = resident();
  std::counting_semaphore<> handshakes(32);
  std::latch open(static_cast<std::ptrdiff_t>(sessions));
  std::latch measured(1);
  std::atomic<std::size_t> failed{0};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < sessions; ++i) {
    threads.emplace_back([&, i] {
      SshNode node(fleet.targets[i % fleet.targets.size()], fleet.capsules);
      handshakes.acquire();
      const auto result = node.read(kRead, {});
      handshakes.release();
      if (!result || !result->ok()) ++failed;
      open.count_down();
      measured.wait();
    });
  }
  open.wait();
  const long after = resident();
  measured.count_down();
  threads.clear();
  if (failed > 0) throw std::runtime_error(fmt::format("{} sessions could not be opened", failed));
  return {{"measure", "memory"},
          {"sessions", sessions},
          {"kib_a_session", static_cast<double>(after - before) / static_cast<double>(sessions)},
          {"process_kib", after}};
}

}  // namespace drover::bench
