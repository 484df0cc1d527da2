#include "inventory/secret_source.h"

namespace drover {

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

}  // namespace drover
