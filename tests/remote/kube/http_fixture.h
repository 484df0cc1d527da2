#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "remote/kube/http.h"
#include "tests/support/tls_pki.h"

namespace drover::remote {

/// Settings for a server of the tests' own authority.
inline HttpSettings test_settings() {
  HttpSettings settings;
  settings.credentials = test::Pki::cluster().credentials();
  settings.user_agent = "drover/9.9.9";
  return settings;
}

/// The same, dialled on a loopback port by the name in the server's certificate.
inline HttpSettings direct_settings(int port) {
  HttpSettings settings = test_settings();
  settings.port = port;
  settings.connect_to = "127.0.0.1:" + std::to_string(port);
  return settings;
}

inline HttpRequest get_request(const std::string& socket_path, const std::string& path = "/a") {
  HttpRequest request;
  request.path = path;
  request.socket_path = socket_path;
  return request;
}

inline HttpRequest mutating_request(Verb verb, const std::string& socket_path,
                                    const std::string& body) {
  HttpRequest request = get_request(socket_path);
  request.verb = verb;
  request.body = body;
  request.content_type = "application/json";
  return request;
}

inline double milliseconds_between(std::chrono::steady_clock::time_point from,
                                   std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace drover::remote
