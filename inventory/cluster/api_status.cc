#include "inventory/cluster/api_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "inventory/base/text.h"
#include "inventory/cluster/json.h"

namespace drover {
namespace {

constexpr size_t kFirstBytes = 512;

std::optional<ApiStatus> read_status(std::string_view body) {
  const auto object = parse_json(body, "Status");
  if (!object || object->find("kind") == nullptr) return std::nullopt;
  std::string problem;
  const JsonField field(&*object, "", &problem);
  ApiStatus status;
  status.reason = field["reason"].text();
  status.message = field["message"].text();
  for (const JsonField& cause : field["details"]["causes"].items()) {
    status.causes.push_back({cause["reason"].text(), cause["message"].text()});
  }
  if (!problem.empty()) return std::nullopt;
  return status;
}

}  // namespace

bool ApiStatus::has_cause(std::string_view cause) const {
  return std::any_of(causes.begin(), causes.end(),
                     [&](const Cause& each) { return each.reason == cause; });
}

ApiStatus read_api_status(const ApiResponse& response) {
  ApiStatus status;
  if (auto read = read_status(response.body)) {
    status = std::move(*read);
  } else {
    status.message = response.body.substr(0, kFirstBytes);
  }
  status.code = response.status;
  return status;
}

Error refusal(const std::string& what, const ApiResponse& answer, const std::string& allow) {
  constexpr int kForbidden = 403;
  constexpr int kTooManyRequests = 429;
  constexpr int kServerError = 500;
  Error error{.kind = ErrorKind::Api,
              .message = fmt::format("{}: HTTP {} {}", what, answer.status,
                                     sanitise(trim(read_api_status(answer).message)))};
  if (answer.status == kForbidden) error.remedy = allow;
  if (answer.status == kTooManyRequests || answer.status >= kServerError) {
    error.kind = ErrorKind::Unreachable;
    error.remedy = "the API server is overloaded or out of order for now; try again";
  }
  return error;
}

}  // namespace drover
