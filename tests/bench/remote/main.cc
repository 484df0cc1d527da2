// What bench.py and torture.py drive: Drover's remote layer alone, through its public classes. Each
// measurement is one line of JSON on stdout.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/remote/measure.h"
#include "tests/bench/remote/torture.h"

namespace {

constexpr const char* kUsage =
    "usage: drover_bench_remote commands FLEET.json PARALLEL COMMANDS\n"
    "       drover_bench_remote latency FLEET.json ROUNDS\n"
    "       drover_bench_remote capsule FLEET.json ROUNDS\n"
    "       drover_bench_remote memory FLEET.json SESSIONS\n"
    "       drover_bench_remote torture JOB.json\n";

nlohmann::json read_json(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("cannot read " + path);
  return nlohmann::json::parse(stream);
}

int run(const std::vector<std::string>& words) {
  using namespace drover::bench;
  const std::string what = words[0];
  const auto number = [&](std::size_t at) { return std::stoul(words.at(at)); };
  if (what == "torture") return run_torture(read_json(words[1])) ? 0 : 1;
  const Fleet fleet = make_fleet(read_json(words[1]));
  nlohmann::json line;
  if (what == "commands") line = measure_commands(fleet, number(2), number(3));
  if (what == "latency") line = measure_latency(fleet, number(2));
  if (what == "capsule") line = measure_capsule(fleet, number(2));
  if (what == "memory") line = measure_memory(fleet, number(2));
  if (line.is_null()) throw std::runtime_error("no such measurement: " + what);
  fmt::print("{}\n", line.dump());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  try {
    return run(words);
  } catch (const std::exception& error) {
    fmt::print(stderr, "drover_bench_remote: {}\n", error.what());
    return 1;
  }
}
