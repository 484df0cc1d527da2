#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "remote/secret.h"
#include "remote/ssh/key_handle.h"

namespace drover::remote {

/// What opens private keys that have a passphrase.
struct Passphrase {
  Secret text;
  std::string source;   ///< where it came from, for messages
  std::string problem;  ///< why it could not be had; `text` is empty then
};

/// A private key, or why there is none.
struct OpenedKey {
  KeyHandle key;
  std::string problem;
  bool locked = false;  ///< only for want of a passphrase
};

/// The private keys of one process: each file is read, and decrypted, once. Any thread; the keys
/// that are handed out belong to whoever asked.
class Keyring {
 public:
  /// True when the file is a private key that only a passphrase opens and that is not open yet.
  bool is_locked(const std::string& path);

  /// Opens a locked key for all that ask after this; false if `passphrase` does not fit.
  bool unlock(const std::string& path, const Secret& passphrase);

  /// A copy of the key in this file; `passphrase` may be null.
  OpenedKey open(const std::string& path, const Passphrase* passphrase);

 private:
  OpenedKey load(const std::string& path, const Passphrase* passphrase);

  std::mutex mutex_;
  std::map<std::string, KeyHandle> keys_;
  /// Trying is dear: file and source of passphrases that did not fit.
  std::set<std::pair<std::string, std::string>> misfits_;
};

}  // namespace drover::remote
