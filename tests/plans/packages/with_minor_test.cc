#include <catch2/catch.hpp>

#include "inventory/base/quote.h"
#include "plans/packages/apt_text.h"
#include "plans/packages/package_manager.h"
#include "tests/support/shell.h"

namespace drover::plans {
namespace {

struct WithMinorRow {
  std::string line;
  std::string at_34;
};

const std::vector<WithMinorRow> kWithMinorRows = {
    {"deb https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /",
     "deb https://pkgs.k8s.io/core:/stable:/v1.34/deb/ /"},
    {"deb [trusted=yes] file:/srv/apt/v1.33/ ./", "deb [trusted=yes] file:/srv/apt/v1.34/ ./"},
    {"deb file:/v1.9/ ./", "deb file:/v1.34/ ./"},
    {"deb https://mirror/v1.33 /", "deb https://mirror/v1.34 /"},
    {"deb https://mirror/v1.33", "deb https://mirror/v1.34"},
    {"deb https://mirror/v1.33\t/ # old", "deb https://mirror/v1.34\t/ # old"},
    {"URIs: https://a/v1.33/deb/ https://b/v1.33/", "URIs: https://a/v1.34/deb/ https://b/v1.34/"},
    {" https://pkgs.k8s.io/core:/stable:/v1.100/deb/",
     " https://pkgs.k8s.io/core:/stable:/v1.34/deb/"},
    {"deb https://a/v1.33/x/v1.33/ /", "deb https://a/v1.33/x/v1.34/ /"},
    {"deb https://a/v1.33/x/v1.33rc /", "deb https://a/v1.34/x/v1.33rc /"},
    {"deb https://a:8080/v1.33/ /", "deb https://a:8080/v1.34/ /"},
    {"deb https://***@a/v1.33/ /", "deb https://***@a/v1.34/ /"},
    // a key's file is no repository
    {"deb [signed-by=/usr/share/v1.33/k.gpg] https://a/v1.33/ /",
     "deb [signed-by=/usr/share/v1.33/k.gpg] https://a/v1.34/ /"},
    // one repository for all minors
    {"deb https://apt.kubernetes.io/ kubernetes-xenial main",
     "deb https://apt.kubernetes.io/ kubernetes-xenial main"},
    {"deb https://a/v1.33.13/ /", "deb https://a/v1.33.13/ /"},
    {"deb https://a/v1./ /", "deb https://a/v1./ /"},
    {"deb https://a/v2.33/ /", "deb https://a/v2.33/ /"},
    {"/v1.33/", "/v1.33/"},
    {":/v1.33/ 1:/v1.33/", ":/v1.33/ 1:/v1.33/"},
    {"x1+.-:/v1.33/", "x1+.-:/v1.34/"},
    {"deb [a=1x:/v1.33/] b", "deb [a=1x:/v1.34/] b"},
    {"", ""},
    {"   ", "   "},
};

}  // namespace

TEST_CASE("a repository line gets another minor where its URI names one") {
  for (const WithMinorRow& row : kWithMinorRows) {
    INFO(row.line);
    CHECK(with_minor(row.line, 34) == row.at_34);
    CHECK(with_minor(row.at_34, 34) == row.at_34);
  }
}

TEST_CASE("the sed expression of the scripts changes what with_minor changes") {
  const test::ScriptRoom room;
  for (const WithMinorRow& row : kWithMinorRows) {
    INFO(row.line);
    const CommandResult result = room.run(line_expressions(34) + "printf '%s\\n' " +
                                          quote(row.line) + " | sed -E \"$minor\"");
    CHECK(result.out == row.at_34 + "\n");
    CHECK(result.err.empty());
  }
}

TEST_CASE("S13: the mask hides user and password of a URI and a carriage return") {
  const std::vector<WithMinorRow> rows = {
      {"deb https://ops:s3cret@mirror/v1.33/ /\r", "deb https://***@mirror/v1.33/ /"},
      {"URIs: https://a:b@x/ https://c@y/", "URIs: https://***@x/ https://***@y/"},
      {"deb https://mirror/a@b/ /", "deb https://mirror/a@b/ /"},
  };
  const test::ScriptRoom room;
  for (const WithMinorRow& row : rows) {
    const CommandResult result =
        room.run(mask_expression() + "printf '%s\\n' " + quote(row.line) + " | sed -E \"$mask\"");
    CHECK(result.out == row.at_34 + "\n");
  }
}

}  // namespace drover::plans
