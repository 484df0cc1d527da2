#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>

#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/views.h"
#include "tests/support/golden.h"
#include "tests/support/sample_plan.h"

namespace drover::orchestrator {
namespace {

// A view that writes into memory, and what it is told: `at` seconds after 21:10:00.
class Screen {
 public:
  explicit Screen(TextStyle style) : view_(file_, style) {}
  ~Screen() {
    std::fclose(file_);
    std::free(data_);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  template <class What>
  void at(double seconds, What what) {
    view_.on({++seq_, time(seconds), "20261122T211000Z-ab12", std::move(what)});
  }
  void tick(double seconds) { view_.tick(time(seconds)); }
  std::string text() const { return std::string(data_, size_); }

 private:
  static std::string time(double seconds) {
    const int ms = static_cast<int>(seconds * 1000 + 0.5);
    return fmt::format("2026-11-22T{:02}:{:02}:{:02}.{:03}Z", 21 + (10 + ms / 60000) / 60,
                       (10 + ms / 60000) % 60, ms / 1000 % 60, ms % 1000);
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_ = open_memstream(&data_, &size_);
  TextView view_;
  std::uint64_t seq_ = 0;
};

StepRef step(const std::string& node, const std::string& kind) {
  return {fmt::format("v1.34/{}/{}", node.empty() ? "cluster" : node, kind), kind, node};
}

StepFinished ended(const StepRef& ref, double duration, const std::string& message,
                   StepStatus status = StepStatus::Succeeded) {
  return {ref, 1, status, duration, message, {}};
}

StepFinished failed(const StepRef& ref, double duration, Error error, int attempt = 1) {
  return {ref, attempt, StepStatus::Failed, duration, "", std::move(error)};
}

Error kubeadm_failed() {
  Error error;
  error.kind = ErrorKind::Command;
  error.message =
      "kubeadm upgrade node failed with exit code 1: [ERROR CoreDNSUnsupportedPlugins]: configmaps "
      "\"coredns\" is forbidden";
  error.remedy = "see what the node says: journalctl -u kubelet";
  error.detail =
      "[upgrade] Reading configuration\n[preflight] Some fatal errors occurred:\n"
      "\t[ERROR CoreDNSUnsupportedPlugins]: configmaps \"coredns\" is forbidden\n";
  return error;
}

void begin(Screen& screen) {
  screen.at(0, RunStarted{"prod", "1.34.4", "apply"});
  screen.at(1, PlanMade{test::sample_plan()});
}

void first_steps(Screen& screen) {
  begin(screen);
  screen.at(30, StepStarted{step("", "preflight"), 1});
  screen.at(31.2, ended(step("", "preflight"), 1.2, "all 3 nodes are Ready"));
  screen.at(31.3, StepStarted{step("cp1", "stage-packages"), 1});
  screen.at(31.3, StepStarted{step("w1", "stage-packages"), 1});
  screen.at(39, ended(step("cp1", "stage-packages"), 7.7, "3 packages downloaded"));
  screen.at(39.5, ended(step("w1", "stage-packages"), 8.2, "there already", StepStatus::Skipped));
  screen.at(40, StepStarted{step("w1", "cordon"), 1});
  screen.at(40.4, ended(step("w1", "cordon"), 0.4, "cordoned"));
}

constexpr TextStyle kTextViewPlain{false, false, 100};
constexpr TextStyle kTerminal{false, true, 60};

// What a terminal shows after `text`: rows, the cursor's row last. It knows what the view may send.
std::vector<std::string> shown(const std::string& text, std::size_t width) {
  std::vector<std::string> rows(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      rows.emplace_back();
    } else if (text[i] == '\r') {
      REQUIRE(text.substr(i + 1, 3) == "\x1b[K");
      REQUIRE(columns_of(rows.back()) < width);  // it did not wrap, so one row is what must go
      rows.back().clear();
      i += 3;
    } else {
      REQUIRE(text[i] != '\x1b');
      rows.back() += text[i];
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("a run that succeeds, line by line", "[text-view]") {
  Screen screen(kTextViewPlain);
  first_steps(screen);
  screen.at(41, StepStarted{step("w1", "drain"), 1});
  screen.at(42, StepProgress{step("w1", "drain"), 1, "1 pod to end: default/web-1"});
  screen.at(43,
            DrainChanged{step("w1", "drain"), {"default/web-9"}, "not foreseen: default/web-9"});
  screen.at(60, ended(step("w1", "drain"), 19, "4 pods evicted"));
  screen.at(60.1, Warning{"cordoned-by-others", "w2 is cordoned already"});
  screen.at(61, StepStarted{step("w1", "uncordon"), 1});
  screen.at(61.5, ended(step("w1", "uncordon"), 0.5, "may take pods again"));
  screen.at(62, StepStarted{step("", "verify"), 1});
  screen.at(235, ended(step("", "verify"), 173,
                       "NODE  KUBELET  READY\ncp1   v1.34.4  yes\nw1    v1.34.4  yes"));
  screen.at(235.1, RunFinished{RunStatus::Succeeded, 0, {}, ""});
  test::check_golden("ui/run_succeeded.txt", screen.text());
}

TEST_CASE("a run that fails says where, why, what state is left and what to do", "[text-view]") {
  Screen screen(kTextViewPlain);
  first_steps(screen);
  screen.at(50, StepStarted{step("w1", "upgrade-node"), 1});
  screen.at(54.2, failed(step("w1", "upgrade-node"), 4.2, kubeadm_failed()));
  screen.at(54.3, RunFinished{RunStatus::Failed,
                              5,
                              {"v1.34/w1/upgrade-node", "v1.34/w2/cordon"},
                              "Remove the cause; `drover plan` shows what is left to do."});
  test::check_golden("ui/run_failed.txt", screen.text());
}

TEST_CASE("a run that is stopped, with an outcome that is not known", "[text-view]") {
  Screen screen(kTextViewPlain);
  first_steps(screen);
  screen.at(50, StepStarted{step("w1", "kubelet-package"), 1});
  screen.at(50, StepStarted{step("w1", "drain"), 1});
  screen.at(52, Warning{"interrupted", "stopping: commands on nodes are awaited"});
  Error lost;
  lost.kind = ErrorKind::Unknown;
  lost.message = "w1 (10.0.0.21): no answer since 21:10:52";
  screen.at(53, StepFinished{step("w1", "kubelet-package"), 1, StepStatus::Unknown, 3, "", lost});
  Error stopped;
  stopped.kind = ErrorKind::Cancelled;
  stopped.message = "stopped by the operator";
  screen.at(53, StepFinished{step("w1", "drain"), 1, StepStatus::Cancelled, 3, "", stopped});
  screen.at(53, RunFinished{RunStatus::Interrupted, 130, {"v1.34/w1/drain"}, ""});
  test::check_golden("ui/run_interrupted.txt", screen.text());
}

TEST_CASE("a step that succeeds at its second attempt is no failure", "[text-view]") {
  Screen screen(kTextViewPlain);
  begin(screen);
  screen.at(1, StepStarted{step("cp1", "upgrade-plan"), 1});
  screen.at(2, failed(step("cp1", "upgrade-plan"), 1, kubeadm_failed()));
  screen.at(2, StepStarted{step("cp1", "upgrade-plan"), 2});
  screen.at(9, StepFinished{step("cp1", "upgrade-plan"), 2, StepStatus::Succeeded, 7, "fine", {}});
  screen.at(9, RunFinished{RunStatus::Succeeded, 0, {}, ""});
  CHECK(screen.text().find("(attempt 2) fine") != std::string::npos);
  CHECK(screen.text().find("v1.34/cp1/upgrade-plan") == std::string::npos);
}

TEST_CASE("a wait gets a line when it has lasted, and once", "[text-view]") {
  Screen screen(kTextViewPlain);
  begin(screen);
  screen.at(0, StepStarted{step("w1", "drain"), 1});
  screen.at(1, StepProgress{step("w1", "drain"), 1, "short wait"});
  screen.tick(4);
  screen.at(5, StepProgress{step("w1", "drain"), 1, "budget default/web"});
  std::string before = screen.text();
  screen.tick(9.9);
  CHECK(screen.text() == before);
  screen.tick(10);
  before += "00:10  ...   w1       drain                     10s  waiting for budget default/web\n";
  CHECK(screen.text() == before);
  for (int second = 11; second < 70; ++second) screen.tick(second);
  CHECK(screen.text() == before);
  screen.tick(70);
  CHECK(screen.text() == before +
                             "01:10  ...   w1       drain                   1m10s  waiting for "
                             "budget default/web\n");
  CHECK(screen.text().find("short wait") == std::string::npos);
}

TEST_CASE("a long command is not silent for more than a minute", "[text-view]") {
  Screen screen(kTextViewPlain);
  begin(screen);
  screen.at(0, StepStarted{step("cp1", "upgrade-apply"), 1});
  const std::string before = screen.text();
  for (int second = 1; second < 60; ++second) screen.tick(second);
  CHECK(screen.text() == before);
  screen.tick(60);
  CHECK(screen.text() ==
        before + "01:00  ...   cp1      upgrade-apply              1m  still running\n");
}

TEST_CASE("on a terminal the last line tells what is running, in place", "[text-view]") {
  Screen screen(kTerminal);
  first_steps(screen);
  screen.at(41, StepStarted{step("w1", "drain"), 1});
  CHECK(shown(screen.text(), 60).back() == "00:11  [4/44]  w1 drain 0s");
  screen.at(42, StepProgress{step("w1", "drain"), 1, "budget default/web: 3 healthy, 3 wanted"});
  screen.tick(48.1);
  CHECK(shown(screen.text(), 60).back() ==
        "00:18  [4/44]  w1 drain 7s, waiting for budget default/web…");
  screen.at(49, StepStarted{step("w2", "stage-images"), 1});
  screen.tick(50);
  CHECK(shown(screen.text(), 60).back() ==
        "00:20  [4/44]  w1 drain 9s (and 1 more), waiting for budge…");
  const auto rows_before = shown(screen.text(), 60).size();
  screen.at(51, ended(step("w1", "drain"), 10, "4 pods evicted"));
  CHECK(shown(screen.text(), 60).size() == rows_before + 1);
  CHECK(shown(screen.text(), 60).back() == "00:21  [5/44]  w2 stage-images 2s");
  screen.at(52, ended(step("w2", "stage-images"), 3, ""));
  CHECK(shown(screen.text(), 60).back().empty());
  screen.at(53, RunFinished{RunStatus::Succeeded, 0, {}, ""});
  CHECK(shown(screen.text(), 60).back().empty());
}

TEST_CASE("a live line that did not change is not drawn again", "[text-view]") {
  Screen screen(kTerminal);
  begin(screen);
  screen.at(0, StepStarted{step("w1", "drain"), 1});
  const std::string before = screen.text();
  screen.tick(0.3);
  screen.tick(0.6);
  CHECK(screen.text() == before);
  screen.tick(1);
  CHECK(screen.text() != before);
}

TEST_CASE("the live line never wraps, however narrow the terminal", "[text-view]") {
  for (int width = 3; width <= 120; ++width) {
    Screen screen({false, true, width});
    begin(screen);
    screen.at(0, StepStarted{step("w1", "control-plane-healthy"), 1});
    screen.tick(1);
    screen.at(2,
              StepProgress{step("w1", "control-plane-healthy"), 1, "日本語 to be Ready, and more"});
    screen.tick(3700);
    CAPTURE(width);
    const std::string live = shown(screen.text(), static_cast<std::size_t>(width)).back();
    CHECK(columns_of(live) < static_cast<std::size_t>(width));
    CHECK(!live.empty());
  }
}

TEST_CASE("colours only when asked for", "[text-view]") {
  Screen plain(kTextViewPlain);
  Screen coloured({true, false, 100});
  for (Screen* screen : {&plain, &coloured}) {
    first_steps(*screen);
    screen->at(50, StepStarted{step("w1", "drain"), 1});
    screen->at(54, failed(step("w1", "drain"), 4, kubeadm_failed()));
    screen->at(55, RunFinished{RunStatus::Failed, 5, {}, ""});
  }
  CHECK(plain.text().find('\x1b') == std::string::npos);
  std::string text = coloured.text();
  CHECK(text.find("\x1b[1;31mFAIL\x1b[0m") != std::string::npos);
  CHECK(text.find("\x1b[32mok  \x1b[0m") != std::string::npos);
  for (size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) + 1 - at);
  }
  CHECK(text == plain.text());
}

TEST_CASE("a run that began no step says only what it is told to", "[text-view]") {
  Screen screen(kTextViewPlain);
  begin(screen);
  screen.at(
      3, RunFinished{RunStatus::Succeeded, 0, {"v1.34/w1/drain"}, "dry run: nothing was changed"});
  CHECK(screen.text() == "dry run: nothing was changed\n");
}

TEST_CASE("S13: what nodes say cannot act on the terminal", "[text-view]") {
  const std::string evil = "\x1b]0;owned\x07\x9b\x31m\r\u202e";
  for (const TextStyle style : {kTextViewPlain, TextStyle{false, true, 100}}) {
    Screen screen(style);
    begin(screen);
    screen.at(1, Warning{evil, evil});
    screen.at(1, StepStarted{step("w1", "drain"), 1});
    screen.at(2, StepProgress{step("w1", "drain"), 1, evil});
    screen.tick(20);
    screen.at(21, DrainChanged{step("w1", "drain"), {evil}, ""});
    screen.at(22, ended(step("w1", "drain"), 1, evil + "\n" + evil));
    screen.at(23, StepStarted{step("w1", "upgrade-node"), 1});
    Error error = kubeadm_failed();
    error.message = error.remedy = evil;
    error.detail = evil + "\n" + evil;
    screen.at(24, failed(step("w1", "upgrade-node"), 1, error));
    screen.at(25, RunFinished{RunStatus::Failed, 5, {evil}, evil});
    std::string text = screen.text();
    for (size_t at = text.find("\r\x1b[K"); at != std::string::npos; at = text.find("\r\x1b[K")) {
      text.erase(at, 4);
    }
    CHECK(text.find_first_of("\x1b\x07\r") == std::string::npos);
    CHECK(text.find("\x9b") == std::string::npos);
    CHECK(text.find("\u202e") == std::string::npos);
    CHECK(text.find("\\x1b]0;owned") != std::string::npos);
  }
}

TEST_CASE("offsets go on after an hour", "[text-view]") {
  Screen screen(kTextViewPlain);
  begin(screen);
  screen.at(0, StepStarted{step("w1", "drain"), 1});
  screen.at(3725, ended(step("w1", "drain"), 3725, "done"));
  CHECK(screen.text().find("1:02:05  ok    w1       drain                  1h2m5s  done\n") !=
        std::string::npos);
}

TEST_CASE("a node command that is gone on with is told by what it does", "[text-view]") {
  plans::Plan plan;
  plan.work = "node drain w1";
  plan.steps.push_back(
      {.id = "node/w1/drain", .kind = plans::StepKind::Drain, .node = "w1", .title = "drain w1"});
  Screen screen(kTextViewPlain);
  screen.at(0, RunStarted{"prod", "", "resume"});
  screen.at(0, PlanMade{plan});
  const StepRef drain{"node/w1/drain", "drain", "w1"};
  screen.at(1, StepStarted{drain, 2});
  screen.at(2, ended(drain, 1, "2 pods evicted from w1"));
  screen.at(2, RunFinished{RunStatus::Succeeded, 0, {}, ""});
  CHECK(screen.text().find("run 20261122T211000Z-ab12: cluster prod, node drain w1, 1 step\n") !=
        std::string::npos);
  CHECK(screen.text().find("Done: node drain w1, 1 step in 1s\n") != std::string::npos);
}

}  // namespace drover::orchestrator
