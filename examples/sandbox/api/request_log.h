#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/sandbox/world/moment.h"

namespace drover::sandbox {

/// A request and what became of it.
struct Logged {
  Moment at;
  std::string control_plane;
  std::string verb;
  std::string target;
  std::string body;
  int status = 0;     ///< 0: none was answered
  std::string fault;  ///< what was done to it on purpose, or empty
};

bool mutates(const std::string& verb);
/// Of a Lease: Drover renews its own every few seconds, so that counts of requests leave them out.
bool about_leases(const std::string& target);

/// Every request as a line of JSON in a file, and how many there were.
class RequestLog {
 public:
  explicit RequestLog(const std::filesystem::path& file);

  void add(const Logged& request);
  /// One that Drover must not send, and why: tests fail on it.
  void add_unknown(const Logged& request, const std::string& why);

  nlohmann::json counts() const;
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  std::ofstream file_;
  long all_ = 0;
  long writes_ = 0;  ///< those of Leases not among them
  std::vector<std::string> unknown_;
};

}  // namespace drover::sandbox
