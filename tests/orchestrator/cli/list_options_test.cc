#include "orchestrator/cli/list_options.h"

#include <catch2/catch.hpp>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

Result<ListChoice> choice(const std::string& line) {
  const auto invocation = parse_command_line(split_words(line));
  REQUIRE(invocation);
  return read_list_choice(*invocation);
}

}  // namespace

TEST_CASE("which rows of a list are wanted", "[cli]") {
  const auto pods =
      choice("top pods -n shop -l app=web,!old --field-selector spec.nodeName=w1,a!=b");
  REQUIRE(pods);
  CHECK(pods->ns == "shop");
  CHECK(pods->labels == "app=web,!old");
  CHECK(pods->fields == "spec.nodeName=w1,a!=b");
  const auto events = choice("events -A");
  REQUIRE(events);
  CHECK((events->ns + events->labels + events->fields).empty());
}

TEST_CASE("selections that cannot be meant", "[cli]") {
  for (const auto& [line, says] : std::vector<std::pair<std::string, std::string>>{
           {"events -n a -A", "-n and -A exclude each other"},
           {"events -n a/b", "-n a/b: that is no name"},
           {"top pods -l a=(b", "a=(b"},
           {"top nodes --field-selector spec.unschedulable",
            "--field-selector spec.unschedulable: that is no"},
           {"events --field-selector =x", "that is no FIELD=VALUE"},
           {"events --field-selector a!b", "that is no FIELD=VALUE"},
           {"events --field-selector a=b,,c=d", "that is no FIELD=VALUE"}}) {
    CAPTURE(line);
    const auto found = choice(line);
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == ErrorKind::Usage);
    CHECK(found.error().message.find(says) != std::string::npos);
  }
}

TEST_CASE("lists have formats of their own", "[cli]") {
  const auto format = [](const std::string& line) {
    return parse_command_line(split_words(line))->output;
  };
  CHECK(format("events") == OutputFormat::Text);
  CHECK(format("events --output yaml") == OutputFormat::Yaml);
  CHECK(format("--output wide top pods") == OutputFormat::Wide);
  CHECK(format("top nodes --output json") == OutputFormat::Json);
  CHECK(parse_command_line(split_words("top nodes --output json"))->json);
  CHECK_FALSE(parse_command_line(split_words("top nodes --output yaml"))->json);
}

}  // namespace drover::orchestrator
