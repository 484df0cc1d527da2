#include "examples/sandbox/node/power.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "examples/sandbox/node/text_file.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

constexpr const char* kRequest = "power";

}  // namespace

Power::Power(const std::vector<Node*>& nodes, std::chrono::milliseconds boot_time)
    : boot_time_(boot_time),
      requests_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (requests_.get() < 0) {
    throw std::runtime_error(fmt::format(
        "cannot watch files: {} (sysctl fs.inotify.max_user_instances)", std::strerror(errno)));
  }
  for (Node* node : nodes) {
    const int number =
        ::inotify_add_watch(requests_.get(), node->state().c_str(), IN_CLOSE_WRITE | IN_MOVED_TO);
    if (number < 0) {
      throw std::runtime_error(
          fmt::format("cannot watch {}: {} (sysctl fs.inotify.max_user_watches)",
                      node->state().string(), std::strerror(errno)));
    }
    watched_[number] = node;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

Power::~Power() {
  thread_.request_stop();
  ::eventfd_write(wake_.get(), 1);
}

void Power::reset(Node& node) {
  const std::lock_guard lock(mutex_);
  node.power_off();
  if (boot_time_.count() == 0) {
    booting_.erase(&node);
    node.power_on();
    return;
  }
  booting_[&node] = std::chrono::steady_clock::now() + boot_time_;
  ::eventfd_write(wake_.get(), 1);
}

void Power::off(Node& node) {
  const std::lock_guard lock(mutex_);
  booting_.erase(&node);
  node.power_off();
}

void Power::on(Node& node) {
  const std::lock_guard lock(mutex_);
  booting_.erase(&node);
  node.power_on();
}

// What it says is read only after it was taken away: a request that is written again is another.
void Power::obey(Node& node) {
  const std::filesystem::path request = node.state() / kRequest;
  const std::string says(trim(read_text(request)));
  if (says.empty() || !std::filesystem::remove(request)) return;
  if (says == "reboot") return reset(node);
  if (says == "off") return off(node);
  std::fprintf(stderr, "drover-sandbox: %s asks its power switch for %s\n",
               node.spec().name.c_str(), sanitise(says).c_str());
}

void Power::hear_requests() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  while (true) {
    const ssize_t size = ::read(requests_.get(), buffer.data(), buffer.size());
    if (size <= 0) return;
    for (size_t at = 0; at < static_cast<size_t>(size);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      const auto node = watched_.find(event.wd);
      if (event.len > 0 && std::strcmp(name, kRequest) == 0 && node != watched_.end()) {
        obey(*node->second);
      }
      at += sizeof event + event.len;
    }
  }
}

void Power::boot_those_due() {
  const std::lock_guard lock(mutex_);
  const Time now = std::chrono::steady_clock::now();
  for (auto each = booting_.begin(); each != booting_.end();) {
    Node* node = each->first;
    const bool due = each->second <= now;
    each = due ? booting_.erase(each) : std::next(each);
    if (due) node->power_on();
  }
}

int Power::patience() {
  const std::lock_guard lock(mutex_);
  if (booting_.empty()) return -1;
  Time first = Time::max();
  for (const auto& [node, when] : booting_) first = std::min(first, when);
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(first - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void Power::watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> polled = {{{requests_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), patience()) < 0 && errno != EINTR) return;
    eventfd_t ignored = 0;
    ::eventfd_read(wake_.get(), &ignored);
    try {
      hear_requests();
      boot_those_due();
    } catch (const std::exception& exception) {
      std::fprintf(stderr, "drover-sandbox: %s\n", exception.what());
    }
  }
}

}  // namespace drover::sandbox
