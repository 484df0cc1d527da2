#include "inventory/secret_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace drover {
namespace {

using Kind = SecretSource::Kind;

bool variable_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), allowed);
}

void read_env(const YamlField& field, SecretSource& source) {
  const auto text = field.text();
  if (!text) return;
  source.name = *text;
  if (variable_name(*text)) return;
  field.refuse("not the name of an environment variable",
               "write the variable's name: letters, digits and '_', first no digit");
}

void read_file(const YamlField& field, const Folders& folders, SecretSource& source) {
  const auto text = field.text();
  if (!text) return;
  if (text->rfind("~/", 0) == 0) {
    source.name = folders.home + text->substr(1);
  } else {
    source.name = (std::filesystem::path(folders.own) / *text).lexically_normal().string();
  }
  if (one_line(*text) && !text->empty() && (*text)[0] != '~') return;
  if (one_line(*text) && text->size() > 2 && text->rfind("~/", 0) == 0) return;
  field.refuse("not a path to use here",
               "write the path of the file that holds the secret, relative to this file's folder");
}

void read_command(const YamlField& field, SecretSource& source) {
  const std::vector<YamlField> items = field.items();
  for (const YamlField& item : items) {
    const auto text = item.text();
    if (!text) continue;
    if (!one_line(*text)) item.refuse("not an argument to use here", "write it as one line");
    source.command.push_back(*text);
  }
  if (field.is_list() && (items.empty() || (!source.command.empty() && source.command[0].empty())))
    field.refuse("no program is named", "write [PROGRAM, ARGUMENT, ...]");
}

void read_prompt(const YamlField& field) {
  const auto flag = field.flag();
  if (flag && !*flag) field.refuse("false asks for nothing", "write true, or leave it out");
}

}  // namespace

void read_secret(const YamlField& field, std::string_view map, const Folders& folders,
                 SecretSource& source) {
  if (!field.written()) return;
  field.check_keys(map);
  source = {};
  source.key = field.path();
  read_env(field["env"], source);
  read_file(field["file"], folders, source);
  read_command(field["command"], source);
  read_prompt(field["prompt"]);
  for (const auto& [key, kind] : {std::pair("env", Kind::Env),
                                  {"file", Kind::File},
                                  {"command", Kind::Command},
                                  {"prompt", Kind::Prompt}}) {
    if (!field[key].written()) continue;
    if (source.named()) field[key].refuse("a second place for one secret", "leave one out");
    source.kind = kind;
  }
  if (field.is_map() && field.fields().empty()) {
    field.refuse("no place is named",
                 "write {env: NAME}, {file: PATH}, {command: [PROGRAM, ARGUMENT]} or {prompt: "
                 "true}");
  }
}

}  // namespace drover
