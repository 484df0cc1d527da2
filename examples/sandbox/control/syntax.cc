#include "examples/sandbox/control/syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

/// A key as it stands in a phrase, taken apart.
struct Key {
  explicit Key(std::string_view text) {
    constexpr std::string_view kRest = "...";
    while (!text.empty()) {
      if (text.back() == '?') optional = true;
      if (text.back() == '#') number = true;
      const bool is_rest = text.size() > kRest.size() && text.substr(text.size() - 3) == kRest;
      if (is_rest) rest = true;
      if (!is_rest && text.back() != '?' && text.back() != '#') break;
      text.remove_suffix(is_rest ? kRest.size() : 1);
    }
    name = text;
  }
  std::string name;
  bool optional = false;
  bool number = false;
  bool rest = false;
};

bool starts_with(const Words& words, const Words& start) {
  return words.size() >= start.size() && std::equal(start.begin(), start.end(), words.begin());
}

int read_number(const std::string& word) {
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error == std::errc() && end == word.data() + word.size()) return value;
  throw std::runtime_error(fmt::format("{} is no number", sanitise(word)));
}

/// The keys of one phrase filled with the words behind its own.
Json fill(const Phrase& phrase, const Words& said, const Words& rest) {
  Json request = {{"do", said[0]}};
  if (said.size() > 1) request["what"] = said[1];
  size_t at = 0;
  for (const std::string& text : phrase.keys) {
    const Key key(text);
    if (at == rest.size() && key.optional) continue;
    if (at == rest.size()) throw std::runtime_error("it goes so: " + usage(phrase));
    if (key.rest) {
      request[key.name] = join({rest.begin() + static_cast<std::ptrdiff_t>(at), rest.end()}, " ");
      at = rest.size();
    } else if (key.number) {
      request[key.name] = read_number(rest[at++]);
    } else {
      request[key.name] = rest[at++];
    }
  }
  if (at < rest.size()) throw std::runtime_error("it goes so: " + usage(phrase));
  return request;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

const std::vector<Phrase>& phrases() {
  static const std::vector<Phrase> all = {
      {"cut", {"node"}, "the cable is cut: bytes vanish, nobody is told"},
      {"mend", {"node"}, "takes back cut, slow and refuse"},
      {"slow", {"node", "ms#"}, "each round trip takes that much longer"},
      {"refuse", {"node"}, "new connections are refused"},
      {"drop", {"node"}, "open connections are reset, once"},
      {"reset", {"node"}, "the power goes and comes back: all that runs is gone, another boot id"},
      {"off", {"node"}, "the power goes; nobody is told"},
      {"on", {"node"}, "and comes back"},
      {"rekey", {"node"}, "another host key"},
      {"fill", {"node", "path?"}, "the disk is full below a folder (default /var/lib/drover)"},
      {"free", {"node", "path?"}, "and has room again"},
      {"fault",
       {"node", "action", "nth#", "text..."},
       "the n-th tool call with this text from now on: fail:CODE, hang, kill or reset"},
      {"release", {"node", "id"}, "lets the call go on that hangs by that rule"},
      {"hits", {"node"}, "the rules that struck, and whom"},
      {"sshd", {"node", "lines...?"}, "lines for sshd_config that win over the usual ones"},
      {"starts", {"node"}, "every call of a tool that changed something, with its capsule"},
      {"node", {"node"}, "its boot id, port, host key and folder"},
      {"api down", {}, "the API is gone"},
      {"api up", {}, "and is back"},
      {"api fail",
       {"status#", "count#", "text...?"},
       "the next requests whose \"VERB PATH\" has this text: 401, 403, 410, 429, 500, 503, 504"},
      {"api garbage", {"count#", "text...?"}, "they are answered with what is no JSON"},
      {"api cut", {"count#", "text...?"}, "their connections end amid the answer"},
      {"api hold", {"count#", "text...?"}, "they are not answered until api clear"},
      {"api slow", {"ms#"}, "every answer takes that much longer"},
      {"api clear", {}, "takes back all of these"},
      {"budget block", {"name"}, "the budget NAMESPACE/NAME lets no pod go"},
      {"budget free", {"name"}, "and does again"},
      {"budget add", {"name", "min_available", "app?"}, "one more, for the pods of an app"},
      {"budget remove", {"name"}, "and it is gone"},
      {"workload add", {"name", "replicas#", "kind?"}, "one more, of pods that are there already"},
      {"workload remove", {"name", "kind?"}, "and its pods terminate"},
      {"workload hold", {"name", "kind?"}, "pods that it gets from now on do not become ready"},
      {"workload release", {"name", "kind?"}, "and they do"},
      {"apiservice add", {"name"}, "an aggregated API VERSION.GROUP, which is available"},
      {"apiservice break", {"name"}, "the Service behind it has no endpoints"},
      {"apiservice heal", {"name"}, "and has again"},
      {"apiservice remove", {"name"}, "and it is gone"},
      {"webhook add",
       {"name", "kind?"},
       "one that fails closed, Validating or Mutating, of the service of the pods with app=NAME"},
      {"webhook remove", {"name"}, "and it is gone"},
      {"pod add", {"name", "node?"}, "one that nobody would make again"},
      {"pod remove", {"name"}, "it terminates"},
      {"pod finish", {"name"}, "it has come to its end"},
      {"pod break", {"name"}, "it is not ready any more"},
      {"pod heal", {"name"}, "and is again"},
      {"strike",
       {"pid#", "when", "nth#", "text...?"},
       "kills a process before or after its n-th request that changes something"},
      {"state", {}, "nodes, pods, budgets, lock, versions, requests, and what nobody knew"},
  };
  return all;
}

std::string usage(const Phrase& phrase) {
  std::string text = phrase.words;
  for (const std::string& word : phrase.keys) {
    const Key key(word);
    const std::string name = upper(key.name) + (key.rest ? "..." : "");
    text += key.optional ? fmt::format(" [{}]", name) : " " + name;
  }
  return text;
}

Json read_request(const Words& words) {
  if (words.empty()) throw std::runtime_error("nothing is asked for");
  if (words.size() == 1 && words[0].substr(0, 1) == "{") return Json::parse(words[0]);
  std::optional<Json> request;
  for (const Phrase& phrase : phrases()) {
    const Words own = split_words(phrase.words);
    if (!starts_with(words, own)) continue;
    return fill(phrase, own,
                {words.begin() + static_cast<std::ptrdiff_t>(own.size()), words.end()});
  }
  Words known;
  for (const Phrase& phrase : phrases()) known.push_back(phrase.words);
  const auto near = nearest(words[0], known);
  throw std::runtime_error(fmt::format(
      "there is no command {}; {}", sanitise(words[0]),
      near ? fmt::format("did you mean {}?", *near) : "`drover-sandbox help` lists them"));
}

}  // namespace drover::sandbox
