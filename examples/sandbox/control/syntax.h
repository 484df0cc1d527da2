#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace drover::sandbox {

/// How a command is said in words: its own, and the keys of the request that the others fill.
struct Phrase {
  std::string words;  ///< "cut", or several: "api fail"
  std::vector<std::string>
      keys;  ///< NAME; NAME# takes a number; NAME? may be left out; NAME... takes all the rest
  std::string does;  ///< for the help
};

/// Every command of a sandbox.
const std::vector<Phrase>& phrases();

/// The request that `words` are: those of a phrase, or one object of JSON. Throws
/// std::runtime_error when they are none, and says what would be.
nlohmann::json read_request(const std::vector<std::string>& words);

/// A phrase as the help shows it: `slow NODE MS`.
std::string usage(const Phrase& phrase);

}  // namespace drover::sandbox
