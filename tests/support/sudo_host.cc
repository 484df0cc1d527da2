#include "tests/support/sudo_host.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/ssh/shared_password.h"

namespace drover::test {
namespace {

constexpr const char* kPam =
    "auth required pam_unix.so nodelay\naccount required pam_unix.so\nsession required "
    "pam_permit.so\n";

std::string hash_of(const std::string& password_file) {
  const std::string hash = password_file + ".hash";
  const std::string command = fmt::format("openssl passwd -6 -in {} >{}", password_file, hash);
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command + " failed");
  return std::string(trim(read_file(hash)));
}

void write_mode(const std::string& path, const std::string& text, mode_t mode) {
  write_file(path, text);
  chmod(path.c_str(), mode);
}

}  // namespace

SudoHost::SudoHost(const std::string& sudoers) : password_("pw-" + random_hex(8)) {
  if (access("/usr/bin/sudo", X_OK) != 0) {
    throw std::runtime_error("/usr/bin/sudo is missing: apt-get install sudo");
  }
  const auto file = [this](const std::string& name) { return folder_.file(name); };
  write_mode(password_file(), password_ + "\n", 0600);
  std::filesystem::create_directory(home());
  write_file(file("passwd"),
             fmt::format("root:x:0:0:root:/root:/bin/bash\nops:x:1001:1001:ops:{}:/bin/bash\n"
                         "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n",
                         home()));
  write_mode(file("shadow"),
             fmt::format("root:*:19000:0:99999:7:::\nops:{}:19000:0:99999:7:::\n",
                         hash_of(password_file())),
             0600);
  write_mode(file("sudoers"), fmt::format("Defaults logfile={}\n{}\n", file("log"), sudoers), 0440);
  write_file(file("pam"), kPam);
  std::string furnish = "mount -t tmpfs none /run/sudo && mount -t tmpfs none /var/lib/sudo";
  for (const auto& [name, path] : {std::pair("passwd", "/etc/passwd"),
                                   {"shadow", "/etc/shadow"},
                                   {"sudoers", "/etc/sudoers"},
                                   {"pam", "/etc/pam.d/sudo"}}) {
    furnish += fmt::format(" && mount --bind {} {}", file(name), path);
  }
  std::filesystem::create_directory(tmp());
  chmod(tmp().c_str(), 01777);
  sshd_ = std::make_unique<Sshd>("SetEnv TMPDIR=" + tmp(), "ed25519", furnish);
  // ops must come to its home and sshd, as ops, to the authorized keys.
  chmod(folder_.path().c_str(), 0711);
  chmod(std::filesystem::path(sshd_->identity()).parent_path().c_str(), 0711);
}

remote::SshTarget SudoHost::target() const {
  remote::SshTarget target = sshd_->target();
  target.user = "ops";
  return target;
}

remote::SshTarget SudoHost::target(const std::string& password) const {
  remote::SshTarget target = SudoHost::target();
  target.sudo_password = std::make_shared<remote::SharedPassword>(std::string(password), "a test");
  return target;
}

}  // namespace drover::test
