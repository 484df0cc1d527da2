#include "examples/sandbox/api/request_log.h"

#include <fmt/format.h>

#include <stdexcept>

namespace drover::sandbox {

bool mutates(const std::string& verb) { return verb != "GET"; }

bool about_leases(const std::string& target) {
  return target.starts_with("/apis/coordination.k8s.io/");
}

RequestLog::RequestLog(const std::filesystem::path& file) : file_(file, std::ios::trunc) {
  if (!file_) throw std::runtime_error(file.string() + " cannot be written");
}

void RequestLog::add(const Logged& request) {
  ++all_;
  writes_ += mutates(request.verb) && !about_leases(request.target) ? 1 : 0;
  nlohmann::json line = {{"n", all_},
                         {"at", micro_stamp(request.at)},
                         {"node", request.control_plane},
                         {"verb", request.verb},
                         {"path", request.target},
                         {"status", request.status}};
  if (!request.body.empty()) line["body"] = request.body;
  if (!request.fault.empty()) line["fault"] = request.fault;
  file_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

void RequestLog::add_unknown(const Logged& request, const std::string& why) {
  unknown_.push_back(fmt::format("{} {} {}: {}", request.verb, request.target, request.body, why));
}

nlohmann::json RequestLog::counts() const { return {{"all", all_}, {"writes", writes_}}; }

}  // namespace drover::sandbox
