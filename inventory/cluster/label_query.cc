#include "inventory/cluster/label_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "inventory/base/text.h"

namespace drover {
namespace {

constexpr std::string_view kMarks = "=!,()";
constexpr size_t kMostBytes = 63;  // of a value, and of a key's name

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// As Kubernetes allows a label's value, or the name in its key.
bool is_label_word(std::string_view word) {
  const auto inner = [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
  };
  return !word.empty() && word.size() <= kMostBytes && is_letter_or_digit(word.front()) &&
         is_letter_or_digit(word.back()) && std::all_of(word.begin(), word.end(), inner);
}

bool is_key(std::string_view key) {
  const size_t slash = key.find('/');
  if (slash == std::string_view::npos) return is_label_word(key);
  const std::string_view prefix = key.substr(0, slash);
  const auto of_domain = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; };
  return !prefix.empty() && prefix.size() <= 253 &&
         std::all_of(prefix.begin(), prefix.end(), of_domain) &&
         is_label_word(key.substr(slash + 1));
}

/// One pass over the text, requirement by requirement.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<LabelSelector> read() {
    LabelSelector selector{.present = true};
    do {
      DROVER_TRY_ASSIGN(LabelRequirement wanted, requirement());
      selector.match_expressions.push_back(std::move(wanted));
    } while (take(','));
    if (at_ < text_.size()) return wrong("a comma belongs between requirements");
    return selector;
  }

 private:
  Result<LabelRequirement> requirement() {
    if (take('!')) {
      DROVER_TRY_ASSIGN(std::string absent, key());
      return LabelRequirement{std::move(absent), "DoesNotExist", {}};
    }
    DROVER_TRY_ASSIGN(std::string name, key());
    if (take('!')) {
      if (!take('=')) return wrong("`!` in front of a label, or `!=` behind it");
      return one_value(std::move(name), "NotIn");
    }
    if (take('=')) {
      take('=');
      return one_value(std::move(name), "In");
    }
    const size_t before = at_;
    const std::string word = next_word();
    if (word.empty()) return LabelRequirement{std::move(name), "Exists", {}};
    if (word == "in") return values(std::move(name), "In");
    if (word == "notin") return values(std::move(name), "NotIn");
    at_ = before;
    return wrong("`in` or `notin` may stand here");
  }

  Result<LabelRequirement> one_value(std::string name, std::string op) {
    DROVER_TRY_ASSIGN(std::string only, value());
    return LabelRequirement{std::move(name), std::move(op), {std::move(only)}};
  }

  Result<LabelRequirement> values(std::string name, std::string op) {
    LabelRequirement wanted{std::move(name), std::move(op), {}};
    if (!take('(')) return wrong("its values belong in parentheses");
    do {
      DROVER_TRY_ASSIGN(std::string one, value());
      wanted.values.push_back(std::move(one));
    } while (take(','));
    if (!take(')')) return wrong("the closing parenthesis is missing");
    return wanted;
  }

  Result<std::string> key() {
    std::string word = next_word();
    if (!is_key(word)) return wrong(fmt::format("`{}` is no label", sanitise(word, 80)));
    return word;
  }

  Result<std::string> value() {
    std::string word = next_word();  // an empty value is one
    if (!word.empty() && !is_label_word(word)) {
      return wrong(fmt::format("`{}` is no value of a label", sanitise(word, 80)));
    }
    return word;
  }

  std::string next_word() {
    skip_blanks();
    const size_t from = at_;
    while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != '\t' &&
           kMarks.find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    return std::string(text_.substr(from, at_ - from));
  }

  bool take(char mark) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != mark) return false;
    ++at_;
    return true;
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  Error wrong(const std::string& what) const {
    return {.kind = ErrorKind::Usage,
            .message = fmt::format("the selector `{}` is wrong at character {}: {}",
                                   sanitise(text_, 200), at_ + 1, what),
            .remedy =
                "for example: -l 'disk=ssd,zone in (a,b),!node-role.kubernetes.io/"
                "control-plane'"};
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<LabelSelector> parse_label_query(std::string_view text) { return Reader(text).read(); }

}  // namespace drover
