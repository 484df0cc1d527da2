#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "orchestrator/exec/mailbox.h"
#include "orchestrator/exec/step_result.h"
#include "orchestrator/exec/step_runner.h"
#include "plans/steps/kind.h"
#include "remote/clock.h"
#include "remote/kube_api.h"
#include "remote/node.h"
#include "remote/program_reader.h"
#include "remote/web_reader.h"

namespace drover::orchestrator {

/// The ports one worker thread owns. Without writers the loop only looks (S2): in a dry run, and
/// when a run that is taken up again asks whether a step is still done.
struct StepPorts {
  remote::NodeReader* node = nullptr;  ///< absent for steps without a host
  remote::NodeWriter* node_writer = nullptr;
  remote::ApiReader* api = nullptr;
  remote::ApiWriter* api_writer = nullptr;
  remote::Clock* clock = nullptr;
  remote::ProgramReader* programs = nullptr;  ///< on this machine
  remote::WebReader* web = nullptr;
  /// One more writer for a thread of its own, so that several requests are under way at once;
  /// absent: one at a time.
  std::function<std::unique_ptr<remote::ApiWriter>()> another_writer = {};
};

/// Receives what commands print, to be kept in the run's folder.
using OutputFile = std::function<void(remote::Stream, std::string_view)>;

/// One attempt at one step: look, decide, act, until it is done, fails, or its time is up. Runs on
/// a worker thread; the coordinator is asked through `mailbox` before every effect. `stop` abandons
/// looking and waiting at once, and is heeded only after a node command has ended (S15).
///
/// A command that an earlier process began is asked for first (S5): if it runs or has ended, it
/// counts as run in this attempt; if it was never started, its capsule is used should the step
/// still call for it; otherwise the step's own look decides. The same is done when this process
/// loses sight of its own command, because the machine was reset or the command killed. A node
/// that is away is waited for until the step's time is up.
class StepLoop {
 public:
  StepLoop(const plans::Step& step, StepStart start, StepPorts ports, Mailbox& mailbox,
           OutputFile output, std::stop_token stop);
  StepResult run();

 private:
  using CapsuleKind = remote::CapsuleState::Kind;

  std::optional<StepResult> act(const plans::Done& done);
  std::optional<StepResult> act(const plans::Run& run);
  std::optional<StepResult> act(const plans::Send& send);
  std::optional<StepResult> act(const plans::Wait& wait);
  std::optional<StepResult> act(const plans::Fail& fail);

  bool only_looks() const { return ports_.node_writer == nullptr && ports_.api_writer == nullptr; }
  bool rests_on_undone_change() const;
  bool follows_undone_change() const;
  StepResult would(std::string message) const;
  std::optional<StepResult> resolve();
  std::optional<StepResult> resolve(const OpenCommand& open);
  std::optional<StepResult> end_running(const OpenCommand& open);
  std::optional<StepResult> resolve_own(const OpenCommand& open, const Error& unknown);
  void leave(const OpenCommand& open, CapsuleKind state);
  Result<CommandResult> run_in(const std::string& capsule, const Command& command);
  Result<remote::CapsuleState> state_of(const OpenCommand& open);
  std::optional<StepResult> follow(const OpenCommand& open);
  plans::Answers ask(const plans::Queries& queries);
  plans::Seconds elapsed() const;
  bool time_is_up() const { return elapsed() > plans::Seconds(step_.timeout); }
  StepResult out_of_time() const;
  StepResult cancelled() const;
  void say_waiting(const std::string& what);
  Status permit(std::map<std::string, std::string> fields);
  void report(std::map<std::string, std::string> fields);
  std::map<std::string, std::string> intent_of(const plans::Send& send, size_t at,
                                               int effect) const;
  std::optional<StepResult> send_one(const plans::Send& send, size_t at, int effect,
                                     remote::ApiWriter& writer);
  StepResult refused(Error error) const;

  const plans::Step& step_;
  int number_;
  std::vector<OpenCommand> open_;
  bool again_;
  std::map<size_t, std::string> unstarted_;  ///< command -> capsule that was never started
  plans::Attempt attempt_;
  StepPorts ports_;
  Mailbox& mailbox_;
  OutputFile output_;
  std::stop_token stop_;
  remote::Instant began_;
  std::string waiting_for_;
  std::string remedy_;  ///< of the newest wait
  std::string late_;    ///< likewise
  int effects_ = 0;
  bool effect_done_ = false;
  std::mutex sending_;  ///< over attempt_.sent and effect_done_ while requests are under way
};

/// The step was given no way to do what it decided.
Error no_port(const std::string& what);

/// The capsule of an effect: the same for the same intent, whoever asks (S4).
std::string capsule_id(const std::string& run, const std::string& step, int attempt, int effect);

}  // namespace drover::orchestrator
