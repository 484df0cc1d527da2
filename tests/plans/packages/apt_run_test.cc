#include <signal.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "plans/packages/package_manager.h"
#include "tests/support/shell.h"

/// The scripts at work, with stand-ins for apt and dpkg that write down how they were called.
namespace drover::plans {
namespace {

const PackageManager& apt_here() { return *find_package_manager("apt"); }

const std::string kFile = "etc/apt/sources.list.d/kubernetes.list";
const std::string kText =
    "# Kubernetes\n"
    "deb [signed-by=/usr/share/keyrings/v1.33.gpg] https://ops:s3cret@mirror/v1.33/deb/ /\n"
    "deb https://mirror/other/v1.33/ /\n";
// The line as facts show it.
const std::vector<RepositoryLine> kAptRunLine = {
    {"/" + kFile, 2,
     "deb [signed-by=/usr/share/keyrings/v1.33.gpg] https://***@mirror/v1.33/deb/ /"}};

class AptRunMachine : public test::ScriptRoom {
 public:
  AptRunMachine() {
    file("proc/uptime", "1000.00 2000.00\n");
    file(kFile, kText);
    for (const char* name : {"dpkg", "apt-mark", "apt-get", "apt-cache"}) stand_in(name, "");
    program("apt-config", "echo \"archives='$ROOM/var/cache/apt/archives/'\"\n");
    // time passes only when it is waited for
    program("sleep",
            "read -r up rest <\"$ROOM/proc/uptime\"\n"
            "echo \"$((${up%%.*} + 60)).00 0\" >\"$ROOM/proc/uptime\"\n");
  }

  /// A stand-in that writes down its words without options and then does `text`.
  void stand_in(const std::string& name, const std::string& text) {
    program(name,
            "words=" + name +
                "\nfor word in \"$@\"; do case $word in -*|*::*) ;; *) words=\"$words $word\" ;; "
                "esac; done\necho \"$words\" >>\"$ROOM/calls\"\n" +
                text);
  }
  std::string calls() const { return exists("calls") ? read("calls") : ""; }
};

std::string install() {
  return apt_here().install({{"kubelet", "1.34.4-1.1"}}, {"kubelet", "kubernetes-cni"}).script;
}

const std::string kWholeInstall =
    "dpkg\n"
    "apt-mark unhold kubelet kubernetes-cni\n"
    "apt-get install kubelet=1.34.4-1.1\n"
    "apt-mark hold kubelet kubernetes-cni\n";

template <class Condition>
bool soon(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

}  // namespace

TEST_CASE("S10: install takes the holds off and puts them back, and leaves nothing behind") {
  AptRunMachine machine;
  CHECK(machine.run(install()).exit_code == 0);
  CHECK(machine.calls() == kWholeInstall);
  CHECK(machine.list("tmp").empty());
}

TEST_CASE("without holds none are touched") {
  AptRunMachine machine;
  CHECK(machine.run(apt_here().install({{"kubelet", "1.34.4-1.1"}}, {}).script).exit_code == 0);
  CHECK(machine.calls() == "dpkg\napt-get install kubelet=1.34.4-1.1\n");
  CHECK(machine.list("tmp").empty());
}

TEST_CASE("S10: a failed install puts the holds back and keeps apt's own words and exit code") {
  AptRunMachine machine;
  machine.stand_in("apt-get", "echo 'E: Version not found' >&2\nexit 100\n");
  const CommandResult result = machine.run(install());
  CHECK(result.exit_code == 100);
  CHECK(result.err == "E: Version not found\n");
  CHECK(machine.calls() == kWholeInstall);
  CHECK(machine.list("tmp").empty());
}

TEST_CASE("S10: an install ended by a signal puts the holds back") {
  AptRunMachine machine;
  // to the script alone, which waits for apt; to the whole group; a hang-up
  const bool group = GENERATE(false, true);
  const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
  machine.stand_in("apt-get", "touch \"$ROOM/started\"\nuntil [ -e \"$ROOM/go\" ]; do :; done\n");
  const pid_t pid = machine.start(install());
  REQUIRE(soon([&] { return machine.exists("started"); }));
  CHECK(kill(group ? -pid : pid, signal) == 0);
  machine.file("go", "");
  CHECK(machine.wait(pid).exit_code == 128 + signal);
  CHECK(machine.calls() == kWholeInstall);
  CHECK(machine.list("tmp").empty());
}

TEST_CASE("S10: signals that come while the holds are put back do not stop it") {
  AptRunMachine machine;
  machine.stand_in("apt-get", "exit 100\n");
  machine.stand_in(
      "apt-mark",
      "case $* in hold*) touch \"$ROOM/holding\"; until [ -e \"$ROOM/go\" ]; do :; done; "
      "echo held >>\"$ROOM/calls\" ;; esac\n");
  const pid_t pid = machine.start(install());
  REQUIRE(soon([&] { return machine.exists("holding"); }));
  CHECK(kill(-pid, SIGTERM) == 0);
  machine.file("go", "");
  CHECK(machine.wait(pid).exit_code == 100);
  CHECK(machine.calls() == kWholeInstall + "held\n");
}

TEST_CASE("holds that cannot be put back are a failure, also of an install that went well") {
  AptRunMachine machine;
  machine.stand_in("apt-mark", "case $* in hold*) echo 'E: no' >&2; exit 1 ;; esac\n");
  const CommandResult result = machine.run(install());
  CHECK(result.exit_code == 1);
  CHECK(result.err == "E: no\nE: the holds could not be put back\n");
}

TEST_CASE("an interrupted dpkg that cannot be finished installs nothing") {
  AptRunMachine machine;
  machine.stand_in("dpkg", "echo 'dpkg: error processing package x' >&2\nexit 1\n");
  CHECK(machine.run(install()).exit_code == 1);
  CHECK(machine.calls() == "dpkg\n");
}

TEST_CASE("locks are waited for, never broken") {
  AptRunMachine machine;
  const std::string program = GENERATE("dpkg", "apt-mark", "apt-get");
  const std::string message =
      GENERATE("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt)",
               "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend)",
               "dpkg: error: dpkg frontend lock was locked by another process with pid 1");
  machine.stand_in(program, "if [ ! -e \"$ROOM/free\" ]; then touch \"$ROOM/free\"; echo '" +
                                message + "' >&2; exit 100; fi\n");
  const CommandResult result = machine.run(install());
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK(machine.read("proc/uptime") == "1060.00 0\n");
}

TEST_CASE("S16: waiting for a lock ends after five minutes with what is held") {
  AptRunMachine machine;
  machine.stand_in("apt-get", "echo 'E: Could not get lock /x' >&2\nexit 100\n");
  const CommandResult result = machine.run(install());
  CHECK(result.exit_code == 100);
  CHECK(result.err == "E: Could not get lock /x\n");
  CHECK(machine.read("proc/uptime") == "1300.00 0\n");
}

TEST_CASE(
    "switching changes exactly the planned line, keeps the file's mode, and reads its index") {
  AptRunMachine machine;
  const std::string file = machine.path() + "/" + kFile;
  REQUIRE(chmod(file.c_str(), 0640) == 0);
  const std::string script = apt_here().switch_repository(kAptRunLine, 34).script;
  for (int time = 0; time < 2; ++time) {
    const CommandResult result = machine.run(script);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(machine.read(kFile) ==
          "# Kubernetes\n"
          "deb [signed-by=/usr/share/keyrings/v1.33.gpg] https://ops:s3cret@mirror/v1.34/deb/ /\n"
          "deb https://mirror/other/v1.33/ /\n");
  }
  struct stat status {};
  REQUIRE(stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  CHECK(machine.calls() == "apt-get update\napt-get update\n");
}

TEST_CASE("a link to a source file stays a link") {
  AptRunMachine machine;
  machine.file("etc/real.list", kText);
  std::filesystem::remove(machine.path() + "/" + kFile);
  std::filesystem::create_symlink(machine.path() + "/etc/real.list", machine.path() + "/" + kFile);
  CHECK(machine.run(apt_here().switch_repository(kAptRunLine, 34).script).exit_code == 0);
  CHECK(std::filesystem::is_symlink(machine.path() + "/" + kFile));
  CHECK(machine.read("etc/real.list").find("/v1.34/deb/") != std::string::npos);
}

TEST_CASE("a line that is not the planned one is never edited") {
  AptRunMachine machine;
  const std::string text =
      GENERATE(std::string("# moved\n") + kText, std::string("deb x\n"), std::string());
  machine.file(kFile, text);
  for (const std::string& script : {apt_here().switch_repository(kAptRunLine, 34).script,
                                    apt_here().offered(kAptRunLine, 34).script,
                                    apt_here().stage(kAptRunLine, 34, {{"kubeadm", "1"}}).script}) {
    const CommandResult result = machine.run(script);
    CHECK(result.exit_code == 65);
    CHECK(result.err.find("is not the one that the plan was made from") != std::string::npos);
  }
  CHECK(machine.read(kFile) == text);
  CHECK(machine.calls().empty());
}

TEST_CASE("S2: what is offered is read from a folder that is gone afterwards") {
  AptRunMachine machine;
  machine.stand_in("apt-get", R"sh(for word in "$@"; do
  case $word in Dir::Etc::sourcelist=*) cp -p "${word#*=}" "$ROOM/seen" ;; esac
done
cp "$APT_CONFIG" "$ROOM/apt.conf"
)sh");
  machine.stand_in("apt-cache",
                   "echo '   kubeadm | 1.34.4-1.1 | https://mirror/v1.34/deb  Packages'\n");
  const CommandResult result = machine.run(apt_here().offered(kAptRunLine, 34).script);
  REQUIRE(result.exit_code == 0);
  CHECK(parse_offered(result.out).value() == Offers{{"kubeadm", {"1.34.4-1.1"}}});
  CHECK(machine.calls() ==
        "apt-get update\napt-cache madison kubeadm kubelet kubectl cri-tools kubernetes-cni\n");
  CHECK(machine.read("seen") ==
        "deb [signed-by=/usr/share/keyrings/v1.33.gpg] https://ops:s3cret@mirror/v1.34/deb/ /\n");
  CHECK(machine.read(kFile) == kText);
  CHECK(machine.list("tmp").empty());
  struct stat status {};
  REQUIRE(stat((machine.path() + "/seen").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);  // S13: it has a password in it
}

TEST_CASE("a repository that cannot be read is reported in apt's words") {
  AptRunMachine machine;
  const bool old = GENERATE(false, true);  // before 2.1 apt only warns
  machine.stand_in("apt-get",
                   old ? "echo 'Ign:1 x'\necho 'W: Failed to fetch http://m/ refused' >&2\n"
                         "echo 'W: Some index files failed to download.' >&2\n"
                       : "echo 'E: Failed to fetch http://m/ refused' >&2\nexit 100\n");
  const CommandResult result = machine.run(apt_here().offered(kAptRunLine, 34).script);
  CHECK(result.exit_code == 100);
  CHECK(result.err.find(": Failed to fetch http://m/ refused\n") == 1);
  CHECK(result.err.find("Ign") == std::string::npos);
  CHECK(machine.list("tmp").empty());
}

TEST_CASE("of a deb822 file the whole paragraph is read, with its line switched, and no other") {
  AptRunMachine machine;
  const std::string name = "etc/apt/sources.list.d/k.sources";
  machine.file(name,
               "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\n\n"
               "# ours\nTypes: deb\nURIs: https://mirror/v1.33/deb/\n https://other/v1.33/deb/\n"
               "Suites: /\nSigned-By:\n -----BEGIN-----\n .\n x\n\n\n"
               "Types: deb\nURIs: https://third/v1.33/\nSuites: /\n");
  machine.stand_in("apt-get", R"sh(for word in "$@"; do
  case $word in
    Dir::Etc::sourceparts=*) cat "${word#*=}"/*.sources >"$ROOM/seen" ;;
    Dir::Etc::sourcelist=*) cp "${word#*=}" "$ROOM/list" ;;
  esac
done
)sh");
  const std::vector<RepositoryLine> lines = {{"/" + name, 7, "URIs: https://mirror/v1.33/deb/"},
                                             {"/" + name, 8, " https://other/v1.33/deb/"}};
  const CommandResult result = machine.run(apt_here().offered(lines, 34).script);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(machine.read("seen") ==
        "# ours\nTypes: deb\nURIs: https://mirror/v1.34/deb/\n https://other/v1.34/deb/\n"
        "Suites: /\nSigned-By:\n -----BEGIN-----\n .\n x\n\n");
  CHECK(machine.read("list").empty());
}

TEST_CASE("staging downloads only, into the machine's own archive") {
  AptRunMachine machine;
  machine.stand_in("apt-get", "echo \"$*\" >>\"$ROOM/words\"\n");
  const std::vector<PackageRevision> packages = {{"kubeadm", "1.34.4-1.1"},
                                                 {"kubelet", "1.34.4-1.1"}};
  const CommandResult result = machine.run(apt_here().stage(kAptRunLine, 34, packages).script);
  CHECK(result.exit_code == 0);
  CHECK(machine.calls() ==
        "apt-get update\napt-get install kubeadm=1.34.4-1.1 kubelet=1.34.4-1.1\n");
  const std::string words = machine.read("words");
  CHECK(words.find("--download-only --allow-change-held-packages") != std::string::npos);
  CHECK(words.find("Dir::Cache::archives=" + machine.path() + "/var/cache/apt/archives/") !=
        std::string::npos);
  CHECK(machine.list("tmp").empty());
}

TEST_CASE("staging leaves an interrupted dpkg alone") {
  AptRunMachine machine;
  machine.file("var/lib/dpkg/updates/0001", "");
  const CommandResult result =
      machine.run(apt_here().stage(kAptRunLine, 34, {{"kubeadm", "1"}}).script);
  CHECK(result.exit_code == 0);
  CHECK(result.out == "later: dpkg was interrupted\n");
  CHECK(machine.calls().empty());
}

TEST_CASE("the target's kubeadm is unpacked from the archive, or downloaded, and not installed") {
  AptRunMachine machine;
  machine.file("tmp/drover-unpack-old/usr/bin/kubeadm", "left by a killed run");
  machine.program("dpkg", "echo amd64\n");
  machine.program("dpkg-deb", "mkdir -p \"$3/usr/bin\"\ncp \"$2\" \"$3/usr/bin/kubeadm\"\n");
  machine.stand_in("apt-get",
                   "case $* in *download*) echo downloaded >kubeadm_1.34.4-1.1_amd64.deb ;; "
                   "esac\n");
  const bool staged = GENERATE(false, true);
  if (staged) machine.file("var/cache/apt/archives/kubeadm_1.34.4-1.1_amd64.deb", "staged\n");
  const CommandResult result =
      machine.run("set -eu\n" + apt_here().unpack_kubeadm(kAptRunLine, 34, "1.34.4-1.1") +
                  "cat \"$T/usr/bin/kubeadm\"\n");
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(result.out == (staged ? "staged\n" : "downloaded\n"));
  CHECK(machine.calls() == (staged ? "" : "apt-get update\napt-get download kubeadm=1.34.4-1.1\n"));
  CHECK(machine.list("tmp").empty());
}

TEST_CASE(
    "installed packages are read even when some are unknown, but not from a broken database") {
  AptRunMachine machine;
  machine.program("dpkg-query", "echo 'package kubeadm hold ok installed 1.34.4-1.1'\nexit 1\n");
  const std::string script = apt_here().installed({"kubeadm", "kubectl"}).script;
  CommandResult result = machine.run(script);
  REQUIRE(result.exit_code == 0);
  CHECK(parse_installed(result.out)->held.count("kubeadm") == 1);
  machine.program("dpkg-query", "exit 2\n");
  result = machine.run(script);
  CHECK(result.exit_code == 2);
  CHECK(result.err == "E: dpkg-query cannot read the package database\n");
}

TEST_CASE("the repository is shown as it is, with what its index offers") {
  AptRunMachine machine;
  machine.stand_in("apt-cache",
                   "echo '   kubeadm | 1.33.13-1.1 | https://mirror/v1.33/deb  Packages'\n");
  std::vector<RepositoryLine> lines = kAptRunLine;
  lines.push_back({"/" + kFile, 99, ""});
  lines.push_back({"/etc/apt/absent.list", 1, ""});
  const CommandResult result = machine.run(apt_here().show_repository(lines).script);
  REQUIRE(result.exit_code == 0);
  const auto shown = parse_repository(result.out);
  REQUIRE(shown);
  CHECK(shown->lines == std::vector<std::string>{kAptRunLine[0].text, "", ""});
  CHECK(shown->offered == Offers{{"kubeadm", {"1.33.13-1.1"}}});
}

}  // namespace drover::plans
