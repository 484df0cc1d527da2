#include "inventory/secret_source.h"

#include <algorithm>
#include <charconv>

#include "inventory/base/api_request.h"
#include "inventory/base/text.h"

namespace drover {
namespace {

constexpr std::string_view kEnv = "env:";
constexpr std::string_view kFile = "file:";
constexpr std::string_view kCommand = "command:";
constexpr std::string_view kPrompt = "prompt:";

// The reverse of percent_encode().
std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() < 2 || end != digits.data() + 2 || error != std::errc()) return std::nullopt;
    plain += static_cast<char>(value);
    i += 2;
  }
  return plain;
}

std::optional<std::vector<std::string>> decoded_words(std::string_view text) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const auto word = decoded(text.substr(begin, end - begin));
    if (!word) return std::nullopt;
    words.push_back(*word);
    begin = end + 1;
  }
  return words;
}

}  // namespace

bool same_secret(const SecretSource& a, const SecretSource& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == SecretSource::Kind::Prompt) return a.key == b.key;
  return a.name == b.name && a.command == b.command;
}

std::string origin(const SecretSource& source) {
  switch (source.kind) {
    case SecretSource::Kind::None:
      break;
    case SecretSource::Kind::Env:
      return "the environment variable " + source.name;
    case SecretSource::Kind::File:
      return source.name;
    case SecretSource::Kind::Command:
      return "the command " + source.command.front();
    case SecretSource::Kind::Prompt:
      return "the answer on the terminal";
  }
  return "nowhere";
}

std::string text_of(const SecretSource& source) {
  switch (source.kind) {
    case SecretSource::Kind::None:
      break;
    case SecretSource::Kind::Env:
      return std::string(kEnv) + percent_encode(source.name);
    case SecretSource::Kind::File:
      return std::string(kFile) + percent_encode(source.name);
    case SecretSource::Kind::Command: {
      std::vector<std::string> words;
      for (const std::string& word : source.command) words.push_back(percent_encode(word));
      return std::string(kCommand) + join(words, ",");
    }
    case SecretSource::Kind::Prompt:
      return std::string(kPrompt) + percent_encode(source.key);
  }
  return "";
}

std::optional<SecretSource> read_secret_source(std::string_view text) {
  SecretSource source;
  const auto rest = [&](std::string_view prefix) { return decoded(text.substr(prefix.size())); };
  if (text.starts_with(kCommand)) {
    const auto words = decoded_words(text.substr(kCommand.size()));
    if (!words || words->front().empty()) return std::nullopt;
    source.kind = SecretSource::Kind::Command;
    source.command = *words;
    return source;
  }
  for (const auto& [prefix, kind] : {std::pair(kEnv, SecretSource::Kind::Env),
                                     {kFile, SecretSource::Kind::File},
                                     {kPrompt, SecretSource::Kind::Prompt}}) {
    if (!text.starts_with(prefix)) continue;
    const auto name = rest(prefix);
    if (!name || name->empty()) return std::nullopt;
    source.kind = kind;
    (kind == SecretSource::Kind::Prompt ? source.key : source.name) = *name;
    return source;
  }
  return std::nullopt;
}

}  // namespace drover
