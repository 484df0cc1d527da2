#include "tests/bench/remote/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

namespace drover::bench {

Fleet make_fleet(const nlohmann::json& description) {
  Fleet fleet{{}, description.at("capsules").get<std::string>()};
  for (const auto& host : description.at("hosts")) {
    remote::SshTarget target;
    target.host = host.at("name").get<std::string>();
    target.address = host.at("address").get<std::string>();
    target.port = host.at("port").get<int>();
    target.user = description.at("user").get<std::string>();
    target.identity_files = {description.at("identity").get<std::string>()};
    target.known_hosts_files = {description.at("known_hosts").get<std::string>()};
    fleet.targets.push_back(std::move(target));
  }
  if (fleet.targets.empty()) throw std::runtime_error("there are no hosts");
  return fleet;
}

void in_parallel(std::size_t threads, std::size_t count,
                 const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto worker = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::scoped_lock lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 0; i < std::min(threads, count); ++i) pool.emplace_back(worker);
  }
  if (failure) std::rethrow_exception(failure);
}

void must_succeed(const Result<CommandResult>& result) {
  if (!result) throw std::runtime_error(result.error().message);
  if (!result->ok()) {
    throw std::runtime_error(
        fmt::format("a command ended with {}: {}", result->exit_code.value_or(-1), result->err));
  }
}

}  // namespace drover::bench
