#include "orchestrator/sudo_secret.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "remote/ssh/target.h"
#include "tests/support/sample_facts.h"
#include "tests/support/sshd.h"

namespace drover::orchestrator {
namespace {

using Catch::Contains;

constexpr const char* kVariable = "DROVER_TEST_SUDO_PASSWORD";

Inventory with(SudoSettings sudo, const std::string& user = "ops") {
  Inventory inventory = test::sample_inventory(1);
  inventory.sudo = std::move(sudo);
  for (Host& host : inventory.hosts) host.ssh.user = user;
  return inventory;
}

std::string offered(const Inventory& inventory) {
  const auto password = read_sudo_password(inventory);
  if (!password) throw std::runtime_error(password.error().message);
  const remote::SshTarget target;
  const auto offer = (*password)->offer(target, {remote::Instant::max(), {}});
  return std::string(offer->line());
}

/// Sudo, and everything it says.
std::string refusal(const Inventory& inventory) {
  const auto password = read_sudo_password(inventory);
  if (password) throw std::runtime_error("there is a password");
  CHECK(password.error().kind == ErrorKind::Sudo);
  CHECK_FALSE(password.error().remedy.empty());
  return password.error().message + "; " + password.error().remedy;
}

}  // namespace

TEST_CASE("the sudo password comes from the environment") {
  const Inventory inventory = with({.password_env = kVariable});
  setenv(kVariable, "s3cret word", 1);
  CHECK(offered(inventory) == "s3cret word\n");
  CHECK((*read_sudo_password(inventory))->source() ==
        "the environment variable DROVER_TEST_SUDO_PASSWORD");
  setenv(kVariable, "", 1);
  CHECK_THAT(refusal(inventory), Contains("variable DROVER_TEST_SUDO_PASSWORD is empty"));
  unsetenv(kVariable);
  CHECK_THAT(refusal(inventory), Contains("variable DROVER_TEST_SUDO_PASSWORD is not set"));
}

TEST_CASE("the sudo password comes from a file that only its owner may read") {
  const test::TempDir folder;
  const std::string path = folder.file("password");
  const Inventory inventory = with({.password_file = path});
  const auto holding = [&](const std::string& text, mode_t mode = 0600) {
    test::write_file(path, text);
    chmod(path.c_str(), mode);
  };
  for (const char* text : {"s3cret", "s3cret\n", "s3cret\r\n"}) {
    holding(text, 0400);
    CHECK(offered(inventory) == "s3cret\n");
  }
  CHECK((*read_sudo_password(inventory))->source() == path);
  for (const mode_t mode : {0640U, 0604U, 0620U, 0610U}) {
    holding("s3cret", mode);
    CHECK_THAT(refusal(inventory), Contains(path + ": others than its owner have access to it"));
  }
  for (const char* text : {"", "\n"}) {
    holding(text);
    CHECK_THAT(refusal(inventory), Contains(path + ": is empty"));
  }
  for (const std::string& text : {std::string("s3cret\nmore\n"), std::string(2000, 's'),
                                  std::string("s3\0cret", 7), std::string("s3\rcret")}) {
    holding(text);
    CHECK_THAT(refusal(inventory), Contains("is not one line") && !Contains("s3"));
  }
  std::filesystem::remove(path);
  CHECK_THAT(refusal(inventory), Contains(path + ": No such file or directory"));
  std::filesystem::create_directory(path);
  CHECK_THAT(refusal(inventory), Contains(path + ": is not a file"));
  std::filesystem::remove(path);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK_THAT(refusal(inventory), Contains(path + ": is not a file"));
}

TEST_CASE("a password that nobody needs is not read") {
  unsetenv(kVariable);
  const auto none = read_sudo_password(with({.password_env = kVariable}, "root"));
  REQUIRE(none);
  CHECK(*none == nullptr);
  const auto unnamed = read_sudo_password(with({}));
  REQUIRE(unnamed);
  CHECK(*unnamed == nullptr);
}

}  // namespace drover::orchestrator
