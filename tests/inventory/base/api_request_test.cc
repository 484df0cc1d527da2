#include "inventory/base/api_request.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

ApiRequest eviction() {
  ApiRequest request;
  request.verb = Verb::Post;
  request.path = "/api/v1/namespaces/{ns}/pods/{pod}/eviction";
  request.body = R"({"kind":"Eviction","metadata":{"name":"{pod}","namespace":"{ns}"},)"
                 R"("deleteOptions":{"preconditions":{"uid":"{uid}"}}})";
  return request;
}

}  // namespace

TEST_CASE("a template becomes a request (S3)") {
  const auto request = instantiate(eviction(), {{"ns", "shop"}, {"pod", "web-1"}, {"uid", "u-1"}});
  REQUIRE(request);
  CHECK(request->verb == Verb::Post);
  CHECK(request->path == "/api/v1/namespaces/shop/pods/web-1/eviction");
  CHECK(request->body == R"({"kind":"Eviction","metadata":{"name":"web-1","namespace":"shop"},)"
                         R"("deleteOptions":{"preconditions":{"uid":"u-1"}}})");
}

TEST_CASE("JSON's own braces are no placeholders") {
  ApiRequest request;
  request.body = R"({"spec":{},"a":{ "b":{"c":[{}]}}, "d":"{}{1}{a b}{a_b}{"})";
  CHECK(instantiate(request, {})->body == request.body);
}

TEST_CASE(
    "values are data: encoded in the path, escaped in the body, never looked at again (S19)") {
  const auto request = instantiate(
      eviction(), {{"ns", "a/b?c=ä"}, {"pod", "x\",\"y\":\"{uid}\n\\"}, {"uid", "{ns}"}});
  REQUIRE(request);
  CHECK(request->path ==
        "/api/v1/namespaces/a%2Fb%3Fc%3D%C3%A4/pods/x%22%2C%22y%22%3A%22%7Buid%7D%0A%5C/eviction");
  CHECK(request->body ==
        R"({"kind":"Eviction","metadata":{"name":"x\",\"y\":\"{uid}\n\\","namespace":"a/b?c=ä"},)"
        R"("deleteOptions":{"preconditions":{"uid":"{ns}"}}})");
}

TEST_CASE("a value that is missing, or would name another object, is Internal") {
  const Params good = {{"ns", "shop"}, {"pod", "web-1"}, {"uid", "u-1"}};
  struct Row {
    const char* name;
    std::string value;
    const char* message;
  };
  for (const Row& row : {
           Row{"pod", "", "\"\" is no value for \"pod\" in an API path"},
           Row{"pod", ".", "\".\" is no value for \"pod\" in an API path"},
           Row{"ns", "..", "\"..\" is no value for \"ns\" in an API path"},
           Row{"uid", "\xff", "the value for \"uid\" in an API body is not UTF-8"},
       }) {
    Params params = good;
    params[row.name] = row.value;
    const auto request = instantiate(eviction(), params);
    REQUIRE_FALSE(request);
    CHECK(request.error().kind == ErrorKind::Internal);
    CHECK(request.error().message == row.message);
  }
  Params params = good;
  params.erase("uid");
  CHECK(instantiate(eviction(), params).error().message ==
        "API request template needs a value for \"uid\"");
}

TEST_CASE("verbs have their HTTP names, and only GET does not mutate (S2)") {
  CHECK(verb_name(Verb::Get) == "GET");
  CHECK(verb_name(Verb::Post) == "POST");
  CHECK(verb_name(Verb::Put) == "PUT");
  CHECK(verb_name(Verb::Patch) == "PATCH");
  CHECK(verb_name(Verb::Delete) == "DELETE");
  for (Verb verb : {Verb::Get, Verb::Post, Verb::Put, Verb::Patch, Verb::Delete}) {
    ApiRequest request;
    request.verb = verb;
    CHECK(request.mutates() == (verb != Verb::Get));
  }
}

TEST_CASE("percent_encode keeps the unreserved characters of RFC 3986 only") {
  CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(percent_encode("spec.nodeName=w 1/%") == "spec.nodeName%3Dw%201%2F%25");
  CHECK(percent_encode(std::string("\0\xff", 2)) == "%00%FF");
}

}  // namespace drover
