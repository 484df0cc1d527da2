#include "plans/steps/trouble.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

ApiResponse answer(int status, std::string body = "") { return {status, std::move(body), {}}; }

Error broken(const std::string& message) {
  Error error;
  error.kind = ErrorKind::Unreachable;
  error.message = message;
  return error;
}

const std::string kBudget =
    R"({"kind":"Status","status":"Failure","reason":"TooManyRequests","code":429,)"
    R"("message":"Cannot evict pod","details":{"causes":[{"reason":"DisruptionBudget"}]}})";
const std::string kTwoBudgets =
    R"({"kind":"Status","status":"Failure","code":500,"message":"This pod has more than one )"
    R"(PodDisruptionBudget, which the eviction subresource does not support."})";

}  // namespace

TEST_CASE("S18: API trouble that passes by itself is told from an answer") {
  for (int status : {200, 201, 400, 401, 403, 404, 409, 410, 422}) {
    INFO(status);
    CHECK_FALSE(api_trouble(answer(status)));
  }
  for (int status : {429, 500, 502, 503, 504}) {
    INFO(status);
    CHECK(api_trouble(answer(status)));
  }
  CHECK(api_trouble(broken("10.0.0.11:6443: connection refused")) ==
        "the API server: 10.0.0.11:6443: connection refused");
  CHECK(api_trouble(answer(429, "The apiserver is shutting down, please try again later.")) ==
        "the API server: HTTP 429, The apiserver is shutting down, please try again later.");
}

TEST_CASE("S11: a budget's refusal of an eviction is an answer, not trouble") {
  CHECK_FALSE(api_trouble(answer(429, kBudget)));
  CHECK_FALSE(api_trouble(answer(500, kTwoBudgets)));
}

TEST_CASE("S13: what an API server says reaches no terminal raw") {
  CHECK(api_trouble(answer(503, "\x1b[2Jboo"))->find('\x1b') == std::string::npos);
  CHECK(refused("read", answer(403, "\x1b[2Jboo")).message.find('\x1b') == std::string::npos);
  CHECK(command_failed("x", {1, "", "\x1b[2Jboo\n"}).message.find('\x1b') == std::string::npos);
}

TEST_CASE("node trouble is a command without an exit code") {
  CHECK_FALSE(node_trouble(CommandResult{0, "", ""}));
  CHECK_FALSE(node_trouble(CommandResult{1, "", ""}));
  CHECK(node_trouble(CommandResult{}) == "the node: its answer was cut off");
  CHECK(node_trouble(broken("w1: no route to host")) == "the node: w1: no route to host");
}

TEST_CASE("the first trouble among all answers counts") {
  Answers answers;
  CHECK_FALSE(any_trouble(answers));
  answers.commands.emplace_back(CommandResult{1, "", ""});
  answers.responses.emplace_back(answer(404));
  CHECK_FALSE(any_trouble(answers));
  answers.responses.emplace_back(answer(503));
  CHECK(any_trouble(answers) == api_trouble(answer(503)));
  answers.commands.emplace_back(broken("gone"));
  CHECK(any_trouble(answers) == "the node: gone");
}

TEST_CASE("a refusal names the action, the status and the server's reason") {
  const Error error = refused("cordon w1", answer(403, R"({"kind":"Status","reason":"Forbidden",)"
                                                       R"("message":"nodes is forbidden"})"));
  CHECK(error.kind == ErrorKind::Api);
  CHECK(error.message == "cannot cordon w1: HTTP 403 Forbidden, nodes is forbidden");
  CHECK(error.detail.find("Forbidden") != std::string::npos);
}

TEST_CASE("a failed command is told by the lines that name a cause") {
  struct Row {
    CommandResult result;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {{100, "Reading package lists...\n",
             "debconf: delaying package configuration, since apt-utils is not installed\n"
             "W: something\nE: Version '1.34.4-1.1' for 'kubeadm' was not found\n"},
            "x failed with exit code 100: E: Version '1.34.4-1.1' for 'kubeadm' was not found"},
           {{1, "", "[preflight] Running\n\t[ERROR CreateJob]: did not complete in 15s\nmore\n"},
            "x failed with exit code 1: [ERROR CreateJob]: did not complete in 15s"},
           {{1, "", "1\n2\n3\n4\n\n5\n"}, "x failed with exit code 1: 2; 3; 4; 5"},
           {{1, "only out\n", "\n"}, "x failed with exit code 1: only out"},
           {{1, "", ""}, "x failed with exit code 1"},
           {{std::nullopt, "", ""}, "x ended without an exit code"}}) {
    const Error error = command_failed("x", row.result);
    CHECK(error.kind == ErrorKind::Command);
    CHECK(error.message == row.message);
  }
  CHECK(command_failed("x", {1, "out", "err"}).detail == "err");
  CHECK(command_failed("x", {1, "out", ""}).detail == "out");
}

}  // namespace drover::plans
