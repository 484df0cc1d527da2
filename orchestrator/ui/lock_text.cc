#include "orchestrator/ui/lock_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/words.h"
#include "orchestrator/utc.h"
#include "plans/timestamp.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

/// When the Lease runs out if nobody renews it, by the clock of its holder; "" when it says
/// nothing.
std::string expiry(const Lease& lease) {
  const auto renewed = plans::parse_timestamp(lease.renew_time);
  if (!renewed) return "";
  return utc_seconds(std::chrono::time_point_cast<remote::WallTime::duration>(*renewed) +
                     std::chrono::seconds(lease.duration_seconds));
}

std::string life_text(Life life) {
  switch (life) {
    case Life::Alive:
      return "alive, on this machine";
    case Life::Dead:
      return "was on this machine and is dead";
    case Life::Unknown:
      return "cannot be seen from this machine";
  }
  return "";
}

std::string_view life_name(Life life) {
  return life == Life::Alive ? "alive" : life == Life::Dead ? "dead" : "unknown";
}

std::string advice(const LockView& view) {
  const auto holder = view.holder();
  switch (view.life()) {
    case Life::Alive:
      return fmt::format("It lives: wait for it, or stop it: drover pause {}",
                         sanitise(holder->run));
    case Life::Dead:
      return fmt::format(
          "Its run may go on where its state is: drover resume {}. Nobody has to release the lock "
          "for that.",
          sanitise(holder->run));
    case Life::Unknown:
      return "Look whether that process is still there. If it is not: drover lock release";
  }
  return "";
}

std::string row(std::string_view name, const std::string& value) {
  return fmt::format("  {:<9} {}\n", name, value);
}

std::string held_text(const LockView& view) {
  const Lease& lease = *view.lease;
  std::string out;
  if (const auto holder = view.holder()) {
    out += row("run", sanitise(holder->run));
    out += row("host", sanitise(holder->host));
    out += row("process", fmt::format("{}, {}", holder->pid, life_text(view.life())));
  } else {
    out += row("holder", fmt::format("{} (not a run of Drover's)", sanitise(lease.holder)));
  }
  out += row("since", clock_text(lease.acquire_time));
  out += row("renewed", clock_text(lease.renew_time));
  out += row("expires", fmt::format("{}, {} after its last renewal by the holder's clock",
                                    clock_text(expiry(lease)),
                                    format_duration(std::chrono::seconds(lease.duration_seconds))));
  return out + advice(view) + "\n";
}

std::string file_text(const LockView& view) {
  return fmt::format(
      "The lock file {} is {}.\n", view.file,
      view.file_holder ? "held by " + view.file_holder->shown() : std::string("free"));
}

ordered_json holder_json(const LockView& view) {
  if (!view.held()) return nullptr;
  ordered_json json = {{"identity", sanitise(view.lease->holder)}};
  if (const auto holder = view.holder()) {
    json["run"] = sanitise(holder->run);
    json["host"] = sanitise(holder->host);
    json["pid"] = holder->pid;
  }
  json["process"] = life_name(view.life());
  return json;
}

}  // namespace

std::optional<Holder> LockView::holder() const {
  return held() ? parse_holder(lease->holder) : std::nullopt;
}

Life LockView::life() const {
  const auto who = holder();
  return who ? life_of(*who) : Life::Unknown;
}

std::string lock_text(const LockView& view) {
  std::string out = fmt::format("Cluster {}: the lock kube-system/drover is ", view.cluster);
  if (view.released) {
    out += "released. Whoever held it stops at its next renewal.\n";
  } else {
    out += view.held() ? "held.\n" + held_text(view) : "free.\n";
  }
  return out + file_text(view);
}

std::string lock_json(const LockView& view) {
  ordered_json json = {{"v", 1},
                       {"kind", "Lock"},
                       {"cluster", view.cluster},
                       {"held", view.held()},
                       {"holder", holder_json(view)}};
  if (view.held()) {
    json["since"] = sanitise(view.lease->acquire_time);
    json["renewed"] = sanitise(view.lease->renew_time);
    json["duration_s"] = view.lease->duration_seconds;
    json["expires"] = expiry(*view.lease);
  }
  json["released"] = view.released;
  ordered_json file = {{"path", view.file}, {"held", view.file_holder.has_value()}};
  if (view.file_holder) {
    file["run"] = sanitise(view.file_holder->run);
    file["pid"] = view.file_holder->pid;
  }
  json["file"] = std::move(file);
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
