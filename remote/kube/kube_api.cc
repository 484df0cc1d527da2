#include "remote/kube/kube_api.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "inventory/base/duration.h"
#include "remote/kube/whole_list.h"

namespace drover::remote {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kTooManyRequests = 429;

Error make_error(ErrorKind kind, std::string message) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  return error;
}

std::string_view content_type(Verb verb) {
  return verb == Verb::Patch ? "application/merge-patch+json" : "application/json";
}

std::string remedy(ErrorKind kind, const std::string& host) {
  switch (kind) {
    case ErrorKind::Unreachable:
      return fmt::format(
          "see whether kube-apiserver runs on {} (crictl ps) and whether its sshd allows "
          "AllowTcpForwarding",
          host);
    case ErrorKind::Timeout:
      return fmt::format("see how kube-apiserver and etcd are on {} (crictl ps, crictl logs)",
                         host);
    case ErrorKind::Authentication:
      return fmt::format(
          "run 'kubeadm certs check-expiration' on {}; 'kubeadm certs renew admin.conf' renews "
          "ours",
          host);
    case ErrorKind::Unknown:
      return "nothing to do by hand: the object is read before anything more is sent for it";
    default:
      return {};
  }
}

}  // namespace

KubeApi::KubeApi(std::string control_plane, HttpChannel channel, ChannelSource& source,
                 Clock& clock)
    : control_plane_(std::move(control_plane)),
      channel_(std::move(channel)),
      source_(source),
      clock_(clock) {}

Result<ApiResponse> KubeApi::get(const ApiRequest& request, std::stop_token stop) {
  if (request.mutates())
    return explain(request, make_error(ErrorKind::Internal, "this is not a read"));
  const Instant deadline = clock_.now() + request.timeout;
  if (!names_list(request.path)) return get_page(request, deadline, stop);
  return get_whole_list(request.path, [&](const std::string& path) {
    ApiRequest page = request;
    page.path = path;
    return get_page(page, deadline, stop);
  });
}

Result<ApiResponse> KubeApi::send(const ApiRequest& request, std::stop_token stop) {
  if (!request.mutates())
    return explain(request, make_error(ErrorKind::Internal, "this changes nothing"));
  if (request.body.empty() && request.verb != Verb::Delete)
    return explain(request, make_error(ErrorKind::Internal, "there is no body to send"));
  const Instant deadline = clock_.now() + request.timeout;
  DROVER_TRY_ASSIGN(const std::string socket_path, source_.socket_path(stop));
  return exchange(request, socket_path, deadline, stop);
}

Result<ApiResponse> KubeApi::get_page(const ApiRequest& request, Instant deadline,
                                      const std::stop_token& stop) {
  for (;;) {
    DROVER_TRY_ASSIGN(std::string socket_path, source_.socket_path(stop));
    Result<ApiResponse> result = exchange(request, socket_path, deadline, stop);
    if (!result && result.error().kind == ErrorKind::Unreachable) {
      DROVER_TRY_ASSIGN(socket_path, source_.socket_path(stop));
      result = exchange(request, socket_path, deadline, stop);
    }
    if (!result || result->status != kTooManyRequests || !result->retry_after) return result;
    // Compared in seconds: any number may stand in the header.
    const Instant now = clock_.now();
    if (*result->retry_after > std::chrono::floor<std::chrono::seconds>(deadline - now))
      return result;
    if (!clock_.wait_until(now + *result->retry_after, stop))
      return explain(request,
                     make_error(ErrorKind::Cancelled, "stopped while waiting to ask again"));
  }
}

Result<ApiResponse> KubeApi::exchange(const ApiRequest& request, const std::string& socket_path,
                                      Instant deadline, const std::stop_token& stop) {
  HttpRequest http;
  http.verb = request.verb;
  http.path = request.path;
  http.body = request.body;
  http.content_type = content_type(request.verb);
  http.socket_path = socket_path;
  http.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.now());
  if (http.timeout.count() <= 0)
    return explain(request,
                   make_error(ErrorKind::Timeout, fmt::format("no whole answer within {}",
                                                              format_duration(request.timeout))));
  Result<ApiResponse> result = channel_.perform(http, stop);
  if (!result) return explain(request, std::move(result).error());
  if (result->status != kUnauthorized) return result;
  Error error = make_error(ErrorKind::Authentication,
                           "the API server does not accept our client certificate (401)");
  error.detail = std::move(result->body);
  return explain(request, std::move(error));
}

Error KubeApi::explain(const ApiRequest& request, Error error) {
  const std::string path = request.path.substr(0, request.path.find('?'));
  error.host = control_plane_;
  error.message = fmt::format("{}: Kubernetes API, {} {}: {}", control_plane_,
                              verb_name(request.verb), path, error.message);
  error.remedy = remedy(error.kind, control_plane_);
  if (error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Unknown)
    if (const std::string trouble = source_.trouble(); !trouble.empty())
      error.message += fmt::format(" (SSH: {})", trouble);
  return error;
}

}  // namespace drover::remote
