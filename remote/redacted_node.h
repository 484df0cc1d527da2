#pragma once

#include <memory>

#include "remote/node.h"
#include "remote/redaction.h"

namespace drover::remote {

/// A node in front of which every text that comes from it is freed of secrets (S13): results,
/// output on its way, errors. What is sent passes as it is.
class RedactedNode final : public NodeReader, public NodeWriter {
 public:
  /// All outlive it.
  RedactedNode(NodeReader& reader, NodeWriter& writer, const Redaction& redaction)
      : reader_(reader), writer_(writer), redaction_(redaction) {}

  Result<CommandResult> read(const Command& command, std::stop_token stop) override;
  Result<CommandResult> run(const std::string& id, const Command& command, const OutputSink& output,
                            std::stop_token stop) override;
  Result<CapsuleState> state(const std::string& id, std::stop_token stop) override;
  Result<CapsuleState> cancel(const std::string& id, std::stop_token stop) override;

 private:
  Result<CommandResult> clean(Result<CommandResult> result) const;
  Result<CapsuleState> clean(Result<CapsuleState> state) const;

  NodeReader& reader_;
  NodeWriter& writer_;
  const Redaction& redaction_;
};

/// The same for what moving files says; the files pass as they are.
class RedactedFiles final : public NodeFiles {
 public:
  /// Both outlive it.
  RedactedFiles(NodeFiles& files, const Redaction& redaction)
      : files_(files), redaction_(redaction) {}

  Status upload(const std::string& local, const std::string& remote, std::chrono::seconds timeout,
                std::stop_token stop) override;
  Status download(const std::string& remote, const std::string& local, std::chrono::seconds timeout,
                  std::stop_token stop) override;

 private:
  NodeFiles& files_;
  const Redaction& redaction_;
};

}  // namespace drover::remote
