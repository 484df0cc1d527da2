#include "orchestrator/api_gate.h"

#include <utility>

#include "orchestrator/ssh_gate.h"
#include "remote/kube/direct_source.h"

namespace drover::orchestrator {
namespace {

/// One address that the kubeconfig names; what stands behind it is nobody's choice here.
class KubeconfigGate final : public ApiGate {
 public:
  explicit KubeconfigGate(std::unique_ptr<remote::DirectSource> source, remote::Clock& clock)
      : source_(std::move(source)), clock_(clock) {}

  Status open(std::stop_token stop) override {
    constexpr std::chrono::seconds kPatience{30};
    const auto route = source_->route({}, clock_.now() + kPatience, std::move(stop));
    return route ? Status() : Status(route.error());
  }
  Result<remote::ApiRoute> route(const std::set<std::string>& tried, remote::Instant deadline,
                                 std::stop_token stop) override {
    return source_->route(tried, deadline, std::move(stop));
  }
  size_t ways() const override { return source_->ways(); }
  std::string remedy(const remote::ApiRoute& route, ErrorKind kind) override {
    return source_->remedy(route, kind);
  }
  Result<bool> renew(const remote::ApiRoute& route, std::stop_token stop) override {
    return source_->renew(route, std::move(stop));
  }

 private:
  std::unique_ptr<remote::DirectSource> source_;
  remote::Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<ApiGate>> make_gate(const Inventory& inventory, TargetOf target_of,
                                           remote::Clock& clock) {
  if (inventory.api.via == ApiVia::Ssh)
    return std::unique_ptr<ApiGate>(
        std::make_unique<SshGate>(inventory, std::move(target_of), clock));
  const std::string& file = inventory.api.kubeconfig;
  DROVER_TRY_ASSIGN(auto context,
                    remote::read_kubeconfig(file, inventory.api.context,
                                            "see api.kubeconfig and api.context in the inventory"));
  DROVER_TRY_ASSIGN(auto source, remote::DirectSource::make(std::move(context), file,
                                                            "drover/" DROVER_VERSION, clock));
  return std::unique_ptr<ApiGate>(std::make_unique<KubeconfigGate>(std::move(source), clock));
}

}  // namespace drover::orchestrator
