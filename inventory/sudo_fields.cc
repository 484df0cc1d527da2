#include "inventory/sudo_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace drover {
namespace {

constexpr const char* kWays = "write {env: NAME} or {file: PATH}";

void read_method(const YamlField& field, SudoSettings& sudo) {
  const auto text = field.text();
  if (!text) return;
  if (*text == "auto") {
    sudo.method = SudoMethod::Auto;
  } else if (*text == "none") {
    sudo.method = SudoMethod::None;
  } else if (*text == "sudo") {
    sudo.method = SudoMethod::Sudo;
  } else {
    field.refuse(fmt::format("{} is not a method", shown(*text)), "allowed: auto, none, sudo");
  }
}

bool variable_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), allowed);
}

// Neither repeats what is written: it may be the password itself.
void read_env(const YamlField& field, SudoSettings& sudo) {
  const auto text = field.text();
  if (!text) return;
  sudo.password_env = *text;
  if (variable_name(*text)) return;
  field.refuse("not the name of an environment variable",
               "write the variable's name: letters, digits and '_', first no digit");
}

void read_file(const YamlField& field, const std::string& home, const std::string& folder,
               SudoSettings& sudo) {
  const auto text = field.text();
  if (!text) return;
  if (text->rfind("~/", 0) == 0) {
    sudo.password_file = home + text->substr(1);
  } else {
    sudo.password_file = (std::filesystem::path(folder) / *text).lexically_normal().string();
  }
  if (one_line(*text) && !text->empty() && (*text)[0] != '~') return;
  if (one_line(*text) && text->size() > 2 && text->rfind("~/", 0) == 0) return;
  field.refuse(
      "not a path to use here",
      "write the path of the file that holds the password, relative to this file's folder");
}

void read_password(const YamlField& field, const std::string& home, const std::string& folder,
                   SudoSettings& sudo) {
  field.check_keys("sudo.password");
  read_env(field["env"], sudo);
  read_file(field["file"], home, folder, sudo);
  if (field["env"].written() && field["file"].written()) {
    field["file"].refuse("stands beside sudo.password.env", "leave one out");
  }
  if (field.is_map() && field.fields().empty()) field.refuse("no password is named", kWays);
  if (field.written() && sudo.method == SudoMethod::None) {
    field.refuse("sudo.method none uses no password", "leave one of the two out");
  }
}

}  // namespace

void read_sudo(const YamlField& field, const std::string& home, const std::string& folder,
               SudoSettings& sudo) {
  field.check_keys("sudo");
  read_method(field["method"], sudo);
  read_password(field["password"], home, folder, sudo);
}

}  // namespace drover
