#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"

namespace drover::remote {

/// The reading half of the Kubernetes API. One thread at a time an object.
class ApiReader {
 public:
  virtual ~ApiReader() = default;
  /// Sends a GET. Dials again over a lost channel and repeats once, since reading is repeatable.
  /// Any HTTP status but 401 is an ApiResponse. 401 and no answer are Errors: Authentication,
  /// Unreachable, Timeout, Cancelled, or Api for an answer that cannot be understood.
  /// A list is returned whole: pages are followed and put together.
  virtual Result<ApiResponse> get(const ApiRequest& request, std::stop_token stop) = 0;
};

/// Receives what comes of a stream, in order, on the caller's thread; false ends the stream.
using StreamSink = std::function<bool(std::string_view)>;

/// Answers of the Kubernetes API that have no end of their own: watches, logs that are followed.
/// One thread at a time an object.
class ApiStreams {
 public:
  virtual ~ApiStreams() = default;
  /// Sends a GET and hands its body over as it comes, if its status is 2xx; the response has the
  /// body of any other. It ends when the server ends it, when `sink` does, with the request's
  /// timeout (Timeout), and at once with `stop` (Cancelled). Never sent again by itself: the caller
  /// knows where it was. Errors as of ApiReader::get.
  virtual Result<ApiResponse> stream(const ApiRequest& request, const StreamSink& sink,
                                     std::stop_token stop) = 0;
};

/// The mutating half of the Kubernetes API. One thread at a time an object.
class ApiWriter {
 public:
  virtual ~ApiWriter() = default;
  /// Sends a mutating request exactly once: never repeated, by us or by libcurl (S4). An Error of
  /// kind Unknown, also after `stop`, means that it may or may not have been carried out: read the
  /// object before sending anything again. After any other Error it was not.
  virtual Result<ApiResponse> send(const ApiRequest& request, std::stop_token stop) = 0;
};

}  // namespace drover::remote
