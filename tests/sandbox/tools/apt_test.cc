#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "tests/sandbox/tools/tool_room.h"

using namespace drover;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::Equals;
using test::recording;
using test::ToolRoom;

namespace {

constexpr const char* kSwitch =
    "sed -i s/v1.33/v1.34/ /etc/apt/sources.list.d/kubernetes.list; apt-get -q update";
constexpr const char* kInstallKubeadm =
    "apt-mark unhold kubeadm; apt-get -q -y install kubeadm=1.34.4-1.1; apt-mark hold kubeadm";

/// A call and what the real tools answered to it.
struct Row {
  const char* what;
  const char* script;
  int code;
  std::string out;
  std::string err;
};

void check(const ToolRoom& room, const Row& row) {
  CAPTURE(row.what);
  const CommandResult result = room.run(row.script);
  CHECK(result.exit_code == row.code);
  CHECK_THAT(result.out, Equals(row.out));
  CHECK_THAT(result.err, Equals(row.err));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n') + 1); }

}  // namespace

TEST_CASE("apt prints what it printed on the bed", "[tools][recordings]") {
  const ToolRoom room;
  const std::string debconf = recording("apt/debconf.err");
  const std::string install = recording("apt/install-kubeadm.out");
  const std::string again = recording("apt/install-again.out");
  const auto without_update = [](const std::string& text) {
    return text.substr(text.find("Canceled hold"));
  };
  const std::vector<Row> rows = {
      {"offers of the minor that runs", "apt-cache madison kubeadm", 0,
       recording("apt/madison.out"), ""},
      {"a revision of another minor", "apt-get -q -y install kubeadm=1.34.4-1.1", 100,
       recording("apt/install-not-offered.out"), recording("apt/install-not-offered.err")},
      {"the index of a new minor", kSwitch, 0,
       recording("apt/update.out") + "Reading package lists...\n", ""},
      {"the same index", "apt-get -q update", 0,
       recording("apt/update-again.out") + "Reading package lists...\n", ""},
      {"a held package", "apt-get -q -y install kubelet=1.34.4-1.1", 100,
       recording("apt/install-held.out"), recording("apt/install-held.err")},
      {"kubeadm brings cri-tools along", kInstallKubeadm, 0, without_update(install), debconf},
      {"kubeadm once more", kInstallKubeadm, 0, without_update(again), ""},
      {"kubelet and kubectl",
       "apt-mark unhold kubelet kubectl; apt-get -q -y install kubelet=1.34.4-1.1 "
       "kubectl=1.34.4-1.1; apt-mark hold kubelet kubectl",
       0, recording("apt/install-kubelet.out"), debconf},
  };
  for (const Row& row : rows) check(room, row);
  CHECK(install.starts_with(recording("apt/update.out")));
  CHECK(room.state("packages/cri-tools") == "1.34.0-1.1\n");
  CHECK(room.state("packages/kubelet") == "1.34.4-1.1\n");
}

TEST_CASE("apt refuses as the real one does, and changes nothing", "[tools]") {
  const ToolRoom room;
  const std::string lists =
      "Reading package lists...\nBuilding dependency tree...\n"
      "Reading state information...\n";
  room.point_to("v1.34");
  room.set_state("packages/kubectl", "1.35.4-1.1\n");
  room.set_state("holds/kubelet", "");
  const std::vector<Row> rows = {
      {"a package that nobody knows", "apt-get -q -y install nonesuch=1", 100, lists,
       "E: Unable to locate package nonesuch\n"},
      {"an older revision", "apt-get -q -y --allow-change-held-packages install kubectl=1.34.4-1.1",
       100,
       lists + "The following packages will be DOWNGRADED:\n  kubectl\n"
               "0 upgraded, 0 newly installed, 1 downgraded, 0 to remove and 3 not upgraded.\n",
       "E: Packages were downgraded and -y was used without --allow-downgrades.\n"},
      {"an unknown name to hold", "apt-mark hold nonesuch", 100, "",
       "E: Unable to locate package nonesuch\nE: No packages found\n"},
      {"no hold to take off", "apt-mark unhold cri-tools", 0,
       "cri-tools was already not on hold.\n", ""},
      {"a hold twice", "apt-mark hold kubelet", 0, "kubelet was already set on hold.\n", ""},
      {"a repository that is not there",
       "sed -i s/v1.34/v1.36/ /etc/apt/sources.list.d/kubernetes.list; apt-get -q update", 100,
       recording("apt/update-missing.out"), recording("apt/update-missing.err")},
      {"packages of which one is not installed",
       "dpkg-query -W -f '${Package} ${db:Status-Want} ${db:Status-Eflag} ${db:Status-Status} "
       "${Version}\\n' nonesuch kubelet",
       1, "kubelet hold ok installed 1.33.13-1.1\n",
       "dpkg-query: no packages found matching nonesuch\n"},
      {"a file of no package", "dpkg-query -S /nonesuch/x", 1, "",
       "dpkg-query: no path found matching pattern /nonesuch/x\n"},
  };
  for (const Row& row : rows) check(room, row);
  CHECK(room.state("packages/kubectl") == "1.35.4-1.1\n");
  CHECK(room.state("lists/minor") == "v1.34\n");
}

TEST_CASE("a repository whose index was not read offers nothing", "[tools]") {
  const ToolRoom room;
  CHECK(room.out("sed -i s/v1.33/v1.34/ /etc/apt/sources.list.d/kubernetes.list; "
                 "apt-cache madison kubeadm")
            .empty());
  CHECK_THAT(room.out("apt-get -q update >/dev/null; apt-cache madison kubeadm"),
             Contains("1.34.4-1.1 | file:/srv/apt/v1.34 ./ Packages"));
}

TEST_CASE("packages of a mirror are fetched into the archive, those of a local folder are not",
          "[tools]") {
  const ToolRoom room;
  const std::string stage =
      "apt-get -q update; apt-get -q -y --download-only --allow-change-held-packages install "
      "kubectl=1.34.4-1.1";
  room.point_to("v1.34");
  CHECK_THAT(room.out(stage), EndsWith("Download complete and in download only mode\n"));
  CHECK(room.names("var/cache/apt/archives") == std::vector<std::string>{"lock"});

  room.write("etc/apt/sources.list.d/kubernetes.list", "");
  room.write("etc/apt/sources.list.d/kubernetes.sources",
             "Types: deb\nURIs: https://pkgs.k8s.io/core:/stable:/v1.34/deb/\nSuites: /\n");
  CHECK_THAT(room.out(stage), Contains("Need to get 61.3 MB of archives.") &&
                                  Contains("Get:1 https://pkgs.k8s.io/core:/stable:/v1.34/deb  "
                                           "kubectl 1.34.4-1.1 [61.3 MB]"));
  CHECK(room.exists("var/cache/apt/archives/kubectl_1.34.4-1.1_" +
                    first_line(room.out("dpkg --print-architecture")).substr(0, 5) + ".deb"));
  CHECK_THAT(room.out(stage), Contains("Need to get 0 B/61.3 MB of archives."));
  CHECK(room.state("packages/kubectl") == "1.33.13-1.1\n");
}

TEST_CASE("locks are the ones of apt and dpkg, and are waited for as long as told", "[tools]") {
  const ToolRoom room;
  room.point_to("v1.34");
  const std::string holder =
      "rm -f /tmp/locked; python3 -c 'import fcntl, sys, time\n"
      "files = [open(name, \"w\") for name in sys.argv[1:]]\n"
      "for file in files: fcntl.lockf(file, fcntl.LOCK_EX)\n"
      "open(\"/tmp/locked\", \"w\")\n"
      "time.sleep(600)' /var/lib/dpkg/lock-frontend /var/lib/apt/lists/lock & holder=$!\n"
      "mkdir -p /var/lib/apt/lists; until [ -e /tmp/locked ]; do sleep 0.02; done\n";
  room.out("mkdir -p /var/lib/apt/lists");
  const auto held = [&](const std::string& script) {
    return room.run(holder + script + "; code=$?; kill $holder; exit $code");
  };

  CommandResult result = held("apt-get -q update");
  CHECK(result.exit_code == 100);
  CHECK_THAT(result.err,
             Contains("E: Could not get lock /var/lib/apt/lists/lock. It is held by process ") &&
                 Contains("(python3)\nE: Unable to lock directory /var/lib/apt/lists/\n"));

  result = held("apt-get -q -y install kubectl=1.34.4-1.1");
  CHECK(result.exit_code == 100);
  CHECK_THAT(result.err, Contains("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by"
                                  " process ") &&
                             EndsWith("(python3)\nE: Unable to acquire the dpkg frontend lock "
                                      "(/var/lib/dpkg/lock-frontend), is another process using "
                                      "it?\n"));

  result = held("apt-get -q -y -o DPkg::Lock::Timeout=1 install kubectl=1.34.4-1.1");
  CHECK(result.exit_code == 100);
  CHECK_THAT(result.out, Contains("Waiting for cache lock: Could not get lock"));
  CHECK_THAT(result.err, !Contains("Could not get lock"));

  result = held("apt-mark unhold kubectl");
  CHECK(result.exit_code == 100);
  CHECK_THAT(result.err, Contains("dpkg: error: dpkg frontend lock was locked by another process "
                                  "with pid ") &&
                             EndsWith("E: Sub-process dpkg --set-selections returned an error code "
                                      "(2)\nE: Executing dpkg failed. Are you root?\n"));

  CHECK(held("dpkg --configure -a").exit_code == 2);

  result = held(
      "{ sleep 0.5; kill $holder; } & apt-get -q -y -o DPkg::Lock::Timeout=60 "
      "--allow-change-held-packages install kubectl=1.34.4-1.1");
  CHECK(result.exit_code == 0);
  CHECK(room.state("packages/kubectl") == "1.34.4-1.1\n");
}

TEST_CASE("an apt that is killed half-way leaves what dpkg leaves", "[tools][faults]") {
  const ToolRoom room;
  room.point_to("v1.34");
  const std::string install =
      "apt-get -q -y --allow-change-held-packages install kubelet=1.34.4-1.1 kubectl=1.34.4-1.1";
  const std::string query =
      "dpkg-query -W -f '${Package} ${db:Status-Eflag} ${db:Status-Status} ${Version}\\n' kubelet "
      "kubectl";
  room.fault("kill", 1, "install kubelet");
  CHECK(room.out(install + " >/dev/null 2>&1; echo $?") == "137\n");
  CHECK(room.out(query) == "kubectl ok unpacked 1.34.4-1.1\nkubelet ok unpacked 1.34.4-1.1\n");
  CHECK(room.out("ls -A /var/lib/dpkg/updates") != "");

  const CommandResult refused = room.run(install);
  CHECK(refused.exit_code == 100);
  CHECK(refused.err ==
        "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the "
        "problem. \n");

  CHECK(room.out("dpkg --force-confdef --configure -a") ==
        "Setting up kubectl (1.34.4-1.1) ...\nSetting up kubelet (1.34.4-1.1) ...\n");
  CHECK(room.out(query) == "kubectl ok installed 1.34.4-1.1\nkubelet ok installed 1.34.4-1.1\n");
  CHECK(room.out("ls -A /var/lib/dpkg/updates").empty());
  CHECK(room.run(install).exit_code == 0);
}

TEST_CASE("a package that dpkg was unpacking is installed again, whatever its revision says",
          "[tools]") {
  const ToolRoom room;
  room.point_to("v1.34");
  room.set_state("unfinished/kubelet", "half-installed\n");
  const std::string status = "dpkg-query -W -f '${db:Status-Eflag} ${db:Status-Status}' kubelet";
  CHECK(room.out(status) == "reinstreq half-installed");
  CHECK(room.out("dpkg --configure -a").empty());
  CHECK(room.out(status) == "reinstreq half-installed");
  room.set_state("packages/kubelet", "1.34.4-1.1\n");
  CHECK_THAT(room.out("apt-get -q -y --fix-broken --allow-change-held-packages install "
                      "kubelet=1.34.4-1.1"),
             Contains("Setting up kubelet (1.34.4-1.1) ..."));
  CHECK(room.out(status) == "ok installed");
}

TEST_CASE("a full disk ends the unpacking in dpkg's words", "[tools]") {
  const ToolRoom room;
  room.point_to("v1.34");
  const CommandResult result = room.run(
      "mount -t tmpfs -o size=4k none /var/lib/dpkg/updates && "
      "head -c 4096 /dev/zero >/var/lib/dpkg/updates/filler; "
      "apt-get -q -y --allow-change-held-packages install kubectl=1.34.4-1.1");
  CHECK(result.exit_code == 100);
  CHECK_THAT(result.err, Contains("failed to write (No space left on device)") &&
                             EndsWith("E: Sub-process /usr/bin/dpkg returned an error code (1)\n"));
  CHECK(room.state("packages/kubectl") == "1.33.13-1.1\n");
}

TEST_CASE("each tool says in its own words that the disk is full", "[tools]") {
  struct Row {
    const char* folder;
    const char* call;
    int code;
    const char* says;
  };
  const Row row = GENERATE(values<Row>({
      {"/var/lib/apt/lists", "apt-get -q update", 100,
       "E: Could not open lock file /var/lib/apt/lists/lock - open (28: No space left on device)"},
      {"/etc/kubernetes/tmp", "kubeadm upgrade apply v1.34.4 --yes", 1,
       "error: error execution phase control-plane: open /etc/kubernetes/tmp/"},
      {"/var/lib/kubelet", "kubeadm upgrade apply v1.34.4 --yes", 1,
       "error: error execution phase kubelet-config: open /var/lib/kubelet/"},
      {"/var/lib/etcd/new", "etcdctl snapshot save /var/lib/etcd/new/x", 1,
       "Error: open /var/lib/etcd/new/x.part: no space left on device"},
  }));
  const ToolRoom room;
  room.set_state("packages/kubeadm", "1.34.4-1.1\n");
  const std::string folder = row.folder;
  CAPTURE(folder);
  std::string call = row.call;
  if (call.starts_with("etcdctl")) call = "crictl exec $(crictl ps --name etcd -q) " + call;
  const CommandResult result = room.run(
      "mkdir -p " + folder + " && mount -t tmpfs -o nr_inodes=1 none " + folder + " && " + call);
  CHECK(result.exit_code == row.code);
  CHECK_THAT(result.err, Contains(row.says));
}
