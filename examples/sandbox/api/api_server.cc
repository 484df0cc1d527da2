#include "examples/sandbox/api/api_server.h"

#include <algorithm>
#include <map>
#include <stop_token>
#include <thread>
#include <utility>

#include "examples/sandbox/api/exchange.h"
#include "examples/sandbox/api/peers.h"
#include "examples/sandbox/world/scene.h"
#include "examples/sandbox/world/settle.h"

namespace drover::sandbox {
namespace {

constexpr std::chrono::milliseconds kLooks{20};
constexpr std::chrono::hours kAge{24 * 3};  // of the cluster when its sandbox starts

Moment system_clock() {
  return std::chrono::floor<Moment::duration>(std::chrono::system_clock::now());
}

World furnished(const std::vector<Machine>& machines, double speed, unsigned seed, Moment now) {
  World world(machines, Pace(speed), seed, now - kAge);
  settle(world, now);
  furnish(world, now);
  settle(world, now);
  return world;
}

}  // namespace

struct ApiServer::Impl {
  explicit Impl(Setup setup)
      : pki(setup.folder / "pki"),
        clock(setup.clock ? std::move(setup.clock) : system_clock),
        state(furnished(setup.machines, setup.speed, setup.seed, clock()),
              setup.folder / "api.jsonl", clock) {
    for (const Machine& machine : setup.machines) {
      if (!machine.control_plane) continue;
      if (first.empty()) first = machine.name;
      listeners.emplace(
          std::piecewise_construct, std::forward_as_tuple(machine.name),
          std::forward_as_tuple(pki, [this, name = machine.name](const Received& received) {
            return exchange(state, name, received);
          }));
    }
    open_and_close();
    watchman = std::jthread([this](std::stop_token stop) { watch(std::move(stop)); });
  }

  ~Impl() {
    watchman.request_stop();
    {
      const std::lock_guard lock(state.mutex);
      state.ending = true;
    }
    state.changed.notify_all();
    if (watchman.joinable()) watchman.join();
    for (auto& [name, listener] : listeners) listener.close();
  }

  // The port of each control plane as its API server has it at this moment.
  void open_and_close() {
    {
      const std::lock_guard lock(state.mutex);
      peers.tell_lock(state.world);
      peers.publish(state.world, clock());
    }
    for (auto& [name, listener] : listeners) {
      bool open = false;
      {
        const std::lock_guard lock(state.mutex);
        open = listens(state, name, clock());
      }
      open ? listener.open() : listener.close();
    }
  }

  void watch(std::stop_token stop) {
    while (!stop.stop_requested()) {
      open_and_close();
      std::unique_lock lock(state.mutex);
      state.changed.wait_for(lock, kLooks);
    }
  }

  const Listener& listener(const std::string& control_plane) const {
    const auto found = listeners.find(control_plane);
    if (found == listeners.end())
      throw std::invalid_argument("\"" + control_plane + "\" is no control plane");
    return found->second;
  }

  Pki pki;
  const std::function<Moment()> clock;
  ApiState state;
  std::string first;
  std::map<std::string, Listener> listeners;
  Peers peers;
  std::jthread watchman;
};

ApiServer::ApiServer(Setup setup) : impl_(std::make_unique<Impl>(std::move(setup))) {}

ApiServer::~ApiServer() = default;

int ApiServer::port() const { return port(impl_->first); }

int ApiServer::port(const std::string& control_plane) const {
  return impl_->listener(control_plane).port();
}

std::string ApiServer::admin_conf() const { return admin_conf(impl_->first); }

std::string ApiServer::admin_conf(const std::string& control_plane) const {
  return impl_->pki.admin_conf(port(control_plane));
}

void ApiServer::lost(const std::string& node) {
  const std::lock_guard lock(impl_->state.mutex);
  lose(impl_->state.world, node, impl_->clock());
  impl_->state.changed.notify_all();
}

void ApiServer::back(const std::string& node, bool rebooted) {
  const std::lock_guard lock(impl_->state.mutex);
  regain(impl_->state.world, node, rebooted, impl_->clock());
  impl_->state.changed.notify_all();
}

Commands ApiServer::commands() { return api_commands(impl_->state); }

}  // namespace drover::sandbox
