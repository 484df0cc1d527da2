#include "orchestrator/cli/list_options.h"

#include <fmt/format.h>

#include <string_view>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "inventory/cluster/label_query.h"
#include "plans/object_target.h"

namespace drover::orchestrator {
namespace {

Error wrong(const Invocation& invocation, std::string message) {
  return {.kind = ErrorKind::Usage,
          .message = std::move(message),
          .remedy = fmt::format("`drover help {}`", command_spec(invocation.command).name)};
}

/// `FIELD=VALUE`, `FIELD==VALUE` or `FIELD!=VALUE`; which fields there are, the server knows.
bool is_field_term(std::string_view term) {
  const size_t end = term.find_first_of("=!");
  if (end == term.npos || end == 0) return false;
  const std::string_view sign = term.substr(end);
  return sign.front() == '=' || sign.starts_with("!=");
}

bool is_field_selector(std::string_view text) {
  while (true) {
    const size_t comma = text.find(',');
    if (!is_field_term(trim(text.substr(0, comma)))) return false;
    if (comma == text.npos) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<ListChoice> read_list_choice(const Invocation& invocation) {
  const ListChoice choice{.ns = invocation.value("namespace"),
                          .labels = invocation.value("selector"),
                          .fields = invocation.value("field-selector")};
  const auto shown = [](const std::string& text) { return quote(sanitise(text, 80)); };
  if (invocation.has("namespace") && invocation.has("all-namespaces"))
    return wrong(invocation, "-n and -A exclude each other");
  if (invocation.has("namespace") && !plans::is_object_name(choice.ns))
    return wrong(invocation, fmt::format("-n {}: that is no name", shown(choice.ns)));
  if (invocation.has("selector")) DROVER_TRY(parse_label_query(choice.labels));
  if (invocation.has("field-selector") && !is_field_selector(choice.fields))
    return wrong(invocation, fmt::format("--field-selector {}: that is no FIELD=VALUE,...",
                                         shown(choice.fields)));
  return choice;
}

ListStyle list_style(const Invocation& invocation, const std::string& cluster, bool color) {
  return {.format = invocation.output, .cluster = cluster, .color = color};
}

}  // namespace drover::orchestrator
