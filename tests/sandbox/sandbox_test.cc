#include "examples/sandbox/sandbox.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>

#include "examples/sandbox/control/syntax.h"
#include "examples/sandbox/node/text_file.h"
#include "tests/sandbox/node_bed.h"

using namespace drover;
using Catch::Matchers::Contains;
using test::NodeBed;

namespace {

bool is_ready(const NodeBed& bed, const std::string& node) {
  return bed.tell({"state"}).at("nodes").at(node).at("ready");
}

/// At no time at all the cluster notices at once, but from the files of its machines.
bool comes_to_be_ready(const NodeBed& bed, const std::string& node, bool ready) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    if (is_ready(bed, node) == ready) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("A sandbox has all that Drover's user has", "[sandbox]") {
  const NodeBed bed(test::one_worker());
  const auto folder = bed.folder();
  CHECK_THAT(sandbox::read_text(folder / "inventory.yaml"),
             Contains("cp1: {address: 127.0.0.1, port: " + std::to_string(bed.node("cp1").port()) +
                      ", roles: [control-plane]}"));
  CHECK_THAT(sandbox::read_text(folder / "upgrade.yaml"), Contains("target: 1.34.4"));
  CHECK((std::filesystem::status(folder).permissions() & std::filesystem::perms::others_all) ==
        std::filesystem::perms::none);
  CHECK_THAT(bed.ssh("cp1", "cat /etc/kubernetes/admin.conf").out, Contains("https://127.0.0.1:"));
  const nlohmann::json state = bed.tell({"state"});
  CHECK(state.at("nodes").size() == 2);
  CHECK(state.at("api").at("cp1").at("api") == "answers");
  CHECK(state.at("unknown").empty());
}

TEST_CASE("The cluster notices what becomes of its machines", "[sandbox]") {
  const NodeBed bed(test::one_worker());
  REQUIRE(is_ready(bed, "w1"));

  SECTION("a cable that is cut and mended") {
    bed.tell({"cut", "w1"});
    CHECK(comes_to_be_ready(bed, "w1", false));
    bed.tell({"mend", "w1"});
    CHECK(comes_to_be_ready(bed, "w1", true));
  }
  SECTION("power that goes and comes back, with another boot id") {
    const auto boot = bed.tell({"state"}).at("nodes").at("w1").at("boot_id");
    bed.tell({"off", "w1"});
    CHECK(comes_to_be_ready(bed, "w1", false));
    bed.tell({"on", "w1"});
    CHECK(comes_to_be_ready(bed, "w1", true));
    CHECK(bed.tell({"state"}).at("nodes").at("w1").at("boot_id") != boot);
  }
  SECTION("a control plane without power has no API") {
    bed.tell({"off", "cp1"});
    CHECK(bed.tell({"state"}).at("api").at("cp1").at("api") == "gone");
  }
}

TEST_CASE("Faults may be there from the start", "[sandbox]") {
  sandbox::UpOptions options = test::one_worker();
  options.faults = {"refuse w1", "fault cp1 fail:7 1 kubeadm upgrade"};
  const NodeBed bed(options);
  CHECK_THAT(bed.ssh("w1", "true").err, Contains("refused"));
  CHECK(sandbox::read_text(bed.node("cp1").state() / "faults") == "1 fail:7 1 kubeadm upgrade\n");

  options.faults = {"cut w9"};
  CHECK_THROWS_WITH(NodeBed(options), Contains("cut w9") && Contains("no node w9"));
}

TEST_CASE("A folder is a sandbox's own, and is emptied for the next one", "[sandbox]") {
  const test::TempDir outer;
  sandbox::UpOptions options = test::one_worker();
  options.folder = outer.file("cluster");
  std::string key;
  {
    const sandbox::Sandbox first(options, DROVER_SANDBOX_TOOL);
    key = sandbox::read_text(options.folder / "id_ed25519");
    CHECK_THROWS_WITH(sandbox::Sandbox(options, DROVER_SANDBOX_TOOL), Contains("already"));
  }
  CHECK_FALSE(std::filesystem::exists(options.folder / "control"));
  const sandbox::Sandbox second(options, DROVER_SANDBOX_TOOL);
  CHECK(sandbox::read_text(options.folder / "id_ed25519") != key);

  sandbox::write_text(outer.file("mine"), "");
  options.folder = outer.path();
  CHECK_THROWS_WITH(sandbox::Sandbox(options, DROVER_SANDBOX_TOOL), Contains("no sandbox ran in"));
  CHECK(std::filesystem::exists(outer.file("mine")));
}

TEST_CASE("Every command can be said in words", "[sandbox]") {
  const NodeBed bed(test::one_worker());
  // Each phrase leads to a command that is there, or a test of these words would find nothing.
  for (const sandbox::Phrase& phrase : sandbox::phrases()) {
    CAPTURE(phrase.words);
    const std::string first = phrase.words.substr(0, phrase.words.find(' '));
    try {
      bed.tell({nlohmann::json{{"do", first}, {"what", "?"}, {"node", "?"}}.dump()});
    } catch (const std::runtime_error& refused) {
      CHECK_THAT(refused.what(), !Contains("there is no command"));
    }
  }
}
