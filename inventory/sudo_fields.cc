#include "inventory/sudo_fields.h"

#include <fmt/format.h>

namespace drover {
namespace {

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

}  // namespace

void read_sudo(const YamlField& field, const Folders& folders, SudoSettings& sudo) {
  field.check_keys("sudo");
  read_method(field["method"], sudo);
  const YamlField password = field["password"];
  read_secret(password, "sudo.password", folders, sudo.password);
  if (password.written() && sudo.method == SudoMethod::None) {
    password.refuse("sudo.method none uses no password", "leave one of the two out");
  }
}

}  // namespace drover
