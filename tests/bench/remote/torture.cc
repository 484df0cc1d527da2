#include "tests/bench/remote/torture.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "remote/ssh/ssh_node.h"
#include "tests/bench/remote/fleet.h"

namespace drover::bench {
namespace {

using remote::SshNode;
using remote::Stream;

void write_whole(const std::string& path, std::string_view bytes) {
  const std::string draft = path + ".draft";
  std::ofstream stream(draft, std::ios::binary | std::ios::trunc);
  stream << bytes;
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + draft);
  std::filesystem::rename(draft, path);
}

/// These kinds of error mean that nothing was started: it may be asked for again.
bool nothing_started(const Error& error) {
  return error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
}

/// What is wrong with it; empty when its result was written.
std::string run_step(SshNode& node, const nlohmann::json& step, const std::string& result_path,
                     std::chrono::seconds timeout) {
  const Command command{step.at("script").get<std::string>(), true, timeout};
  std::string seen[2];
  const remote::OutputSink sink = [&](Stream stream, std::string_view bytes) {
    seen[stream == Stream::Out ? 0 : 1] += bytes;
  };
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const std::string id = step.at("id").get<std::string>();
  auto result = node.run(id, command, sink, {});
  while (!result && nothing_started(result.error()) &&
         std::chrono::steady_clock::now() < deadline) {
    result = node.run(id, command, sink, {});
  }
  if (!result) return result.error().message;
  if (seen[0] != result->out || seen[1] != result->err) return "the sink got something else";
  write_whole(result_path + ".out", result->out);
  write_whole(result_path + ".err", result->err);
  write_whole(result_path + ".rc", std::to_string(result->exit_code.value_or(-1)));
  return {};
}

}  // namespace

bool run_torture(const nlohmann::json& job) {
  const Fleet fleet = make_fleet(job.at("fleet"));
  const std::string results = job.at("results").get<std::string>();
  const std::chrono::seconds timeout(job.at("timeout").get<int>());
  const auto& lanes = job.at("lanes");
  std::atomic<int> failed{0};
  in_parallel(lanes.size(), lanes.size(), [&](std::size_t number) {
    SshNode node(fleet.targets.front(), lanes[number].at("capsules").get<std::string>());
    for (const auto& step : lanes[number].at("steps")) {
      const std::string id = step.at("id").get<std::string>();
      const std::string path = fmt::format("{}/{}", results, id);
      if (std::filesystem::exists(path + ".rc")) continue;
      const std::string wrong = run_step(node, step, path, timeout);
      if (wrong.empty()) continue;
      ++failed;
      fmt::print(stderr, "{}: {}\n", id, wrong);
    }
  });
  return failed == 0;
}

}  // namespace drover::bench
