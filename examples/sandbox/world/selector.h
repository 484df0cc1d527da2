#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace drover::sandbox {

using Labels = std::map<std::string, std::string>;

/// One condition on a label.
struct Requirement {
  enum class Op { In, NotIn, Exists, DoesNotExist };
  std::string key;
  Op op = Op::In;
  std::vector<std::string> values;

  bool holds(const Labels& labels) const;
};

/// All of its requirements hold; without any, everything is selected.
struct Selector {
  std::vector<Requirement> all;

  bool matches(const Labels& labels) const;
};

Selector equal_to(const Labels& labels);

/// The query parameter labelSelector: "a=b,c!=d,e in (f,g),h notin (i),j,!k". std::invalid_argument
/// when it is none.
Selector parse_label_selector(const std::string& text);

/// As metav1.LabelSelector, in both directions. std::invalid_argument when it is none.
nlohmann::json selector_json(const Selector& selector);
Selector read_selector(const nlohmann::json& selector);

}  // namespace drover::sandbox
