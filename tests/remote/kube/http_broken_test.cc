#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "tests/remote/kube/http_fixture.h"
#include "tests/support/tls_peer.h"

using namespace drover;
using namespace drover::remote;
using drover::test::TempDir;
using drover::test::TlsPeer;
using Then = TlsPeer::Then;

namespace {

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";

struct Stopped {
  Result<ApiResponse> response;
  double delay;  // milliseconds from the stop to the return
};

// Performs `request`, which `peer` does not answer, and stops it when all that will come has come.
Stopped stopped_in_silence(HttpChannel& channel, const HttpRequest& request, const TlsPeer& peer) {
  std::stop_source stop;
  std::chrono::steady_clock::time_point stopped_at;
  const int before = peer.requests();
  std::jthread stopper([&](const std::stop_token& over) {
    while (peer.requests() == before && !over.stop_requested()) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // nothing shows that it now waits
    stopped_at = std::chrono::steady_clock::now();
    stop.request_stop();
  });
  Result<ApiResponse> response = channel.perform(request, stop.get_token());
  const auto returned_at = std::chrono::steady_clock::now();
  stopper.request_stop();
  stopper.join();
  return {std::move(response), milliseconds_between(stopped_at, returned_at)};
}

}  // namespace

TEST_CASE("S4: an answer cut after any byte is an error, never an answer") {
  struct Case {
    std::string whole;
    size_t needed;  // bytes; what follows tells nothing more
    std::string body;
  };
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5\r\n{\"ok\"\r\n6\r\n:true}\r\n0\r\n\r\n";
  const std::string conflict =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}";
  const std::string none = "HTTP/1.1 204 No Content\r\n\r\n";
  const Case cases[] = {{kOk, kOk.size(), "{\"ok\":true}"},
                        {chunked, chunked.size() - 2, "{\"ok\":true}"},
                        {conflict, conflict.size(), "{}"},
                        {none, none.size(), ""}};
  std::string bytes;
  Then then = Then::Cut;
  TlsPeer peer([&](int, int, const std::string&) { return TlsPeer::Answer{bytes, then}; });
  HttpChannel channel(test_settings());
  for (const Case& c : cases) {
    for (const Then end : {Then::Cut, Then::CloseNotify}) {
      then = end;
      for (size_t length = 0; length < c.needed; ++length) {
        bytes = c.whole.substr(0, length);
        CAPTURE(bytes, end == Then::Cut);
        const auto read = channel.perform(get_request(peer.socket_path()), {});
        REQUIRE_FALSE(read);
        REQUIRE(read.error().kind == ErrorKind::Unreachable);
        if (end == Then::CloseNotify) continue;
        const auto sent =
            channel.perform(mutating_request(Verb::Patch, peer.socket_path(), "{}"), {});
        REQUIRE_FALSE(sent);
        REQUIRE(sent.error().kind == ErrorKind::Unknown);
      }
      bytes = c.whole;
      const auto response = channel.perform(get_request(peer.socket_path()), {});
      REQUIRE(response);
      CHECK(response->body == c.body);
    }
  }
}

TEST_CASE("a body that lasts until the end of the stream could be cut, so only a refusal may") {
  std::string bytes;
  Then then = Then::CloseNotify;
  TlsPeer peer([&](int, int, const std::string&) { return TlsPeer::Answer{bytes, then}; });
  HttpChannel channel(test_settings());
  for (const Then end : {Then::CloseNotify, Then::Cut}) {
    then = end;
    bytes = "HTTP/1.0 502 Bad Gateway\r\n\r\n<html>";
    const auto page = channel.perform(get_request(peer.socket_path()), {});
    REQUIRE(page);
    CHECK(page->status == 502);
    CHECK(page->body == "<html>");
    bytes = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"items\":[]}";
    const auto list = channel.perform(get_request(peer.socket_path()), {});
    REQUIRE_FALSE(list);
    CHECK(list.error().kind == ErrorKind::Unreachable);
    CHECK_THAT(list.error().message, Catch::Contains("does not say where it ends"));
  }
}

TEST_CASE("S4: a mutating request is sent once when a kept connection dies before its answer") {
  struct Case {
    Verb verb;
    std::string body;
  };
  const Case cases[] = {{Verb::Post, "{\"a\":1}"}, {Verb::Patch, "{\"a\":1}"}, {Verb::Put, "{}"},
                        {Verb::Delete, "{}"},      {Verb::Delete, ""},         {Verb::Post, ""}};
  for (const TlsPeer::Read read : {TlsPeer::Read::Whole, TlsPeer::Read::HeadersOnly}) {
    for (const Then then : {Then::Cut, Then::CloseNotify}) {
      for (const Case& c : cases) {
        CAPTURE(c.body, c.verb == Verb::Delete, then == Then::Cut);
        int mutations = 0;
        TlsPeer peer(
            [&](int, int, const std::string& request) {
              if (request.starts_with("GET ")) return TlsPeer::Answer{kOk, Then::KeepOpen};
              ++mutations;
              return TlsPeer::Answer{"", then};
            },
            read);
        HttpChannel channel(test_settings());
        for (int warm = 0; warm < 2; ++warm)
          REQUIRE(channel.perform(get_request(peer.socket_path()), {}));
        CHECK(peer.connections() == 1);  // so there is a kept connection to be used
        const auto sent = channel.perform(mutating_request(c.verb, peer.socket_path(), c.body), {});
        REQUIRE_FALSE(sent);
        CHECK(sent.error().kind == ErrorKind::Unknown);
        CHECK_THAT(sent.error().message, Catch::Contains("outcome is not known"));
        CHECK(mutations == 1);
        REQUIRE(channel.perform(get_request(peer.socket_path()), {}));
        CHECK(mutations == 1);
      }
    }
  }
}

TEST_CASE("what is no HTTP is an error") {
  std::string bytes;
  TlsPeer peer([&](int, int, const std::string&) {
    return TlsPeer::Answer{bytes, Then::CloseNotify};
  });
  HttpChannel channel(test_settings());
  for (const char* answer :
       {"SSH-2.0-OpenSSH_9.2\r\n", "\r\n\r\n", "{\"ok\":true}", "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnogz"}) {
    CAPTURE(answer);
    bytes = answer;
    const auto read = channel.perform(get_request(peer.socket_path()), {});
    REQUIRE_FALSE(read);
    CHECK((read.error().kind == ErrorKind::Api || read.error().kind == ErrorKind::Unreachable));
    const auto sent = channel.perform(mutating_request(Verb::Put, peer.socket_path(), "{}"), {});
    REQUIRE_FALSE(sent);
    CHECK(sent.error().kind == ErrorKind::Unknown);
  }
}

TEST_CASE("without a listener nothing was sent, so a mutating request is known not to be done") {
  const TempDir dir;
  const std::string deserted = dir.file("deserted");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  deserted.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  close(fd);
  HttpChannel channel(test_settings());
  for (const std::string& path : {dir.file("nothing"), deserted, std::string(200, 'x')}) {
    CAPTURE(path);
    for (const HttpRequest& request :
         {get_request(path), mutating_request(Verb::Patch, path, "{}")}) {
      const auto response = channel.perform(request, {});
      REQUIRE_FALSE(response);
      CHECK(response.error().kind == ErrorKind::Unreachable);
      CHECK_THAT(response.error().message, Catch::StartsWith("no connection: "));
      CHECK_THAT(response.error().message, !Catch::Contains("6443"));
    }
  }
}

TEST_CASE("a silent server costs the timeout and no more") {
  TlsPeer peer([](int, int, const std::string&) { return TlsPeer::Answer{"", Then::Silence}; });
  HttpChannel channel(test_settings());
  for (HttpRequest request :
       {get_request(peer.socket_path()), mutating_request(Verb::Patch, peer.socket_path(), "{}")}) {
    request.timeout = std::chrono::milliseconds(200);
    const auto start = std::chrono::steady_clock::now();
    const auto response = channel.perform(request, {});
    const double took = milliseconds_between(start, std::chrono::steady_clock::now());
    REQUIRE_FALSE(response);
    CHECK(took >= 195);
    CHECK(took < 5000);
    const bool get = request.verb == Verb::Get;
    CHECK(response.error().kind == (get ? ErrorKind::Timeout : ErrorKind::Unknown));
    CHECK_THAT(response.error().message, Catch::Contains("no whole answer in time"));
  }
}

TEST_CASE("S15: a request is given up within 100 ms of the stop, also while nothing arrives") {
  for (const std::string& sent :
       {std::string(), kOk.substr(0, 30), kOk.substr(0, kOk.size() - 3)}) {
    TlsPeer peer([&](int, int, const std::string&) {
      return TlsPeer::Answer{sent, Then::Silence};
    });
    HttpChannel channel(test_settings());
    for (const HttpRequest& request : {get_request(peer.socket_path()),
                                       mutating_request(Verb::Patch, peer.socket_path(), "{}")}) {
      std::vector<double> delays;
      for (int trial = 0; trial < 5; ++trial) {
        const auto [response, delay] = stopped_in_silence(channel, request, peer);
        REQUIRE_FALSE(response);
        const bool get = request.verb == Verb::Get;
        CHECK(response.error().kind == (get ? ErrorKind::Cancelled : ErrorKind::Unknown));
        delays.push_back(delay);
      }
      // The median: a busy machine may hold up any single one.
      std::nth_element(delays.begin(), delays.begin() + 2, delays.end());
      CHECK(delays[2] < 100);
    }
  }
}

TEST_CASE("after a stop nothing is sent any more") {
  TlsPeer peer([](int, int, const std::string&) { return TlsPeer::Answer{kOk}; });
  HttpChannel channel(test_settings());
  std::stop_source stop;
  stop.request_stop();
  for (const HttpRequest& request :
       {get_request(peer.socket_path()), mutating_request(Verb::Patch, peer.socket_path(), "{}")}) {
    const auto response = channel.perform(request, stop.get_token());
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::Cancelled);
  }
  CHECK(peer.connections() == 0);
}
