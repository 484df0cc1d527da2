#include "remote/kube/kube_api.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "remote/kube/whole_list.h"

namespace drover::remote {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kTooManyRequests = 429;

Error api_error(ErrorKind kind, std::string message) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  return error;
}

/// Nothing of the request has arrived, and another way may be open.
bool out_of_reach(const Error& error) {
  return error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
}

Error none_works(const std::vector<Error>& causes) {
  Error error = causes.back();
  if (causes.size() == 1) return error;
  std::vector<std::string> texts;
  for (const Error& cause : causes) texts.push_back(cause.message);
  error.kind = ErrorKind::Unreachable;
  error.message = "no way to the Kubernetes API works: " + join(texts, "; ");
  error.remedy = causes.front().remedy;
  error.host.clear();
  return error;
}

}  // namespace

KubeApi::KubeApi(ChannelSource& source, Clock& clock) : source_(source), clock_(clock) {}

KubeApi::~KubeApi() = default;

Result<ApiResponse> KubeApi::get(const ApiRequest& request, std::stop_token stop) {
  if (request.mutates())
    return explain(nullptr, request, api_error(ErrorKind::Internal, "this is not a read"));
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
    return explain(nullptr, request, api_error(ErrorKind::Internal, "this changes nothing"));
  if (request.body.empty() && request.verb != Verb::Delete)
    return explain(nullptr, request, api_error(ErrorKind::Internal, "there is no body to send"));
  return over_any_way(request, clock_.now() + request.timeout, stop);
}

Result<ApiResponse> KubeApi::stream(const ApiRequest& request, const StreamSink& sink,
                                    std::stop_token stop) {
  if (request.mutates())
    return explain(nullptr, request, api_error(ErrorKind::Internal, "this is not a read"));
  const Instant deadline = clock_.now() + request.timeout;
  DROVER_TRY_ASSIGN(const ApiRoute route, source_.route({}, deadline, stop));
  Result<ApiResponse> result = over(route, request, deadline, stop, sink);
  if (result) source_.worked(route);
  return result;
}

Result<ApiResponse> KubeApi::get_page(const ApiRequest& request, Instant deadline,
                                      const std::stop_token& stop) {
  for (;;) {
    Result<ApiResponse> result = over_any_way(request, deadline, stop);
    if (!result || result->status != kTooManyRequests || !result->retry_after) return result;
    // Compared in seconds: any number may stand in the header.
    const Instant now = clock_.now();
    if (*result->retry_after > std::chrono::floor<std::chrono::seconds>(deadline - now))
      return result;
    if (!clock_.wait_until(now + *result->retry_after, stop))
      return explain(nullptr, request,
                     api_error(ErrorKind::Cancelled, "stopped while waiting to ask again"));
  }
}

/// Once over each way. Where there is only one, a read is tried a second time over it: its
/// connection may have been lost unnoticed.
Result<ApiResponse> KubeApi::over_any_way(const ApiRequest& request, Instant deadline,
                                          const std::stop_token& stop) {
  const size_t ways = source_.ways();
  const size_t tries = ways == 1 && !request.mutates() ? 2 : ways;
  std::vector<Error> causes;
  std::set<std::string> tried;
  for (size_t number = 0; number < tries; ++number) {
    const Instant now = clock_.now();
    const Instant share =
        ways == 1 ? deadline : now + (deadline - now) / static_cast<long>(tries - number);
    const Result<ApiRoute> route = source_.route(tried, share, stop);
    if (!route) {
      if (!out_of_reach(route.error()) || causes.empty() || ways == 1) return route.error();
      causes.push_back(route.error());
      break;
    }
    Result<ApiResponse> result = over(*route, request, share, stop);
    if (result) source_.worked(*route);
    if (result || !out_of_reach(result.error())) return result;
    if (ways == 1 && result.error().kind == ErrorKind::Timeout) return result;
    if (ways == 1) causes.clear();
    causes.push_back(std::move(result).error());
    if (ways > 1) tried.insert(route->name);
  }
  return none_works(causes);
}

/// Over one way; a second time when its credentials were refused and others could be got.
Result<ApiResponse> KubeApi::over(const ApiRoute& route, const ApiRequest& request,
                                  Instant deadline, const std::stop_token& stop,
                                  const StreamSink& sink) {
  Result<ApiResponse> result = exchange(route, request, deadline, stop, sink);
  if (!result || result->status != kUnauthorized) return result;
  DROVER_TRY_ASSIGN(const bool renewed, source_.renew(route, stop));
  if (renewed) {
    DROVER_TRY_ASSIGN(const ApiRoute fresh, source_.route({}, deadline, stop));
    result = exchange(fresh, request, deadline, stop, sink);
    if (!result || result->status != kUnauthorized) return result;
  }
  Error error = api_error(ErrorKind::Authentication,
                          route.token ? "the API server does not accept our token (401)"
                                      : "the API server does not accept our client certificate "
                                        "(401)");
  error.detail = std::move(result->body);
  return explain(&route, request, std::move(error));
}

Result<ApiResponse> KubeApi::exchange(const ApiRoute& route, const ApiRequest& request,
                                      Instant deadline, const std::stop_token& stop,
                                      const StreamSink& sink) {
  HttpRequest http;
  http.verb = request.verb;
  http.path = request.path;
  http.body = request.body;
  http.content_type = request.content_type();
  http.socket_path = route.socket_path;
  http.token = route.token;
  http.sink = sink;
  http.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.now());
  if (http.timeout.count() <= 0)
    return explain(&route, request,
                   api_error(ErrorKind::Timeout, fmt::format("no whole answer within {}",
                                                             format_duration(request.timeout))));
  Result<ApiResponse> result = channel(route).perform(http, stop);
  if (!result) return explain(&route, request, std::move(result).error());
  return result;
}

HttpChannel& KubeApi::channel(const ApiRoute& route) {
  if (!channel_ || settings_ != route.settings) {
    settings_ = route.settings;
    channel_.emplace(*settings_);
  }
  return *channel_;
}

Error KubeApi::explain(const ApiRoute* route, const ApiRequest& request, Error error) {
  const std::string path = request.path.substr(0, request.path.find('?'));
  error.message =
      fmt::format("{}Kubernetes API, {} {}: {}", route == nullptr ? "" : route->name + ": ",
                  verb_name(request.verb), path, error.message);
  if (route == nullptr) return error;
  error.host = route->host;
  error.remedy = error.kind == ErrorKind::Unknown
                     ? "nothing to do by hand: the object is read before anything more is sent for "
                       "it"
                     : source_.remedy(*route, error.kind);
  if (error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Unknown)
    if (const std::string trouble = source_.trouble(*route); !trouble.empty())
      error.message += fmt::format(" (SSH: {})", trouble);
  return error;
}

}  // namespace drover::remote
