#pragma once

#include <functional>
#include <string>
#include <vector>

#include "remote/kube_api.h"
#include "remote/node.h"

namespace drover::test {

/// A node whose answers the test writes. Unanswered reads and runs are test failures by Internal.
class FakeNode final : public remote::NodeReader, public remote::NodeWriter {
 public:
  Result<CommandResult> read(const Command& command, std::stop_token) override {
    reads.push_back(command.script);
    if (!on_read) return Error{.kind = ErrorKind::Internal, .message = "unexpected read"};
    return on_read(command);
  }
  Result<CommandResult> run(const std::string& id, const Command& command,
                            const remote::OutputSink& output, std::stop_token) override {
    capsules.push_back(id);
    if (!on_run) return Error{.kind = ErrorKind::Internal, .message = "unexpected run"};
    Result<CommandResult> result = on_run(command);
    if (result && output) output(remote::Stream::Out, result->out);
    return result;
  }
  Result<remote::CapsuleState> state(const std::string&, std::stop_token) override {
    return on_state ? on_state() : capsule_state;
  }
  Result<remote::CapsuleState> cancel(const std::string& id, std::stop_token) override {
    cancelled.push_back(id);
    if (!on_cancel) return Error{.kind = ErrorKind::Internal, .message = "unexpected cancel"};
    return on_cancel();
  }

  std::function<Result<CommandResult>(const Command&)> on_read;
  std::function<Result<CommandResult>(const Command&)> on_run;
  std::function<Result<remote::CapsuleState>()> on_state;  ///< before capsule_state
  std::function<remote::CapsuleState()> on_cancel;
  remote::CapsuleState capsule_state;
  std::vector<std::string> reads;
  std::vector<std::string> capsules;
  std::vector<std::string> cancelled;
};

/// An API whose answers the test writes.
class FakeApi final : public remote::ApiReader, public remote::ApiWriter {
 public:
  Result<ApiResponse> get(const ApiRequest& request, std::stop_token) override {
    if (!on_get) return Error{.kind = ErrorKind::Internal, .message = "unexpected GET"};
    return on_get(request);
  }
  Result<ApiResponse> send(const ApiRequest& request, std::stop_token) override {
    sent.push_back(request);
    if (!on_send) return Error{.kind = ErrorKind::Internal, .message = "unexpected request"};
    return on_send(request);
  }

  std::function<Result<ApiResponse>(const ApiRequest&)> on_get;
  std::function<Result<ApiResponse>(const ApiRequest&)> on_send;
  std::vector<ApiRequest> sent;
};

}  // namespace drover::test
