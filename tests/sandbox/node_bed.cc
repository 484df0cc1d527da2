#include "tests/sandbox/node_bed.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "examples/sandbox/control/control_socket.h"
#include "examples/sandbox/control/syntax.h"
#include "inventory/base/quote.h"

namespace drover::test {
namespace {

remote::ProcessResult done(const remote::ProcessSpec& spec) {
  auto result = remote::run_process(spec, std::chrono::seconds(60), {});
  if (!result) throw std::runtime_error(result.error().message);
  return *result;
}

sandbox::UpOptions in(sandbox::UpOptions options, const std::string& folder) {
  options.folder = folder;
  return options;
}

}  // namespace

NodeBed::NodeBed(sandbox::UpOptions options)
    : sandbox_(in(std::move(options), outer_.file("sandbox")), DROVER_SANDBOX_TOOL) {}

sandbox::Node& NodeBed::node(const std::string& name) const {
  for (sandbox::Node* node : sandbox_.nodes()) {
    if (node->spec().name == name) return *node;
  }
  throw std::runtime_error("no node " + name);
}

nlohmann::json NodeBed::tell(const std::vector<std::string>& words) const {
  const auto answer =
      nlohmann::json::parse(sandbox::ask_in(folder(), sandbox::read_request(words).dump()));
  if (!answer.at("ok").get<bool>()) throw std::runtime_error(answer.at("error").get<std::string>());
  return answer;
}

std::vector<std::string> NodeBed::client(const std::string& name, const std::string& user) const {
  return {"-F",
          "none",
          "-i",
          folder() / "id_ed25519",
          "-o",
          fmt::format("UserKnownHostsFile={}/known_hosts", folder().string()),
          "-o",
          "BatchMode=yes",
          "-o",
          "KexAlgorithms=curve25519-sha256",
          "-o",
          "ConnectTimeout=5",
          "-p",
          std::to_string(node(name).port()),
          user + "@127.0.0.1"};
}

remote::ProcessResult NodeBed::ssh(const std::string& name, const std::string& command,
                                   const std::string& user) const {
  remote::ProcessSpec spec{.command = "ssh", .args = client(name, user), .env = {}};
  spec.args.push_back(command);
  return done(spec);
}

remote::ProcessResult NodeBed::shell(const std::string& name, const std::string& script) const {
  std::string function = "ssh() { command ssh";
  for (const std::string& word : client(name, "root")) function += ' ' + quote(word);
  return done({.command = "sh", .args = {"-c", function + R"( "$@"; }; )" + script}, .env = {}});
}

sandbox::UpOptions one_worker() {
  sandbox::UpOptions options;
  options.workers = 1;
  options.speed = 0;
  return options;
}

}  // namespace drover::test
