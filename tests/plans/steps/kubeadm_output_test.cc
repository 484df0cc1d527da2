#include "plans/steps/kubeadm_output.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

using Catch::Matchers::Contains;

KubeadmFailure failure(const std::string& err, const std::string& out = "", int code = 1) {
  return read_kubeadm_failure("kubeadm upgrade apply v1.34.4 on cp1", {code, out, err});
}

constexpr const char* kFront = "[preflight] Some fatal errors occurred:\n";
constexpr const char* kHints =
    "[preflight] If you know what you are doing, you can make a check non-fatal with "
    "`--ignore-preflight-errors=...`\nerror: error execution phase preflight: preflight checks "
    "failed\n"
    "To see the stack trace of this error execute with --v=5 or higher\n";

}  // namespace

TEST_CASE("S4: only failures that pass by themselves allow another attempt") {
  struct Row {
    const char* what;
    std::string err;
    bool passing;
  };
  const std::string front = kFront;
  const std::string hints = kHints;
  const std::vector<Row> rows = {
      {"unsettled cluster",
       front +
           "\t[ERROR CreateJob]: Job \"upgrade-health-check-lzq5v\" in the namespace "
           "\"kube-system\" "
           "did not complete in 15s: no condition of type Complete\n" +
           hints,
       true},
      {"permissions not read again yet",
       front +
           "\t[ERROR CoreDNSUnsupportedPlugins]: configmaps \"coredns\" is forbidden: User "
           "\"kubernetes-admin\" cannot get resource \"configmaps\"\n" +
           hints,
       true},
      {"a check that does not pass",
       front + "\t[ERROR SystemVerification]: cgroups v1 support is deprecated\n" + hints, false},
      {"a passing check and one that does not",
       front + "\t[ERROR CreateJob]: Job did not complete in 15s\n\t[ERROR Port-6443]: in use\n" +
           hints,
       false},
      {"API away",
       "error: error execution phase preflight: could not fetch the kubeadm-config: Get "
       "\"https://10.77.0.11:6443/api/v1/x\": dial tcp 10.77.0.11:6443: connect: connection "
       "refused\n",
       true},
      {"authorizer behind",
       "error: error execution phase preflight: configmaps \"kubeadm-config\" is forbidden: User "
       "\"system:node:w1\" cannot get resource: no relationship found between node 'w1' and this "
       "object\n",
       true},
      {"rolled back",
       "error: error execution phase control-plane: couldn't upgrade control plane. kubeadm has "
       "tried to recover everything into the earlier state. Errors faced: timed out: context "
       "deadline exceeded\n",
       false},
      {"a harmless warning speaks of a timeout",
       "W1122 21:10:58.351066 1362 version.go:108] could not fetch: context deadline exceeded\n"
       "error: the version is too high\n",
       false},
      {"killed without a word", "", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(failure(row.err).passing == row.passing);
    CHECK(failure("", row.err).passing == row.passing);
  }
}

TEST_CASE("kubeadm's own words reach the operator") {
  const KubeadmFailure checks =
      failure(std::string("\t[WARNING ContainerRuntimeVersion]: old\n") + kFront +
              "\t[ERROR SystemVerification]: cgroups v1 support is deprecated\n\t[ERROR Swap]: "
              "swap is on\n" +
              kHints);
  CHECK(checks.error.kind == ErrorKind::Command);
  CHECK(checks.error.message ==
        "kubeadm upgrade apply v1.34.4 on cp1 failed its checks: [SystemVerification] cgroups v1 "
        "support is deprecated; [Swap] swap is on");
  CHECK_THAT(checks.error.remedy, Contains("preflight.ignore: [SystemVerification, Swap]"));
  CHECK_THAT(checks.error.detail, Contains("[WARNING ContainerRuntimeVersion]"));

  CHECK(failure("error: error execution phase upload-config: no\n"
                "To see the stack trace of this error execute with --v=5 or higher\n")
            .error.message ==
        "kubeadm upgrade apply v1.34.4 on cp1 failed: error: error execution phase upload-config: "
        "no");
  CHECK(failure("[upgrade/version] FATAL: the --version argument is invalid due to these fatal "
                "errors:\n\t- Specified version to upgrade to \"v1.36.0\" is too high\n")
            .error.message ==
        "kubeadm upgrade apply v1.34.4 on cp1 failed: [upgrade/version] FATAL: the --version "
        "argument is invalid due to these fatal errors:; - Specified version to upgrade to "
        "\"v1.36.0\" is too high");
  CHECK_THAT(failure("", "", 137).error.message, Contains("exit code 137"));
  CHECK_THAT(failure("error: \x1b[31mred\n").error.message, Contains("\\x1b[31mred"));
}

TEST_CASE("S19: names of preflight checks are one quoted word") {
  CHECK(ignore_preflight_option({}).empty());
  CHECK(ignore_preflight_option({"SystemVerification"}) ==
        " --ignore-preflight-errors=SystemVerification");
  CHECK(ignore_preflight_option({"Swap", "x; reboot"}) ==
        " --ignore-preflight-errors='Swap,x; reboot'");
}

TEST_CASE("a printed value is the one of its own line") {
  CHECK(printed_value("started_at=1795382048\nmore\n", "started_at") == "1795382048");
  CHECK(printed_value("a\nstarted_at=12 \r\n", "started_at") == "12");
  CHECK_FALSE(printed_value("xstarted_at=12\nstarted_at_=3\n", "started_at"));
  CHECK_FALSE(printed_value("", "started_at"));
}

}  // namespace drover::plans
