#include "remote/kube/server_url.h"

#include <catch2/catch.hpp>

using namespace drover;
using namespace drover::remote;

TEST_CASE("the address of an API server is taken apart") {
  struct Row {
    std::string text, host;
    int port;
    std::string path;
  };
  for (const Row& row :
       std::vector<Row>{{"https://api.example", "api.example", 443, ""},
                        {"https://10.0.0.1:6443/", "10.0.0.1", 6443, ""},
                        {"https://[2001:db8::1]:6443", "[2001:db8::1]", 6443, ""},
                        {"https://[2001:db8::1]", "[2001:db8::1]", 443, ""},
                        {"https://r/k8s/clusters/c-1", "r", 443, "/k8s/clusters/c-1"}}) {
    CAPTURE(row.text);
    const auto url = parse_server_url(row.text);
    REQUIRE(url);
    CHECK(url->host == row.host);
    CHECK(url->port == row.port);
    CHECK(url->base_path == row.path);
  }
}

TEST_CASE("S19: what would be something else in a URL is no address") {
  for (const char* text : {"", "https://", "http://a", "a:6443", "https://:6443", "https://a:0",
                           "https://a:65536", "https://a:64x", "https://a:", "https://u:p@a",
                           "https://a b", "https://a/b?c", "https://a/#", "https://a\r\nHost: b",
                           "https://[::1", "https://[]:1", "https://2001:db8::1"}) {
    CAPTURE(text);
    const auto url = parse_server_url(text);
    REQUIRE_FALSE(url);
    CHECK(url.error().kind == ErrorKind::File);
  }
  CHECK(host_name("kubernetes"));
  CHECK_FALSE(host_name("a/b"));
  CHECK_FALSE(host_name("-a"));
  CHECK_FALSE(host_name(""));
}
