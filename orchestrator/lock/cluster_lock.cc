#include "orchestrator/lock/cluster_lock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "inventory/cluster/api_status.h"

namespace drover::orchestrator {
namespace {

using nlohmann::json;

constexpr std::string_view kLeases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
constexpr std::string_view kName = "drover";
constexpr int kLeaseSeconds = 15 * 60;
constexpr auto kRenewEvery = std::chrono::seconds(10);
constexpr int kReleaseTries = 3;
constexpr auto kReleasePatience = std::chrono::seconds(5);
constexpr auto kRetryEvery = std::chrono::seconds(1);

std::string lease_path() { return fmt::format("{}/{}", kLeases, kName); }

/// metav1.MicroTime wants exactly six digits (domain.md §10.4).
std::string micro_time(remote::WallTime at) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(at);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(micros);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (micros - seconds).count());
}

Error api_error(const ApiResponse& answer) {
  return refusal("the lock kube-system/drover", answer,
                 "our user (admin.conf's, or that of api.kubeconfig) must be allowed to get, "
                 "create and update leases in kube-system");
}

/// Our Lease, in other hands or in none.
Error lost_to(const Lease& lease) {
  return {.kind = ErrorKind::Locked,
          .message = lease.holder.empty()
                         ? "was released by somebody else (`drover lock release`)"
                         : fmt::format("is now held by {}", shown_holder(lease.holder))};
}

}  // namespace

LeaseMove lease_move(const std::optional<Lease>& lease, const Holder& self) {
  if (!lease) return LeaseMove::Create;
  if (lease->holder.empty()) return LeaseMove::Take;
  if (lease->holder == self.str()) return LeaseMove::Renew;
  const auto other = parse_holder(lease->holder);
  return other && is_dead_here(*other) ? LeaseMove::Take : LeaseMove::Held;
}

Result<std::optional<Lease>> ClusterLock::read(std::stop_token stop) {
  DROVER_TRY_ASSIGN(const ApiResponse answer, reader_.get({.path = lease_path()}, stop));
  if (answer.status == 404) return std::optional<Lease>();
  if (!answer.ok()) return api_error(answer);
  DROVER_TRY_ASSIGN(Lease lease, parse_lease(answer.body));
  return std::optional<Lease>(std::move(lease));
}

Status ClusterLock::write(const std::optional<Lease>& before, const std::string& holder,
                          std::stop_token stop) {
  const std::string now = micro_time(clock_.wall());
  const bool same = before && before->holder == holder;
  json lease = {{"apiVersion", "coordination.k8s.io/v1"},
                {"kind", "Lease"},
                {"metadata", {{"name", kName}, {"namespace", "kube-system"}}},
                {"spec",
                 {{"holderIdentity", holder},
                  {"leaseDurationSeconds", holder.empty() ? 1 : kLeaseSeconds},
                  {"acquireTime", same ? before->acquire_time : now},
                  {"renewTime", now},
                  {"leaseTransitions", before ? before->transitions + (same ? 0 : 1) : 0}}}};
  ApiRequest request{.verb = Verb::Post, .path = std::string(kLeases)};
  if (before) {
    request = {.verb = Verb::Put, .path = lease_path()};
    lease["metadata"]["resourceVersion"] = before->resource_version;
  }
  request.body = lease.dump();
  DROVER_TRY_ASSIGN(const ApiResponse answer, writer_.send(request, stop));
  if (!answer.ok()) return api_error(answer);
  return {};
}

Error ClusterLock::held_by(const Lease& lease) {
  return {.kind = ErrorKind::Locked,
          .message = fmt::format("another run holds the cluster's lock kube-system/drover: {}, "
                                 "last renewed {}",
                                 shown_holder(lease.holder), sanitise(lease.renew_time)),
          .remedy =
              "wait for it to end; if that process is known to be gone (`drover lock show`, and a "
              "look at its machine): `drover lock release`"};
}

Status ClusterLock::acquire(std::stop_token stop) {
  DROVER_TRY_ASSIGN(const std::optional<Lease> lease, read(stop));
  if (lease_move(lease, self_) == LeaseMove::Held) return held_by(*lease);
  Status written = write(lease, self_.str(), stop);
  if (written) return written;
  // Somebody may have been faster, or our own write may have arrived without its answer reaching
  // us.
  DROVER_TRY_ASSIGN(const std::optional<Lease> after, read(stop));
  if (after && after->holder == self_.str()) return {};
  return after && lease_move(after, self_) == LeaseMove::Held ? Status(held_by(*after)) : written;
}

Status ClusterLock::renew(std::stop_token stop) {
  DROVER_TRY_ASSIGN(const std::optional<Lease> lease, read(stop));
  if (lease && lease->holder != self_.str()) return lost_to(*lease);
  return write(lease, self_.str(), stop);
}

Status ClusterLock::release(std::stop_token stop) {
  const auto deadline = clock_.now() + kReleasePatience;
  Status released = give_back(stop);
  for (int tries = 1; !released && tries < kReleaseTries && clock_.now() < deadline; ++tries) {
    if (!clock_.wait_until(clock_.now() + kRetryEvery, stop)) break;
    released = give_back(stop);
  }
  return released;
}

Status ClusterLock::give_back(std::stop_token stop) {
  DROVER_TRY_ASSIGN(const std::optional<Lease> lease, read(stop));
  if (!lease || lease->holder != self_.str()) return {};
  return write(lease, "", stop);
}

Status ClusterLock::take_away(const Lease& seen, std::stop_token stop) {
  const Status written = write(seen, "", stop);
  if (written) return written;
  DROVER_TRY_ASSIGN(const std::optional<Lease> after, read(stop));
  if (!after || after->holder.empty()) return {};
  if (after->resource_version == seen.resource_version) return written;
  const bool same = after->holder == seen.holder;
  return Error{.kind = ErrorKind::Locked,
               .message = same
                              ? fmt::format("the lock kube-system/drover was renewed meanwhile, so "
                                            "that its holder lives: {}",
                                            shown_holder(after->holder))
                              : fmt::format("the lock kube-system/drover was taken meanwhile: {}",
                                            shown_holder(after->holder)),
               .remedy = same ? "let it end, or stop it where it runs; `drover lock release` again "
                                "takes the lock away all the same"
                              : "`drover lock show`"};
}

LeaseKeeper::LeaseKeeper(ClusterLock& lock, remote::Clock& clock, Mailbox& mailbox)
    : thread_([&lock, &clock, &mailbox](std::stop_token stop) {
        auto next = clock.now() + kRenewEvery;
        while (clock.wait_until(next, stop)) {
          const remote::Instant asked = clock.boot();
          const Status renewed = lock.renew(stop);
          if (stop.stop_requested()) return;
          next = clock.now() + (renewed ? std::chrono::seconds(kRenewEvery) : kRetryEvery);
          if (renewed) {
            mailbox.post(LeaseRenewed{asked});
          } else if (renewed.error().kind == ErrorKind::Locked) {
            mailbox.post(LeaseLost{renewed.error().message});
          } else {
            mailbox.post(LeaseFailed{renewed.error().message, clock.now()});
          }
        }
      }) {}

}  // namespace drover::orchestrator
