#include "inventory/yaml_of_json.h"

#include <catch2/catch.hpp>

namespace drover {

TEST_CASE("JSON as YAML") {
  CHECK(yaml_of_json(
            R"({"a":1,"b":[],"c":{},"d":null,"e":[1.5,true,"x"],"f":{"g":[{"h":1,"i":2}]}})") ==
        "a: 1\nb: []\nc: {}\nd: null\ne:\n  - 1.5\n  - true\n  - x\nf:\n  g:\n    - h: 1\n      i: "
        "2\n");
  CHECK(yaml_of_json("[]") == "[]\n");
}

TEST_CASE("text that YAML would read as something else is quoted") {
  for (const char* plain :
       {"w1", "kube-system", "pod/web-1", "spec.containers", "a_b", "Warning"}) {
    CHECK(yaml_of_json("{\"k\":\"" + std::string(plain) + "\"}") ==
          "k: " + std::string(plain) + "\n");
  }
  for (const char* quoted : {"",     "1",    "1e3", "0x1",  "-1",
                             ".5",   ".inf", "yes", "No",   "ON",
                             "null", "True", "~",   "y",    "2026-11-28T08:00:00Z",
                             "a: b", "- a",  "#a",  "a #b", "*a",
                             "&a",   "!a",   " a",  "a ",   "{",
                             "a,b"}) {
    CHECK(yaml_of_json("{\"k\":\"" + std::string(quoted) + "\"}") ==
          "k: \"" + std::string(quoted) + "\"\n");
  }
  CHECK(yaml_of_json(R"({"yes":"no","a b":1})") == "\"yes\": \"no\"\n\"a b\": 1\n");
}

TEST_CASE("what is not ASCII is escaped, and nothing acts on a terminal") {
  CHECK(yaml_of_json(R"({"k":"\u00e4\u001b\n\"\\"})") == R"(k: "\xe4\x1b\n\"\\")"
                                                         "\n");
}

}  // namespace drover
