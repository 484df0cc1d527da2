#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "orchestrator/exec/mailbox.h"
#include "orchestrator/exec/step_loop.h"
#include "orchestrator/exec/step_runner.h"

namespace drover::orchestrator {

/// A worker thread a host, and one for steps without a host. Each owns its ports from its first
/// step to the end; steps of one host never overlap.
class ThreadedRunner final : public StepRunner {
 public:
  /// The ports of a host's worker ("" for the one without a host), made on that worker's thread.
  /// What the ports point into is kept alive by `keep`.
  struct Owned {
    StepPorts ports;
    std::shared_ptr<void> keep;
  };
  using MakePorts = std::function<Owned(const std::string& host)>;
  /// Where a step's output is to be kept.
  using MakeOutput = std::function<OutputFile(const plans::Step& step, int number)>;

  /// `mailbox` must outlive it.
  ThreadedRunner(MakePorts make_ports, MakeOutput make_output, Mailbox& mailbox);
  /// Waits for the steps that run.
  ~ThreadedRunner() override;

  void start(const plans::Step& step, StepStart start) override;
  void stop_waiting() override;

 private:
  class Worker;
  MakePorts make_ports_;
  MakeOutput make_output_;
  Mailbox& mailbox_;
  std::stop_source stop_;
  std::map<std::string, std::unique_ptr<Worker>> workers_;
};

}  // namespace drover::orchestrator
