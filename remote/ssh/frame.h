#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remote/node.h"

namespace drover::remote {

/// Sets the environment in which every script runs on a host, read or change alike.
extern const std::string_view kSetEnvironment;

/// What is sent to the standard input of a host's sh to run `script`. It arrives whole or has no
/// effect: it is one compound command, and sh runs nothing before it has seen its end. Standard
/// input has no limit of length, meets no quoting rules of whatever login shell the user has, and
/// is not in the process list.
///
/// Around the script's output stand, on both streams, a line `nonce` and a line `nonce rc=<exit
/// code>`: they tell it from what start-up files of the login shell print.
std::string script_input(const std::string& nonce, const std::string& script);

/// The same for a script that takes parameters and writes its own ending. What follows the
/// frame, or the connection's end, is seen on its descriptor 3.
std::string call_input(const std::string& nonce, std::string_view script,
                       const std::vector<std::string>& parameters);

/// The same as the last that the host's sh does: it is that shell's own, and ends with it. Only
/// then may what follows on descriptor 3 be no script.
std::string last_call_input(const std::string& nonce, std::string_view script,
                            const std::vector<std::string>& parameters);

/// Splits a stream that comes in pieces at a mark.
class UntilMark {
 public:
  explicit UntilMark(std::string mark);

  /// Adds `bytes`; what is now certain to stand in front of the mark.
  std::string feed(std::string_view bytes);
  /// The rest of the line that begins with the mark, once it is whole.
  const std::optional<std::string>& line() const { return line_; }
  /// What followed that line.
  std::string take_rest();

 private:
  std::string mark_;
  std::string held_;  ///< begins with the mark, or may become it
  bool found_ = false;
  std::optional<std::string> line_;
};

/// Takes the output of one framed script apart.
class FramedOutput {
 public:
  /// What marks the end of the streams: the frame's nonce, or what the script itself announces on
  /// both streams in a line `nonce <text> ... <mark>`.
  enum class Ending { Nonce, Announced };
  /// `content` gets the script's output, in order within a stream.
  FramedOutput(const std::string& nonce, Ending ending, OutputSink content);

  /// False once both streams have come to their end: nothing more is wanted.
  bool feed(Stream stream, std::string_view bytes);

  /// The script has begun: sh ran, and as root.
  bool began() const;
  /// The announced text, its first word, once both streams have it.
  std::optional<std::string> announcement() const;
  /// All words of the announcement of `stream`; empty until it has come.
  std::vector<std::string> announced(Stream stream) const;
  /// What the end of both streams says ("rc=0"), once both have come to it.
  std::optional<std::string> ending() const;
  /// What came in front of the frame, or instead of it; of much, the beginning.
  const std::string& noise(Stream stream) const { return half(stream).noise; }
  /// What came between the frame's beginning and the announcement.
  const std::string& preface(Stream stream) const { return half(stream).preface; }

 private:
  struct Half {
    UntilMark start;
    std::optional<UntilMark> announcement;
    std::optional<UntilMark> content;
    std::string noise;
    std::string preface;
  };

  Half& half(Stream stream) { return halves_[stream == Stream::Out ? 0 : 1]; }
  const Half& half(Stream stream) const { return halves_[stream == Stream::Out ? 0 : 1]; }

  OutputSink content_;
  std::array<Half, 2> halves_;
};

}  // namespace drover::remote
