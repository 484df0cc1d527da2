#include "remote/ssh/keyring.h"

#include "remote/ssh/errno_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace drover::remote {
namespace {

// libssh asks this for a passphrase; without it OpenSSL would ask on the terminal.
int note_passphrase(const char*, char*, size_t, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// Null when the file is no such key, or when it has a passphrase (`asked`) and this is not it.
KeyHandle import(const std::string& path, const char* passphrase, bool& asked) {
  ssh_key key = nullptr;
  const int code =
      ssh_pki_import_privkey_file(path.c_str(), passphrase, note_passphrase, &asked, &key);
  return KeyHandle(code == SSH_OK ? key : nullptr);
}

KeyHandle import(const std::string& path, const Secret& passphrase) {
  bool asked = false;
  const Secret terminated(std::string(passphrase.reveal()));
  return import(path, terminated.reveal().data(), asked);
}

}  // namespace

bool Keyring::is_locked(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (keys_.count(path) != 0 || access(path.c_str(), R_OK) != 0) return false;
  bool asked = false;
  return import(path, nullptr, asked) == nullptr && asked;
}

bool Keyring::unlock(const std::string& path, const Secret& passphrase) {
  const std::lock_guard lock(mutex_);
  KeyHandle key = import(path, passphrase);
  if (!key) return false;
  keys_[path] = std::move(key);
  return true;
}

OpenedKey Keyring::load(const std::string& path, const Passphrase* passphrase) {
  if (access(path.c_str(), R_OK) != 0) return {nullptr, errno_text()};
  bool asked = false;
  KeyHandle key = import(path, nullptr, asked);
  if (key) return {std::move(key), {}};
  if (!asked) return {nullptr, "not a private key that libssh can read"};
  if (passphrase == nullptr) return {nullptr, "it has a passphrase, and none is named", true};
  if (!passphrase->problem.empty()) return {nullptr, passphrase->problem, true};
  const std::string misfit = fmt::format("the passphrase from {} does not fit", passphrase->source);
  if (misfits_.count({path, passphrase->source}) != 0) return {nullptr, misfit, true};
  key = import(path, passphrase->text);
  if (key) return {std::move(key), {}};
  misfits_.insert({path, passphrase->source});
  return {nullptr, misfit, true};
}

OpenedKey Keyring::open(const std::string& path, const Passphrase* passphrase) {
  const std::lock_guard lock(mutex_);
  KeyHandle& kept = keys_[path];
  if (!kept) {
    OpenedKey opened = load(path, passphrase);
    if (!opened.key) {
      keys_.erase(path);
      return opened;
    }
    kept = std::move(opened.key);
  }
  KeyHandle copy(ssh_key_dup(kept.get()));
  if (!copy) throw std::bad_alloc();
  return {std::move(copy), {}};
}

}  // namespace drover::remote
