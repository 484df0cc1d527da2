#include "inventory/yaml_document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_map>

#include "inventory/base/text.h"
#include "inventory/yaml_text.h"

namespace drover {
namespace {

constexpr size_t kLargest = 8u << 20;  // ten thousand hosts take about one
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Ends the reading at once.
struct Stop {
  YamlPlace place;
  std::string message;
  std::string remedy;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const YamlText& source, const std::string& file, Diagnostics& diagnostics,
              const YamlRules& rules)
      : source_(source), file_(file), diagnostics_(diagnostics), rules_(rules) {}

  /// To be called after a parse without error: a bracket left open makes bare keys of what is in
  /// it.
  void refuse_bare_keys() {
    for (const YamlPlace& place : bare_keys_) {
      refuse(place, "not valid YAML: a key, a colon and a space belong here", "");
    }
  }

  /// False once something was met that these files do not use.
  bool plain() const { return plain_; }
  YamlValue take_root() { return std::move(root_); }

  void refuse(YamlPlace place, std::string message, std::string remedy) {
    plain_ = false;
    diagnostics_.push_back(
        {file_, place.line, place.column, std::move(message), std::move(remedy)});
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    // Over some stray characters the parser makes one empty document after another, without end.
    if (documents_ == 1 && mark.pos == document_start_) {
      throw Stop{at(mark), "not valid YAML: this character does not belong here", ""};
    }
    document_start_ = mark.pos;
    if (++documents_ == 2) {
      throw Stop{at(mark), "a second YAML document", "write one document a file"};
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) throw Stop{at(mark), "a key without a name", ""};
    add(start(YamlValue::Kind::Null, mark, "", anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    const bool merged = !open_.empty() && open_.back().key == "<<" && !expects_key();
    if (!rules_.foreign)
      refuse(at(mark), merged ? "merge keys (<<) are not supported" : "aliases are not supported",
             "write the values out");
    OnNull(mark, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    YamlValue value = start(YamlValue::Kind::Scalar, mark, tag, anchor);
    const std::string_view written = source_.from(mark.pos);
    // The parser takes the end of the file for the missing quote, and all keys before it for text.
    if (tag == "!" && starts_quoted(written) && quoted_length(written) == 0) {
      throw Stop{value.place, "not valid YAML: this quote is never closed", ""};
    }
    if (expects_key()) {
      const size_t length = starts_quoted(written) ? quoted_length(written) : text.size();
      const size_t next = written.find_first_not_of(" \t", length);
      open_.back().has_colon = next != written.npos && written[next] == ':';
      open_.back().key = text;
      open_.back().key_place = value.place;
      return;
    }
    value.text = text;
    value.quoted = tag == "!";  // yaml-cpp's way to say so; a plain scalar has "?"
    add(std::move(value));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(start(YamlValue::Kind::List, mark, tag, anchor));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(start(YamlValue::Kind::Map, mark, tag, anchor));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    YamlValue value;
    std::optional<std::string> key;  // of the entry whose value is awaited
    YamlPlace key_place;
    bool has_colon = false;                      // follows that key
    std::unordered_map<std::string, int> lines;  // of the keys so far
  };

  YamlPlace at(const YAML::Mark& mark) const { return source_.place(mark.line, mark.column); }

  bool expects_key() const {
    return !open_.empty() && open_.back().value.kind == YamlValue::Kind::Map && !open_.back().key;
  }

  YamlValue start(YamlValue::Kind kind, const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor) {
    YamlValue value;
    value.kind = kind;
    value.place = at(mark);
    if (rules_.foreign) return value;
    if (anchor != 0) refuse(value.place, "anchors are not supported", "write the values out");
    if (!tag.empty() && tag != "?" && tag != "!") {
      refuse(value.place, "tags are not supported", "leave out the word that starts with !");
    }
    return value;
  }

  void open(YamlValue value) {
    if (open_.size() == rules_.depth) {
      throw Stop{value.place, fmt::format("nested more than {} deep", rules_.depth), ""};
    }
    if (expects_key()) throw Stop{value.place, "a key must be a word, not a list or a map", ""};
    Frame frame;
    frame.value = std::move(value);
    open_.push_back(std::move(frame));
  }

  void close() {
    YamlValue value = std::move(open_.back().value);
    open_.pop_back();
    add(std::move(value));
  }

  std::string path(const std::string& key) const {
    std::string text;
    for (const Frame& frame : open_) {
      if (&frame != &open_.back() && frame.key) text += *frame.key + ".";
    }
    return sanitise(text + key, 100);
  }

  void add(YamlValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& frame = open_.back();
    if (frame.value.kind != YamlValue::Kind::Map) {
      frame.value.items.push_back(std::move(value));
      return;
    }
    std::string key = std::move(*frame.key);
    frame.key.reset();
    if (value.kind == YamlValue::Kind::Null) {
      // The parser takes a line without a colon for a key without a value.
      if (!frame.has_colon) bare_keys_.push_back(frame.key_place);
      value.place = frame.key_place;  // the parser's is where the next thing stands
    }
    const auto [first, fresh] = frame.lines.emplace(key, frame.key_place.line);
    if (!fresh) {
      diagnostics_.push_back({file_, frame.key_place.line, frame.key_place.column,
                              path(key) + ": given twice",
                              fmt::format("it stands in line {} already", first->second)});
      return;
    }
    frame.value.entries.push_back({std::move(key), frame.key_place, std::move(value)});
  }

  const YamlText& source_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  const YamlRules rules_;
  bool plain_ = true;
  int documents_ = 0;
  int document_start_ = 0;
  std::vector<Frame> open_;
  std::vector<YamlPlace> bare_keys_;
  YamlValue root_;
};

// What the parser's words mostly come down to.
std::string_view likely_cause(std::string_view words) {
  struct Row {
    std::string_view words;
    std::string_view cause;
  };
  static constexpr Row kRows[] = {
      {"illegal map value", "the indentation is off, or a value that contains \": \" needs quotes"},
      {"end of sequence flow not found", "a [ is not closed"},
      {"end of map flow not found", "a { is not closed"},
      {"illegal flow end", "the closing bracket does not match the open one"},
      {"end of map not found", "the indentation is off, or text stands behind a value"},
      {"unknown token", "put the value in quotes"},
  };
  for (const Row& row : kRows) {
    if (row.words == words) return row.cause;
  }
  return "";
}

Diagnostic syntax_error(const YamlText& source, const std::string& file,
                        const YAML::Exception& failure) {
  const YamlPlace place = source.place(failure.mark.line, failure.mark.column);
  const std::string_view line = source.line(place.line);
  const bool tab = line.substr(0, line.find_first_not_of(" \t")).find('\t') != line.npos;
  return {file, place.line, place.column, "not valid YAML: " + failure.msg,
          std::string(tab ? "indent with spaces: this line is indented with a tab"
                          : likely_cause(failure.msg))};
}

}  // namespace

const YamlValue* YamlValue::find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::optional<YamlValue> read_yaml(std::string_view text, const std::string& file,
                                   Diagnostics& diagnostics, const YamlRules& rules) {
  if (text.size() > kLargest) {
    diagnostics.push_back({file, 1, 1, fmt::format("{} bytes: larger than 8 MiB", text.size()),
                           "is this the right file?"});
    return std::nullopt;
  }
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (auto foreign = foreign_byte(text, file)) {
    diagnostics.push_back(std::move(*foreign));
    return std::nullopt;
  }
  const YamlText source(text);
  TreeBuilder builder(source, file, diagnostics, rules);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
    builder.refuse_bare_keys();
  } catch (const YAML::Exception& failure) {
    diagnostics.push_back(syntax_error(source, file, failure));
    return std::nullopt;
  } catch (const Stop& stop) {
    builder.refuse(stop.place, stop.message, stop.remedy);
  }
  if (!builder.plain()) return std::nullopt;
  YamlValue root = builder.take_root();
  if (root.kind != YamlValue::Kind::Map) {
    const bool empty = root.kind == YamlValue::Kind::Null;
    builder.refuse(root.place, empty ? "the file is empty" : "the file must hold keys and values",
                   "");
    return std::nullopt;
  }
  return root;
}

}  // namespace drover
