#include "orchestrator/files.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/support/sshd.h"

namespace drover::orchestrator {
namespace {

constexpr const char* kFilesInventory =
    "cluster: prod\nhosts:\n  cp1: {address: a, roles: [control-plane]}\n"
    "  w1: {address: b, roles: [worker]}\n";

/// Makes `path` the home folder for as long as it lives.
class HomeIn {
 public:
  explicit HomeIn(const std::string& path) {
    if (const char* home = std::getenv("HOME")) before_ = home;
    setenv("HOME", path.c_str(), 1);
  }
  ~HomeIn() { setenv("HOME", before_.c_str(), 1); }

 private:
  std::string before_;
};

}  // namespace

TEST_CASE("the plan file's inventory is relative to its folder, absolute, or in the home") {
  const test::TempDir folder;
  const test::TempDir home;
  const HomeIn in(home.path());
  test::write_file(folder.file("inventory.yaml"), kFilesInventory);
  std::filesystem::create_directory(home.file("clusters"));
  test::write_file(home.file("clusters/prod.yaml"), kFilesInventory);
  for (const std::string& path : {std::string("inventory.yaml"), folder.file("inventory.yaml"),
                                  std::string("~/clusters/prod.yaml")}) {
    test::write_file(folder.file("upgrade.yaml"), "target: 1.34.4\ninventory: " + path + "\n");
    const auto loaded = load_files(folder.file("upgrade.yaml"), "");
    INFO(path);
    REQUIRE(std::holds_alternative<Files>(loaded));
    CHECK(std::get<Files>(loaded).inventory.cluster == "prod");
  }
}

TEST_CASE("a host to leave out that is none is an error of the plan file") {
  const test::TempDir folder;
  test::write_file(folder.file("inventory.yaml"), kFilesInventory);
  test::write_file(folder.file("upgrade.yaml"),
                   "target: 1.34.4\ninventory: inventory.yaml\nworkers:\n  exclude: [w11]\n");
  const auto loaded = load_files(folder.file("upgrade.yaml"), "");
  REQUIRE(std::holds_alternative<Diagnostics>(loaded));
  const Diagnostics& problems = std::get<Diagnostics>(loaded);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].file == folder.file("upgrade.yaml"));
  CHECK(problems[0].line == 4);
  CHECK(problems[0].column == 13);
  CHECK(problems[0].remedy == "did you mean \"w1\"?");
}

}  // namespace drover::orchestrator
