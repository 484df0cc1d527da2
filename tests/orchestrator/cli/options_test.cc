#include "orchestrator/cli/options.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <set>

#include "inventory/base/text.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/help.h"
#include "orchestrator/ui/columns.h"
#include "tests/support/golden.h"
#include "tests/support/source_dir.h"

namespace drover::orchestrator {
namespace {

Invocation parsed(const std::string& line) {
  const auto invocation = parse_command_line(split_words(line));
  INFO("drover " << line << ": " << (invocation ? std::string() : invocation.error().message));
  REQUIRE(invocation);
  return *invocation;
}

struct Refusal {
  std::string line, message, remedy;
};

}  // namespace

TEST_CASE("a command with its file is enough", "[cli]") {
  setenv("XDG_STATE_HOME", "/state", 1);
  const Invocation plan = parsed("plan upgrade.yaml");
  CHECK(plan.command == CommandId::Plan);
  CHECK(plan.upgrade_file == "upgrade.yaml");
  CHECK(plan.inventory_file.empty());
  CHECK(plan.plan_out.empty());
  CHECK(plan.state_dir == "/state/drover");
  CHECK(!plan.json);
  CHECK(!plan.verbose);
  CHECK(!plan.no_color);
  CHECK(!plan.commands);
  CHECK(!plan.detailed_exitcode);
  CHECK(parsed("version").command == CommandId::Version);
}

TEST_CASE("options of a command", "[cli]") {
  const Invocation plan =
      parsed("plan upgrade.yaml -i inv.yaml -o plan.json --commands --detailed-exitcode");
  CHECK(plan.inventory_file == "inv.yaml");
  CHECK(plan.plan_out == "plan.json");
  CHECK(plan.commands);
  CHECK(plan.detailed_exitcode);
  CHECK(parsed("plan --inventory=inv.yaml upgrade.yaml").inventory_file == "inv.yaml");
  CHECK(parsed("plan -iinv.yaml upgrade.yaml").inventory_file == "inv.yaml");

  const Invocation apply = parsed("apply --yes upgrade.yaml --dry-run");
  CHECK(apply.command == CommandId::Apply);
  CHECK(apply.yes);
  CHECK(apply.dry_run);
  CHECK(!parsed("apply upgrade.yaml").yes);
  CHECK(parsed("check --list").list);
  CHECK(parsed("check upgrade.yaml").upgrade_file == "upgrade.yaml");
}

TEST_CASE("a saved plan and hosts to limit the upgrade to", "[cli]") {
  CHECK(parsed("apply plan.json").saved_plan());
  CHECK(!parsed("apply upgrade.yaml").saved_plan());
  CHECK(parsed("apply u.yaml").limit.empty());
  CHECK(parsed("apply u.yaml --limit w1").limit == std::vector<std::string>{"w1"});
  CHECK(parsed("apply --limit cp1,w1,w2 u.yaml").limit ==
        std::vector<std::string>{"cp1", "w1", "w2"});
}

TEST_CASE("a run may be named", "[cli]") {
  for (const std::string name : {"resume", "status", "report", "pause", "cancel"}) {
    CAPTURE(name);
    CHECK(parsed(name).run.empty());
    CHECK(parsed(name + " 20261122T211129Z-ab12").run == "20261122T211129Z-ab12");
    CHECK(parsed(name).command == find_command(name)->id);
  }
  CHECK(parsed("runs").command == CommandId::Runs);
}

TEST_CASE("lock is told what to do, and for which inventory", "[cli]") {
  const Invocation show = parsed("lock show");
  CHECK(show.command == CommandId::Lock);
  CHECK(show.action == "show");
  CHECK(show.inventory_file.empty());
  CHECK(show.run.empty());
  const Invocation release = parsed("lock -i prod.yaml release --yes");
  CHECK(release.action == "release");
  CHECK(release.inventory_file == "prod.yaml");
  CHECK(release.yes);
}

TEST_CASE("what resume is to do with single steps", "[cli]") {
  const auto resume = parse_command_line({"resume", "r1", "--yes", "--retry", "a", "--skip", "b",
                                          "--skip=c", "--reason", "done by hand", "--retry", "d"});
  REQUIRE(resume);
  CHECK(resume->run == "r1");
  CHECK(resume->yes);
  CHECK(resume->retry == std::vector<std::string>{"a", "d"});
  CHECK(resume->skip == std::vector<std::string>{"b", "c"});
  CHECK(resume->reason == "done by hand");
}

TEST_CASE("options of every command stand before or after it", "[cli]") {
  for (const std::string line : {"--state-dir /s --output json -v --no-color apply upgrade.yaml",
                                 "apply upgrade.yaml --state-dir /s --output json -v --no-color",
                                 "--output=json apply --state-dir=/s -v upgrade.yaml --no-color"}) {
    const Invocation apply = parsed(line);
    CHECK(apply.command == CommandId::Apply);
    CHECK(apply.upgrade_file == "upgrade.yaml");
    CHECK(apply.state_dir == "/s");
    CHECK(apply.json);
    CHECK(apply.verbose);
    CHECK(apply.no_color);
  }
  CHECK(!parsed("--output text plan u.yaml").json);
}

TEST_CASE("behind -- a word is a file, whatever it looks like", "[cli]") {
  CHECK(parsed("plan -- --commands").upgrade_file == "--commands");
  CHECK(!parsed("plan -- --commands").commands);
}

TEST_CASE("--help and -h work anywhere", "[cli]") {
  for (const std::string line : {"--help", "-h", "help", "-v --help"}) {
    CAPTURE(line);
    CHECK(parsed(line).command == CommandId::Help);
    CHECK(parsed(line).help_topic.empty());
  }
  for (const std::string line : {"plan --help", "--help plan", "-h plan u.yaml --nonsense",
                                 "plan u.yaml -h", "help plan", "-i x plan --help"}) {
    CAPTURE(line);
    CHECK(parsed(line).command == CommandId::Help);
    CHECK(parsed(line).help_topic == "plan");
  }
  CHECK(parsed("plan -i --help u.yaml -- ").command == CommandId::Help);
}

TEST_CASE("usage errors say what is wrong and what is meant", "[cli]") {
  const std::string has =
      "this version has plan, check, apply, resume, status, runs, report, pause, cancel, node, "
      "events, logs, describe, top, hpa, addon, lock, etcd, certs, version, help";
  const std::string locks = "drover lock show|release [-i INV] [--yes]";
  const auto refusal = GENERATE_COPY(values<Refusal>({
      {"", "no command is given", "`drover help` lists the commands"},
      {"-v", "no command is given", "`drover help` lists the commands"},
      {"--version", "there is no option --version", "did you mean `drover version`?"},
      {"plam u.yaml", "there is no command plam", "did you mean `drover plan`?"},
      {"aply u.yaml", "there is no command aply", "did you mean `drover apply`?"},
      {"resum", "there is no command resum", "did you mean `drover resume`?"},
      {"upgrade.yaml", "there is no command upgrade.yaml", "`drover help` lists the commands"},
      {"help plna", "there is no command plna", "did you mean `drover plan`?"},
      {"help plan apply", "drover help explains one command at a time",
       "`drover help help` explains it"},
      {"plan", "drover plan wants an upgrade plan file",
       "drover plan UPGRADE [-i INV] [-o PLAN.json] [--commands] [--detailed-exitcode]"},
      {"apply --yes", "drover apply wants an upgrade plan file",
       "drover apply UPGRADE|PLAN.json [-i INV] [--limit HOST,...] [--yes] [--dry-run]"},
      {"check", "drover check wants an upgrade plan file",
       "drover check UPGRADE [-i INV] | --list"},
      {"check --list u.yaml", "drover check --list takes no file",
       "`drover help check` explains it"},
      {"plan a.yaml b.yaml", "drover plan takes one file, and here are 2: a.yaml b.yaml",
       "`drover help plan` explains it"},
      {"events w1 w2", "drover events takes one node, and here are 2: w1 w2",
       "`drover help events` explains it"},
      {"events -n", "--namespace needs a value", "`drover help events` explains it"},
      {"logs", "drover logs wants a node or pod", "`drover help logs` explains it"},
      {"logs a b", "drover logs takes one node or pod, and here are 2: a b",
       "`drover help logs` explains it"},
      {"describe -n a", "drover describe wants a node or pod",
       "`drover help describe` explains it"},
      {"top", "drover top wants to be told what to do",
       "drover top nodes|pods [-l SELECTOR] [-n NS | -A] [--sort-by cpu|memory] [-w] [-i INV]"},
      {"top node", "drover top has no node", "did you mean `drover top nodes`?"},
      {"top nodes w1", "drover top nodes takes no argument",
       "drover top nodes [-l SELECTOR] [--sort-by cpu|memory] [-w] [-i INV]"},
      {"top nodes -n a", "drover top nodes has no option --namespace",
       "`drover help top` explains it"},
      {"version now", "drover version takes no argument", "`drover help version` explains it"},
      {"plan u.yaml --comands", "drover plan has no option --comands", "did you mean --commands?"},
      {"plan u.yaml --yes", "drover plan has no option --yes", "`drover help plan` explains it"},
      {"apply u.yaml --dryrun", "drover apply has no option --dryrun", "did you mean --dry-run?"},
      {"apply u.yaml --dry", "drover apply has no option --dry", "`drover help apply` explains it"},
      {"plan u.yaml -x", "drover plan has no option -x", "`drover help plan` explains it"},
      {"plan u.yaml --statedir=/x", "drover plan has no option --statedir",
       "did you mean --state-dir?"},
      {"plan u.yaml -o", "-o needs a value", "`drover help plan` explains it"},
      {"plan u.yaml --output=", "--output needs a value", "`drover help plan` explains it"},
      {"plan u.yaml -i --commands", "-i needs a value", "`drover help plan` explains it"},
      {"apply u.yaml --yes=1", "--yes takes no value", "`drover help apply` explains it"},
      {"plan u.yaml -i a -i b", "-i is given twice", "`drover help plan` explains it"},
      {"plan u.yaml --output xml", "--output xml: there is no such format", "text or json"},
      {"plan u.yaml --output yaml", "--output yaml is for lists, and this is none", "text or json"},
      {"top nodes --output table", "--output table: there is no such format",
       "text, wide, json or yaml"},
      {"events -o wide", "drover events has no option -o", "did you mean --output?"},
      {"apply u.yaml --limit w1,,w2", "--limit w1,,w2: a name between commas is empty",
       "`drover help apply` explains it"},
      {"apply p.json --limit w1",
       "--limit does not go with a saved plan, which is executed as it is",
       "drover apply UPGRADE --limit HOST,..."},
      {"apply u.yaml --limit w1,", "--limit w1,: a name between commas is empty",
       "`drover help apply` explains it"},
      {"apply u.yaml --limit w1 --limit w2", "--limit is given twice",
       "`drover help apply` explains it"},
      {"resume --skip a", "--skip wants a --reason",
       "say why the step may be left out: --skip STEP --reason TEXT"},
      {"resume --reason because", "--reason is for --skip",
       "say why the step may be left out: --skip STEP --reason TEXT"},
      {"resume --retry a --retry b --skip b --reason c", "b cannot be both tried again and skipped",
       "`drover help resume` explains it"},
      {"resume r1 r2", "drover resume takes one run, and here are 2: r1 r2",
       "`drover help resume` explains it"},
      {"resume -i inv.yaml", "drover resume has no option -i", "`drover help resume` explains it"},
      {"runs r1", "drover runs takes no argument", "`drover help runs` explains it"},
      {"report -o r.html", "`drover report -o` is not supported yet", has},
      {"report -or.html", "`drover report -o` is not supported yet", has},
      {"plan u.yaml --explain v1.34/w1/drain", "`drover plan --explain` is not supported yet", has},
      {"plan u.yaml --graph=dot", "`drover plan --graph` is not supported yet", has},
      {"help bundle", "`drover bundle` is not supported yet", has},
      {"hpa explain", "drover hpa explain wants more arguments",
       "drover hpa explain NAME [-n NS] [-i INV]"},
      {"addon metrics-server", "drover addon metrics-server wants more arguments",
       "drover addon metrics-server install|status|remove [...] [-i INV]"},
      {"addon apply a.yaml --yes", "drover addon apply has no option --yes",
       "`drover help addon` explains it"},
      {"certs", "drover certs wants to be told what to do", "drover certs status|renew [OPTIONS]"},
      {"certs renew cp1", "drover certs renew takes no argument",
       "drover certs renew [--yes] [--without-lock] [-i INV]"},
      {"certs status --yes", "drover certs status has no option --yes",
       "`drover help certs` explains it"},
      {"hpa list web", "drover hpa list takes no argument",
       "drover hpa list [-n NS | -A] [-l SELECTOR] [-w] [-i INV]"},
      {"hpa explain web --output wide", "--output wide is for lists, and this is none",
       "text or json"},
      {"hpa explain web --max 3", "drover hpa explain has no option --max",
       "`drover help hpa` explains it"},
      {"etcd restore", "drover etcd restore wants more arguments",
       "drover etcd restore FILE [-i INV] [--with-manifests DIR] [--yes] [--dry-run] [...]"},
      {"etcd defrag --dry-run", "drover etcd defrag has no option --dry-run",
       "`drover help etcd` explains it"},
      {"etcd list a b", "drover etcd list takes fewer arguments", "drover etcd list [DIR]"},
      {"etcd status --keep 3", "drover etcd status has no option --keep",
       "`drover help etcd` explains it"},
      {"lock", "drover lock wants to be told what to do", locks},
      {"lock give", "drover lock has no give", locks},
      {"lock sho", "drover lock has no sho", "did you mean `drover lock show`?"},
      {"lock show prod", "drover lock show takes no argument", "drover lock show [-i INV]"},
      {"lock show --yes", "drover lock show has no option --yes", "`drover help lock` explains it"},
  }));
  CAPTURE(refusal.line);
  const auto invocation = parse_command_line(split_words(refusal.line));
  REQUIRE(!invocation);
  CHECK(invocation.error().kind == ErrorKind::Usage);
  CHECK(invocation.error().message == refusal.message);
  CHECK(invocation.error().remedy == refusal.remedy);
}

TEST_CASE("every command of the design that is not built is answered as such", "[cli]") {
  for (const char* name : {"inventory", "bundle", "completion"}) {
    const auto invocation = parse_command_line({name, "--whatever", "x"});
    REQUIRE(!invocation);
    CHECK(invocation.error().message == "`drover " + std::string(name) + "` is not supported yet");
    CHECK(exit_code(invocation.error().kind) == 2);
  }
}

TEST_CASE("an empty file name is refused", "[cli]") {
  CHECK(parse_command_line({"plan", ""}).error().message ==
        "the name of the upgrade plan file is empty");
  CHECK(parse_command_line({"plan", "u.yaml", "-i", ""}).error().message == "-i needs a value");
  CHECK(parse_command_line({"status", ""}).error().message == "the run id is empty");
}

TEST_CASE("S13: what was typed is shown without acting on the terminal", "[cli]") {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"pl\x1b[31man"},
                                             {"plan", "u.yaml", "--x\x1b[31m"},
                                             {"plan", "a\x1b[31m", "b"},
                                             {"plan", "u.yaml", "--output", "\x1b[31m"}}) {
    const auto invocation = parse_command_line(words);
    REQUIRE(!invocation);
    CHECK(invocation.error().message.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("the table of commands holds together", "[cli]") {
  std::set<std::string_view> names;
  for (const CommandSpec& command : all_commands()) {
    CHECK(names.insert(command.name).second);
    CHECK(&command_spec(command.id) == &command);
    CHECK(find_command(command.name) == &command);
    std::set<std::string> options;
    for (const auto* list : {&command.options, &global_options()}) {
      for (const OptionSpec& option : *list) {
        CHECK((option.name.empty() || options.insert("--" + std::string(option.name)).second));
        CHECK((option.letter == '\0' || options.insert({'-', option.letter}).second));
        CHECK(!is_later_option(command.id, option.name));
      }
    }
    for (const Example& example : command.examples) {
      std::vector<std::string> words = split_words(example.line);
      words.erase(words.begin());
      words.erase(std::find_if(words.begin(), words.end(),
                               [](const std::string& w) { return w == "|" || w == ">"; }),
                  words.end());
      INFO(example.line);
      CHECK(parse_command_line(words));
    }
  }
  for (const std::string_view later : later_commands()) CHECK(names.insert(later).second);
}

TEST_CASE("help texts", "[cli]") {
  test::check_golden("ui/help.txt", help_text(""));
  for (const CommandSpec& command : all_commands()) {
    const std::string text = help_text(std::string(command.name));
    test::check_golden("ui/help_" + std::string(command.name) + ".txt", text);
    for (const std::string& line : split_lines(text)) CHECK(columns_of(line) <= 80);
  }
}

TEST_CASE("each kind of error has the exit code of the design", "[cli]") {
  using enum ErrorKind;
  const std::vector<std::pair<ErrorKind, int>> table = {
      {Internal, 1}, {Usage, 2},          {File, 3},   {Refused, 4}, {Unreachable, 8},
      {HostKey, 8},  {Authentication, 8}, {Sudo, 8},   {Command, 1}, {Unknown, 1},
      {Api, 1},      {Timeout, 8},        {Locked, 6}, {Stale, 7},   {Cancelled, 130},
      {State, 1}};
  for (const auto& [kind, code] : table) CHECK(exit_code(kind) == code);
  for (const auto& [kind, code] : table) {
    CHECK(std::any_of(kExitCodes.begin(), kExitCodes.end(),
                      [code = code](const ExitCode& exit) { return exit.code == code; }));
  }
}

TEST_CASE("the README has the exit codes of the program", "[cli]") {
  std::ifstream in(drover::test::source_dir() + "/README.md");
  std::string rows;
  for (std::string line; std::getline(in, line);) {
    std::erase(line, '`');
    if (line.size() > 2 && line[0] == '|' && std::isdigit(static_cast<unsigned char>(line[2]))) {
      rows += line + '\n';
    }
  }
  std::string expected;
  for (const ExitCode& exit : kExitCodes)
    expected += fmt::format("| {} | {} |\n", exit.code, exit.when);
  CHECK(rows == expected);
}

TEST_CASE("the next command is given as it is typed", "[cli]") {
  setenv("XDG_STATE_HOME", "/state", 1);
  CHECK(as_typed(parsed("plan upgrade.yaml"), CommandId::Apply) == "drover apply upgrade.yaml");
  CHECK(as_typed(parsed("--state-dir /s plan u.yaml -i i.yaml"), CommandId::Apply) ==
        "drover --state-dir /s apply u.yaml -i i.yaml");
  const auto odd = parse_command_line({"plan", "my file.yaml"});
  REQUIRE(odd);
  CHECK(as_typed(*odd, CommandId::Apply) == "drover apply 'my file.yaml'");
  CHECK(as_typed(parsed("status"), CommandId::Resume, {}) == "drover resume");
  CHECK(as_typed(parsed("--state-dir /s status"), CommandId::Resume, {"r1"}) ==
        "drover --state-dir /s resume r1");
}

}  // namespace drover::orchestrator
