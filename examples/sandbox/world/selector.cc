#include "examples/sandbox/world/selector.h"

#include <algorithm>
#include <array>
#include <regex>
#include <stdexcept>
#include <utility>

namespace drover::sandbox {
namespace {

using nlohmann::json;
using Op = Requirement::Op;

constexpr std::array<std::pair<Op, const char*>, 4> kOps = {{{Op::In, "In"},
                                                             {Op::NotIn, "NotIn"},
                                                             {Op::Exists, "Exists"},
                                                             {Op::DoesNotExist, "DoesNotExist"}}};

const char* name_of(Op op) {
  return std::find_if(kOps.begin(), kOps.end(), [op](const auto& row) { return row.first == op; })
      ->second;
}

Op op_of(const std::string& name) {
  const auto row =
      std::find_if(kOps.begin(), kOps.end(), [&](const auto& one) { return name == one.second; });
  if (row == kOps.end())
    throw std::invalid_argument("\"" + name + "\" is no operator of a selector");
  return row->first;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  const std::regex comma(R"(\s*,\s*)");
  std::copy(std::sregex_token_iterator(text.begin(), text.end(), comma, -1),
            std::sregex_token_iterator(), std::back_inserter(parts));
  return parts;
}

// At the commas that stand in no brackets.
std::vector<std::string> conditions(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

Requirement parse_condition(const std::string& text) {
  static const std::regex set(R"(\s*([\w./-]+)\s+(in|notin)\s+\(\s*([^()]*?)\s*\)\s*)");
  static const std::regex equality(R"(\s*([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)\s*)");
  static const std::regex presence(R"(\s*(!?)\s*([\w./-]+)\s*)");
  std::smatch found;
  if (std::regex_match(text, found, set))
    return {found[1], found[2] == "in" ? Op::In : Op::NotIn, split(found[3])};
  if (std::regex_match(text, found, equality))
    return {found[1], found[2] == "!=" ? Op::NotIn : Op::In, {found[3]}};
  if (std::regex_match(text, found, presence))
    return {found[2], found[1].length() > 0 ? Op::DoesNotExist : Op::Exists, {}};
  throw std::invalid_argument("unable to parse requirement: " + text);
}

}  // namespace

bool Requirement::holds(const Labels& labels) const {
  const auto label = labels.find(key);
  const bool there = label != labels.end();
  const bool listed =
      there && std::find(values.begin(), values.end(), label->second) != values.end();
  switch (op) {
    case Op::In:
      return listed;
    case Op::NotIn:
      return !listed;
    case Op::Exists:
      return there;
    case Op::DoesNotExist:
      return !there;
  }
  return false;
}

bool Selector::matches(const Labels& labels) const {
  return std::all_of(all.begin(), all.end(),
                     [&](const Requirement& one) { return one.holds(labels); });
}

Selector equal_to(const Labels& labels) {
  Selector selector;
  for (const auto& [key, value] : labels) selector.all.push_back({key, Op::In, {value}});
  return selector;
}

Selector parse_label_selector(const std::string& text) {
  Selector selector;
  if (text.empty()) return selector;
  for (const std::string& part : conditions(text)) selector.all.push_back(parse_condition(part));
  return selector;
}

json selector_json(const Selector& selector) {
  json object = json::object();
  for (const Requirement& one : selector.all) {
    if (one.op == Op::In && one.values.size() == 1) {
      object["matchLabels"][one.key] = one.values.front();
      continue;
    }
    json expression = {{"key", one.key}, {"operator", name_of(one.op)}};
    if (!one.values.empty()) expression["values"] = one.values;
    object["matchExpressions"].push_back(std::move(expression));
  }
  return object;
}

Selector read_selector(const json& object) try {
  Selector selector = equal_to(object.value("matchLabels", Labels()));
  for (const json& expression : object.value("matchExpressions", json::array())) {
    selector.all.push_back({expression.at("key"), op_of(expression.at("operator")),
                            expression.value("values", std::vector<std::string>())});
  }
  return selector;
} catch (const json::exception& wrong) {
  throw std::invalid_argument(std::string("no label selector: ") + wrong.what());
}

}  // namespace drover::sandbox
