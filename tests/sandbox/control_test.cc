#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "examples/sandbox/control/control_server.h"
#include "examples/sandbox/control/control_socket.h"
#include "examples/sandbox/control/syntax.h"
#include "tests/support/temp_dir.h"

using namespace drover::sandbox;
using Catch::Matchers::Contains;
using Json = nlohmann::json;

namespace {

const Commands& commands() {
  static const Commands table = {
      {"echo",
       [](const Json& request) {
         return Json{{"heard", request.at("text")}};
       }},
      {"fail", [](const Json&) -> Json { throw std::runtime_error("it cannot be done"); }}};
  return table;
}

Json answer(const std::string& line) { return Json::parse(answer_line(commands(), line)); }

Json request(const std::vector<std::string>& words) { return read_request(words); }

}  // namespace

TEST_CASE("A line of the control socket is answered by one", "[control]") {
  CHECK(answer(R"({"do":"echo","text":"a\nb"})") == Json{{"ok", true}, {"heard", "a\nb"}});
  CHECK(answer(R"({"do":"fail"})") == Json{{"ok", false}, {"error", "it cannot be done"}});
  CHECK(answer_line(commands(), R"({"do":"echo","text":"a\nb"})").find('\n') == std::string::npos);
}

TEST_CASE("What is no command is answered too", "[control]") {
  for (const char* line : {"", "x", "[]", "7", "{}", R"({"do":7})", R"({"do":"echo"})"}) {
    CAPTURE(line);
    CHECK(answer(line).at("ok") == false);
    CHECK_FALSE(answer(line).at("error").get<std::string>().empty());
  }
  CHECK_THAT(answer(R"({"do":"ecko"})").at("error").get<std::string>(),
             Contains("ecko") && Contains("echo, fail"));
}

TEST_CASE("The control socket is its owner's, and serves many at once", "[control]") {
  const drover::test::TempDir folder;
  const ControlServer server(folder.path(), commands());
  struct stat about {};
  REQUIRE(::stat(folder.file("control").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK(answers_in(folder.path()));

  // One that says nothing holds up nobody.
  const auto silent = connect_in(folder.path());
  std::vector<std::thread> clients;
  std::vector<std::string> heard(8);
  for (size_t i = 0; i < heard.size(); ++i) {
    clients.emplace_back([&, i] {
      heard[i] = ask_in(folder.path(), Json{{"do", "echo"}, {"text", std::to_string(i)}}.dump());
    });
  }
  for (std::thread& client : clients) client.join();
  for (size_t i = 0; i < heard.size(); ++i) {
    CHECK(Json::parse(heard[i]).at("heard") == std::to_string(i));
  }
}

TEST_CASE("A folder has one sandbox at a time, and what a dead one left is replaced", "[control]") {
  const drover::test::TempDir folder;
  CHECK_FALSE(answers_in(folder.path()));
  CHECK_THROWS_WITH(ask_in(folder.path(), "{}"), Contains("no sandbox runs in"));
  {
    const ControlServer server(folder.path(), commands());
    CHECK_THROWS_WITH(ControlServer(folder.path(), commands()), Contains("runs in"));
  }
  CHECK_FALSE(std::filesystem::exists(folder.file("control")));
  { const auto left_behind = listen_in(folder.path()); }
  REQUIRE(std::filesystem::exists(folder.file("control")));
  const ControlServer server(folder.path(), commands());
  CHECK(answers_in(folder.path()));
}

TEST_CASE("Words become requests", "[control]") {
  CHECK(request({"cut", "w1"}) == Json{{"do", "cut"}, {"node", "w1"}});
  CHECK(request({"slow", "w1", "50"}) == Json{{"do", "slow"}, {"node", "w1"}, {"ms", 50}});
  CHECK(request({"fill", "w1"}) == Json{{"do", "fill"}, {"node", "w1"}});
  CHECK(request({"fill", "w1", "/var"}) == Json{{"do", "fill"}, {"node", "w1"}, {"path", "/var"}});
  CHECK(request({"fault", "w1", "fail:100", "2", "apt-get", "install"}) ==
        Json{{"do", "fault"},
             {"node", "w1"},
             {"action", "fail:100"},
             {"nth", 2},
             {"text", "apt-get install"}});
  CHECK(request({R"({"do":"x","y":[1]})"}) == Json{{"do", "x"}, {"y", {1}}});
}

TEST_CASE("Words that are no request are answered with what would be", "[control]") {
  CHECK_THROWS_WITH(request({"cutt", "w1"}), Contains("did you mean cut?"));
  CHECK_THROWS_WITH(request({"slow", "w1"}), Contains("slow NODE MS"));
  CHECK_THROWS_WITH(request({"slow", "w1", "5ms"}), Contains("5ms is no number"));
  CHECK_THROWS_WITH(request({"cut", "w1", "w2"}), Contains("cut NODE"));
  CHECK_THROWS_AS(request({}), std::runtime_error);
}
