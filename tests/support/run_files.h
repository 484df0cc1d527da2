#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "orchestrator/state/journal_file.h"
#include "plans/plan_file.h"

namespace drover::test {

/// Records of a run, at one second from each other.
class RunRecords {
 public:
  /// `command`: what began it; `hosts`: of a node command.
  explicit RunRecords(const std::string& run, const std::string& cluster = "prod",
                      const std::string& command = "apply", const std::string& hosts = "") {
    add({.type = "run-begun",
         .fields = {{"schema", std::string(orchestrator::kJournalSchema)},
                    {"run", run},
                    {"cluster", cluster},
                    {"cluster_uid", "uid-1"},
                    {"plan_id", "sha256:1"},
                    {"upgrade_file", "/home/ops/upgrade.yaml"},
                    {"inventory_file", "/home/ops/inventory.yaml"},
                    {"command", command},
                    {"hosts", hosts}}});
  }

  RunRecords& add(orchestrator::Record record) {
    record.seq = records_.size() + 1;
    const auto second = records_.size();
    record.time = "2026-11-22T21:" + two(10 + second / 60) + ":" + two(second % 60) + ".000Z";
    records_.push_back(std::move(record));
    return *this;
  }
  RunRecords& begin(const std::string& step, int attempt = 1) {
    return add({.type = "step-begun", .step = step, .attempt = attempt});
  }
  RunRecords& end(const std::string& step, const std::string& status = "succeeded",
                  const std::string& message = "", int attempt = 1) {
    return add({.type = "step-ended",
                .step = step,
                .attempt = attempt,
                .fields = {{"status", status}, {"message", message}, {"duration_s", "1.000"}}});
  }
  RunRecords& done(const std::string& step, const std::string& message = "") {
    return begin(step).end(step, "succeeded", message);
  }
  RunRecords& finish(const std::string& status, int code) {
    return add(
        {.type = "run-ended", .fields = {{"status", status}, {"exit_code", std::to_string(code)}}});
  }

  const std::vector<orchestrator::Record>& all() const { return records_; }
  std::string text() const {
    std::string lines;
    for (const auto& record : records_) lines += orchestrator::format_record(record) + '\n';
    return lines;
  }

 private:
  static std::string two(std::size_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  }
  std::vector<orchestrator::Record> records_;
};

inline void put_file(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Writes a run's journal, and its plan if there is one; gives its folder.
inline std::string put_run(const std::string& state_dir, const std::string& cluster,
                           const std::string& run, const std::string& journal,
                           const plans::Plan* plan = nullptr) {
  const std::string folder = state_dir + "/" + cluster + "/runs/" + run;
  put_file(folder + "/journal.jsonl", journal);
  if (plan != nullptr) put_file(folder + "/plan.json", plans::plan_json(*plan, 2));
  return folder;
}

}  // namespace drover::test
