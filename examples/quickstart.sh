#!/usr/bin/env bash
# Drover in a minute, without a cluster: builds it on Debian 12, starts a make-believe cluster of one control plane and three
# workers (examples/sandbox), upgrades it, is killed half-way, and goes on.
#
#   examples/quickstart.sh            as root, or as an ordinary user; apt-get is asked only for packages that are missing
#
# Everything of it runs below one temporary folder; at the end only the files of the run are left there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(cmake ninja-build g++ libssh-dev libyaml-cpp-dev libcurl4-openssl-dev libssl-dev nlohmann-json3-dev libspdlog-dev
  libfmt-dev libboost-program-options-dev libexpected-dev catch2 libcpp-httplib-dev openssh-server openssh-client bubblewrap)
build=$PWD/build/release
drover=$build/drover
sandbox=$build/examples/sandbox/drover-sandbox

bold='' plain=''
[ ! -t 1 ] || bold=$'\033[1m' plain=$'\033[0m'
say() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
give_up() {
  printf '%s\n' "$@" >&2
  exit 1
}
# Shows a command as one would type it, and carries it out.
try() {
  printf '\n$ %s\n' "${*//$build\//}"
  "$@"
}

install_what_is_missing() {
  local installed missing=() package as_root=()
  installed=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p' | tr '\n' ' ') "
  for package in "${packages[@]}"; do
    [[ $installed == *" $package "* ]] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "Installing ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || give_up "These packages are missing, and sudo does not let you install them. Ask for:" \
      "  apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get -q update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
}

build_it() {
  say "Building"
  cmake --preset release >/dev/null
  cmake --build --preset release --target drover drover-sandbox drover-sandbox-tool
}

start_cluster() {
  say "Starting a make-believe cluster"
  "$sandbox" up --dir "$cluster" --workers 3 --speed 40 >"$work/sandbox.txt" 2>&1 &
  sandbox_pid=$!
  until grep -q '^ready' "$work/sandbox.txt"; do
    kill -0 "$sandbox_pid" 2>/dev/null || give_up "$(cat "$work/sandbox.txt")"
    sleep 0.05
  done
  cat "$work/sandbox.txt"
}

clean_up() {
  local pid
  for pid in "${drover_pid-}" "${sandbox_pid-}"; do
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  done
  wait || true
  rm -rf "$cluster" "$work"/*.txt
  rmdir "$work" 2>/dev/null || true      # stays when a run has left its files there
}

# Kills Drover with no chance to tidy up, once its output has a line that matches.
apply_and_kill_at() {
  printf '\n$ drover apply %s/upgrade.yaml --yes\n' "$cluster"
  "$drover" --state-dir "$state" apply "$cluster/upgrade.yaml" --yes > >(tee "$work/apply.txt") 2>&1 &
  drover_pid=$!
  until grep -Eq "$1" "$work/apply.txt" 2>/dev/null; do
    kill -0 "$drover_pid" 2>/dev/null || give_up "The upgrade ended before it could be killed."
    sleep 0.02
  done
  kill -9 "$drover_pid"
  wait "$drover_pid" 2>/dev/null || true
  drover_pid=
}

install_what_is_missing
build_it
SECONDS=0
work=$(mktemp -d "${TMPDIR:-/tmp}/drover-quickstart-XXXXXX")
cluster=$work/cluster
state=$work/state
trap clean_up EXIT
start_cluster

say "What would be done (this changes nothing)"
try "$drover" --state-dir "$state" plan "$cluster/upgrade.yaml"

say "Upgrading, and killing Drover with -9 in the middle of a worker"
apply_and_kill_at '^[0-9:]+ +ok +w1 +drain'
say "Killed. What is known of it:"
try "$drover" --state-dir "$state" status || true

say "Going on where it was"
try "$drover" --state-dir "$state" resume --yes

say "Done, $SECONDS seconds after the build"
try "$drover" --state-dir "$state" runs
echo
echo "The files of the run (plan, journal, events): $(echo "$state"/*/runs/*)"
echo "They are yours to look at and to remove: rm -r $work"
