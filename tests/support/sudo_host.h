#pragma once

#include <string>

#include "remote/ssh/target.h"
#include "tests/support/sshd.h"
#include "tests/support/temp_dir.h"

namespace drover::test {

/// A host whose user `ops` is nobody special but for what `sudoers` says, and the machine's real
/// sudo, which finds users, password, rules and memory of its own in the sshd's mount namespace.
class SudoHost {
 public:
  explicit SudoHost(const std::string& sudoers = "ops ALL=(ALL) ALL");

  /// Made at run time, and asked for by sudo.
  const std::string& password() const { return password_; }
  /// A file that only its owner may read, with the password in it.
  std::string password_file() const { return folder_.file("password"); }
  /// The target of `ops`, without a password.
  remote::SshTarget target() const;
  /// One that knows `password`.
  remote::SshTarget target(const std::string& password) const;
  /// Of `ops`; a .bashrc in it is read.
  std::string home() const { return folder_.file("home"); }
  /// Where its logins make temporary files.
  std::string tmp() const { return folder_.file("tmp"); }
  const Sshd& sshd() const { return *sshd_; }
  /// What sudo logged: who, what, how many wrong passwords.
  std::string log() const { return read_file(folder_.file("log")); }

 private:
  TempDir folder_;
  std::string password_;
  std::unique_ptr<Sshd> sshd_;
};

}  // namespace drover::test
