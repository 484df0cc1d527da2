#include "orchestrator/cluster_session.h"

namespace drover::orchestrator {

ClusterSession::ClusterSession(const Inventory& inventory)
    : watch_([this] { stop_.request_stop(); }), fleet_(inventory, stop_.get_token()) {}

Status ClusterSession::open() {
  DROVER_TRY(fleet_.credentials());
  DROVER_TRY(fleet_.open_api(stop_.get_token()));
  api_ = fleet_.api();
  return {};
}

}  // namespace drover::orchestrator
