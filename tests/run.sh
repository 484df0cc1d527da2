#!/usr/bin/env bash
# Builds and tests Drover on Debian 12; installs by apt what is missing. The last line of the output is `N passed, N failed`.
#
#   tests/run.sh                  formatting; release and asan builds with all tests; tsan with those of code that has threads; a compile
#                                 check with clang
#   tests/run.sh --cluster        also CI's selection of the real-cluster suite (tests/cluster)
#   tests/run.sh --cluster=full   also all of that suite
#
# With CI=true warnings are errors, and what cannot run here counts as failed instead of being skipped.
# The suite's binaries are kept in $DROVER_BED (default: ~/.cache/drover-bed).
set -uo pipefail
exec </dev/null
# Debian's own python3 and tools, whatever else is installed: the packages below belong to them.
export PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH"
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

cluster=
case "$#:${1-}" in
  0:) ;;
  1:--cluster) cluster=selection ;;
  1:--cluster=full) cluster=full ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

ci=${CI:-false}
jobs=$(nproc)
passed=0
failed=0
logs=$(mktemp -d)

build_packages=(cmake ninja-build ccache g++ clang clang-format git libssh-dev libyaml-cpp-dev libcurl4-openssl-dev libssl-dev
  nlohmann-json3-dev libspdlog-dev libfmt-dev libboost-program-options-dev libexpected-dev)
test_packages=(catch2 libcpp-httplib-dev librapidcheck-dev libbenchmark-dev openssh-server openssh-client openssl sudo python3
  python3-jsonschema bubblewrap)
cluster_packages=(iproute2 iptables runc debootstrap debian-archive-keyring gpgv ca-certificates dpkg-dev apt-utils procps
  containernetworking-plugins haproxy gcc libc6-dev curl)

title() { printf '\n== %s (%d min %02d s)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }
pass() { passed=$((passed + ${2-1})); printf '  ok     %s\n' "$1"; }
fail() { failed=$((failed + ${2-1})); printf '  FAILED %s\n' "$1"; }

finish() {
  printf '\nTook %d min %02d s\n%d passed, %d failed\n' $((SECONDS / 60)) $((SECONDS % 60)) "$passed" "$failed"
  [ "$failed" -eq 0 ]
  exit
}

# Installs those of the named packages that are missing.
install() {
  local installed missing=() package sudo=()
  installed=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p' | tr '\n' ' ') "
  for package in "$@"; do
    [[ $installed == *" $package "* ]] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "installing ${missing[*]}"
  [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
  "${sudo[@]}" apt-get -q update &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

# Runs a command whose output matters only when it fails.
quietly() {
  local log
  log=$(mktemp)
  "$@" >"$log" 2>&1
  local code=$?
  [ $code -eq 0 ] || tail -n 200 "$log"
  rm -f "$log"
  return $code
}

build() { # preset [target]
  cmake --preset "$1" -DDROVER_WERROR="$([ "$ci" = true ] && echo ON || echo OFF)" &&
    cmake --build --preset "$1" -j "$jobs" ${2+--target "$2"}
}

# Tests wait half of the time: what is needed later is made meanwhile, in the time that nothing else wants.
in_background() { # command...
  set -m # a process group of its own, to be ended as a whole
  (
    chrt --idle --pid 0 "$BASHPID" 2>/dev/null
    "$@"
  ) &
  set +m
}

logged() { # name, command...
  "${@:2}" >"$logs/$1" 2>&1
  echo $? >"$logs/$1.code"
}

build_the_rest() {
  logged asan build asan
  logged tsan build tsan
  logged clang build clang drover
}

# Waits for what is made in the background, whose output matters only when it failed.
came_well() { # name, its process
  until [ -s "$logs/$1.code" ]; do
    kill -0 "$2" 2>/dev/null || [ -s "$logs/$1.code" ] || { echo "$1: ended half-way"; break; }
    sleep 0.2
  done
  [ "$(cat "$logs/$1.code" 2>/dev/null)" = 0 ] || { tail -n 200 "$logs/$1"; return 1; }
}

end_all() {
  local group
  for group in $(jobs -p); do kill -- "-$group" 2>/dev/null; done
  rm -rf "$logs"
}
trap end_all EXIT
trap 'exit 130' INT TERM

number_of() { # attribute, JUnit file
  sed -n "s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p;/<testcase/q" "$2" | head -n 1
}

# Runs all tests of one build and adds them to the sum; further words stand before ctest.
run_tests() { # preset [word...]
  local preset=$1 report="$PWD/build/$1/tests.xml" all bad left
  shift
  rm -f "$report"
  quietly "$@" ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=error --timeout 600 --output-junit "$report"
  local code=$?
  all=$(number_of tests "$report" 2>/dev/null)
  bad=$(number_of failures "$report" 2>/dev/null)
  left=$(($(number_of skipped "$report" 2>/dev/null || echo 0) + $(number_of disabled "$report" 2>/dev/null || echo 0)))
  if [ $code -ne 0 ] && [ "${bad:-0}" -eq 0 ]; then
    fail "$preset: ctest exits $code"
  fi
  [ "${bad:-0}" -eq 0 ] || fail "$preset: $bad tests" "$bad"
  if [ "$left" -gt 0 ]; then
    if [ "$ci" = true ]; then fail "$preset: $left tests were skipped" "$left"; else echo "  skipped: $left tests"; fi
  fi
  [ $((${all:-0} - ${bad:-0} - left)) -le 0 ] || pass "$preset: $((all - bad - left)) tests" $((all - bad - left))
}

build_release() {
  title "Build: release"
  quietly build release && return
  fail "release builds"
  finish
}

test_preset() { # preset [word before ctest...]
  title "Tests: $1"
  if came_well "$1" "$builds"; then run_tests "$@"; else fail "$1 builds"; fi
}

formatting() {
  title "Formatting"
  if find inventory plans remote orchestrator examples tests \( -name '*.cc' -o -name '*.h' \) -print0 |
    xargs -0r clang-format --dry-run -Werror; then pass "clang-format"; else fail "clang-format"; fi
}

# The README's first command. It builds nothing anew after the release build.
quickstart() {
  title "Quickstart"
  if quietly timeout 300 examples/quickstart.sh; then pass "examples/quickstart.sh"; else fail "examples/quickstart.sh"; fi
}

compiles_with_clang() {
  title "Compile with clang"
  if came_well clang "$builds"; then pass "clang compiles each file by itself"; else fail "clang compiles it"; fi
}

real_cluster() {
  title "Real cluster"
  came_well bed "$bed" || true # the suite tries again, and says what is wrong
  local log sums
  log=$(mktemp)
  python3 tests/cluster/suite.py $([ "$cluster" = full ] && echo --full) | tee "$log"
  local code=${PIPESTATUS[0]}
  sums=$(sed -n 's/^Real-cluster suite: \([0-9]* passed, [0-9]* failed\) .*/\1/p' "$log")
  rm -f "$log"
  if [ "$code" -eq 77 ]; then
    [ "$ci" = true ] && fail "the real-cluster suite cannot run here"
    return
  fi
  if [ -n "$sums" ]; then
    passed=$((passed + $(echo "$sums" | cut -d' ' -f1)))
    failed=$((failed + $(echo "$sums" | cut -d' ' -f3)))
  fi
  if [ "$code" -ne 0 ] && [[ "$sums" != *", "[1-9]* ]]; then fail "the real-cluster suite exits $code"; fi
}

title "Packages"
packages=("${build_packages[@]}" "${test_packages[@]}")
[ -z "$cluster" ] || packages+=("${cluster_packages[@]}")
if ! install "${packages[@]}"; then
  fail "apt-get installs what is needed"
  finish
fi

bed=
if [ -n "$cluster" ]; then
  in_background logged bed python3 tests/cluster/suite.py --prepare
  bed=$!
fi
formatting
build_release
in_background build_the_rest
builds=$!
quickstart
title "Tests: release"
run_tests release
test_preset asan
# Where addresses are randomised more than this compiler's TSan knows, it refuses to start.
if setarch -R true 2>/dev/null; then test_preset tsan setarch -R; else test_preset tsan; fi
compiles_with_clang
[ -z "$cluster" ] || real_cluster
finish
