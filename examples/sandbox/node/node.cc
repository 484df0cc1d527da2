#include "examples/sandbox/node/node.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "examples/sandbox/node/full_disk.h"
#include "examples/sandbox/node/text_file.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

/// Ours, and the one that the program that serves gets.
std::pair<remote::UniqueFd, remote::UniqueFd> make_line() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return {};
  remote::UniqueFd ours(ends[0]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  return {std::move(ours), remote::UniqueFd(ends[1])};
}

bool has_ended(const Child& child) {
  pollfd end{.fd = child.end_fd(), .events = POLLIN, .revents = 0};
  return ::poll(&end, 1, 0) == 1;
}

std::string new_boot_id() { return read_text("/proc/sys/kernel/random/uuid"); }

double now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

}  // namespace

Node::Node(NodeSpec spec, Farm farm, std::filesystem::path tool, int port, Pump& pump)
    : spec_(std::move(spec)),
      body_{spec_.name, spec_.folder, std::move(farm), std::move(tool)},
      pump_(pump),
      door_([&]() -> Door& {
        Port taken(port);
        port_ = taken.number();
        return pump.add(std::move(taken), [this] { return answer(); });
      }()) {
  make_machine_folder(spec_);
}

// From here on the pump does not ask it for an answer any more.
Node::~Node() {
  change_door([](Door& door) {
    door.lose_power();
    door.refuse();
    door.drop();
  });
}

std::string Node::known_host() const {
  return fmt::format("[127.0.0.1]:{} {}", port_, host_key(spec_.folder));
}

std::string Node::boot_id() const { return std::string(trim(read_text(spec_.folder / "boot_id"))); }

bool Node::has_power() const {
  const std::lock_guard lock(inside_);
  return holder_.has_value();
}

// The kubelet that comes up is the one that is installed by now.
void Node::begin_boot() {
  write_text(spec_.folder / "boot_id", new_boot_id());
  if (boots_++ == 0) return;
  clear_volatile(spec_.folder);
  const std::string revision(trim(read_text(state() / "packages/kubelet")));
  append_text(state() / "kubelet",
              fmt::format("v{} {:.6f}\n", revision.substr(0, revision.find('-')), now()));
}

void Node::power_on() {
  const std::lock_guard one_at_a_time(power_);
  if (has_power()) return;
  begin_boot();
  {
    const std::lock_guard lock(inside_);
    holder_.emplace(body_);
    for (const auto& [path, number] : full_) fill_disk(holder_->init(), path, number);
  }
  rebooted_ = true;
  change_door([](Door& door) {
    door.drop();
    door.listen();
    door.powered = true;
  });
  notice();
}

void Node::power_off() {
  const std::lock_guard one_at_a_time(power_);
  change_door([](Door& door) { door.lose_power(); });
  {
    const std::lock_guard lock(inside_);
    holder_.reset();
    serving_.clear();
  }
  notice();
}

void Node::cut() {
  const std::lock_guard one_at_a_time(power_);
  is_cut_ = true;
  change_door([](Door& door) { door.cable.cut = true; });
  notice();
}

void Node::mend() {
  const std::lock_guard one_at_a_time(power_);
  is_cut_ = false;
  change_door([](Door& door) {
    door.cable = {};
    door.listen();
  });
  notice();
}

void Node::notice() {
  const bool reachable = has_power() && !is_cut_;
  if (reachable == std::exchange(reachable_, reachable)) return;
  if (!reachable) rebooted_ = false;
  if (!reachable && witness_.lost) witness_.lost(spec_.name);
  if (reachable && witness_.back) witness_.back(spec_.name, rebooted_);
}

remote::UniqueFd Node::answer() {
  auto [ours, theirs] = make_line();
  const std::lock_guard lock(inside_);
  serving_.remove_if(has_ended);
  if (!holder_ || ours.get() < 0) return {};
  try {
    serving_.push_back(holder_->serve(theirs.get()));
  } catch (const std::runtime_error&) {
    return {};  // no more processes: the operator sees the connection end
  }
  return std::move(ours);
}

void Node::fill(const std::string& path) {
  constexpr const char* kPlain =
      "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool plain = path.size() > 1 && path.front() == '/' &&
                     path.find_first_not_of(kPlain) == path.npos && path.find("..") == path.npos;
  if (!plain) throw std::runtime_error("no path of a folder: " + sanitise(path));
  const std::lock_guard one_at_a_time(power_);
  const std::lock_guard lock(inside_);
  if (full_.count(path) > 0) throw std::runtime_error(path + " is full already");
  const int number = ++fills_;
  const std::filesystem::path folder = spec_.folder / path.substr(1);
  if (std::filesystem::create_directories(folder)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  }
  if (holder_) fill_disk(holder_->init(), path, number);
  full_.emplace(path, number);
}

void Node::free(const std::string& path) {
  const std::lock_guard one_at_a_time(power_);
  const std::lock_guard lock(inside_);
  const auto full = full_.find(path);
  if (full == full_.end()) throw std::runtime_error(sanitise(path) + " is not full");
  if (holder_) free_disk(holder_->init(), path, full->second);
  full_.erase(full);
}

}  // namespace drover::sandbox
