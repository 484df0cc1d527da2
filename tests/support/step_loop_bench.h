#pragma once

#include <nlohmann/json.hpp>
#include <thread>

#include "orchestrator/exec/step_loop.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ports.h"
#include "tests/support/gate_answers.h"
#include "tests/support/sample_facts.h"

/// One step over fake ports.
namespace drover::orchestrator {

using namespace test;
using nlohmann::json;

/// One attempt at one real step over fake ports. A thread plays the coordinator: it permits every
/// effect, or answers as `permit` says, and notes the order of what it was told.
struct StepLoopBench {
  StepResult run(const plans::Step& step, plans::Attempt attempt = {}, int number = 1,
                 std::vector<OpenCommand> open = {}, bool again = false) {
    attempt.run = "run-1";
    StepPorts ports{&node, &node, &api, &api, &clock, programs, web, another_writer};
    if (dry) ports.node_writer = nullptr, ports.api_writer = nullptr;
    std::jthread coordinator([this] { coordinate(); });
    StepLoop loop(step, {number, std::move(attempt), open, again}, ports, mailbox, {},
                  stop.get_token());
    StepResult result = loop.run();
    mailbox.post(Interrupt{});  // tells the coordinator to go home
    return result;
  }

  void coordinate() {
    while (true) {
      std::optional<Message> taken = mailbox.take(std::chrono::seconds(60));
      if (!taken || std::holds_alternative<Interrupt>(*taken)) return;
      Message& message = *taken;
      if (auto* ask = std::get_if<AskPermit>(&message)) {
        told.push_back("intent " + ask->fields["effect"]);
        intents.push_back(ask->fields);
        ask->answer.set_value(permit);
      } else if (auto* ended = std::get_if<EffectEnded>(&message)) {
        told.push_back("outcome " + ended->fields["effect"]);
      } else if (auto* waiting = std::get_if<Waiting>(&message)) {
        told.push_back("waiting");
        last_wait = waiting->what;
      }
    }
  }

  Inventory inventory = sample_inventory(2);
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts = sample_facts(2);
  plans::Scope scope{inventory, upgrade, facts, {1, 33, 13}, {1, 34, 4}, inventory.hosts[0]};

  FakeNode node;
  FakeApi api;
  std::function<std::unique_ptr<remote::ApiWriter>()> another_writer;
  FakeClock clock;
  remote::ProgramReader* programs = nullptr;
  remote::WebReader* web = nullptr;
  Mailbox mailbox;
  std::stop_source stop;
  Status permit;
  bool dry = false;
  std::vector<std::string> told;
  std::vector<std::map<std::string, std::string>> intents;
  std::string last_wait;
};

/// A node object of the API that remembers what was patched.
struct ApiNode {
  json object = {{"metadata", {{"name", "w1"}, {"uid", "u"}, {"resourceVersion", "5"}}},
                 {"spec", json::object()},
                 {"status", {{"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}};

  void serve(FakeApi& api) {
    api.on_get = [this](const ApiRequest& request) {
      const bool node = request.path.starts_with("/api/v1/nodes/");
      return node ? ApiResponse{200, object.dump(), {}} : none_at(request.path);
    };
    api.on_send = [this](const ApiRequest& request) {
      object.merge_patch(json::parse(request.body));
      return ApiResponse{200, object.dump(), {}};
    };
  }
};

}  // namespace drover::orchestrator
