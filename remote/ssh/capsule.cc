#include "remote/ssh/capsule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "remote/ssh/frame.h"

namespace drover::remote {
namespace {

/// Runs in the capsule's folder's own process. No single quotes: it stands between two in kClient.
constexpr std::string_view kSupervisor = R"sh(
dir=${0%/*}
cd / && umask 022
@ENVIRONMENT@
read -r line </proc/$$/stat
set -- ${line##*) }
begun=${20}
read -r boot </proc/sys/kernel/random/boot_id
set -C # whoever makes this file runs the script
{ printf "%s %s %s\n" "$boot" $$ "$begun" >"$dir/started"; } 2>/dev/null || exit 0
set +C
if sync "$dir/cmd" "$dir/started" "$dir" "${dir%/*}" 2>>"$dir/err"; then
  trap : HUP INT TERM # what is sent to the whole group ends the script; its end is still to be written
  sh "$dir/cmd" </dev/null >>"$dir/out" 2>>"$dir/err"
  rc=$?
else
  echo "nothing was run: $dir cannot be written to the disk" >>"$dir/err"
  rc=125
fi
# In place of blanks: needs no new block on a full disk.
printf "rc=%s\n" $rc 1<>"$dir/end" || exit 1
printf "%s rc=%s\n" "$nonce" $rc >>"$dir/out"
printf "%s rc=%s\n" "$nonce" $rc >>"$dir/err"
sync "$dir/out" "$dir/err" "$dir/end"
)sh";

constexpr std::string_view kClient = R"sh(
verb=$1 base=$2 id=$3 fresh=$4 have_out=$5 have_err=$6 script=$7
dir=$base/$id
umask 077

# Makes the folder under another name first: it is there whole or not at all.
prepare() {
  new=$base/.$id.$$
  mkdir -p "$new" && printf %s "$script" >"$new/cmd" &&
    printf "nonce=%s%s" "$fresh" "$supervisor" >"$new/supervise" &&
    true >"$new/out" && true >"$new/err" && printf %64s "" >"$new/end" && mv -T "$new" "$dir" && return
  df -P "$base" >&2
  rm -rf "$new"
  [ -d "$dir" ] # somebody else was faster
}

ended() { read -r line <"$dir/end" && kind=$line; } # fails on a line that is not whole

# The fields of /proc/PID/stat after the name: state, parent, group, session, ..., start time.
stat_of() { { read -r line <"/proc/$1/stat"; } 2>/dev/null && line=${line##*) }; }

supervised() {
  stat_of "$pid" || return 1
  set -- $line
  [ "$1" != Z ] && [ "${20}" = "$begun" ]
}

# Whether a process of the supervisor's session lives although the supervisor does not. A later process
# with its number proves that the session is gone.
orphaned() {
  if stat_of "$pid"; then
    set -- $line
    [ "${20}" = "$begun" ] || return 1
  fi
  for process in /proc/[0-9]*; do
    stat_of "${process#/proc/}" || continue
    set -- $line
    [ "$4" = "$pid" ] && [ "$1" != Z ] && return 0
  done
  return 1
}

look() {
  kind=absent nonce=$fresh
  [ -d "$dir" ] || return 0
  read -r line <"$dir/supervise"
  nonce=${line#nonce=}
  ended && return 0
  kind=prepared
  [ -e "$dir/started" ] || return 0
  tries=0
  until read -r boot pid begun <"$dir/started"; do # it is made, and written a moment later
    kind=lost
    [ $((tries += 1)) -le 50 ] || return 0
    sleep 0.02
  done
  read -r now </proc/sys/kernel/random/boot_id
  kind=rebooted
  [ "$boot" = "$now" ] || return 0
  kind=running
  supervised || orphaned || ended || kind=lost
}

# Two may launch at once: the supervisors settle it between them. Sets kind, and pid if it runs.
launch() {
  kind=running
  if ! [ -d /run/systemd/system ] || ! command -v systemd-run >/dev/null; then
    setsid sh "$dir/supervise" </dev/null >/dev/null 2>&1 3<&- &
    pid=$!
    return
  fi
  tries=500
  systemd-run --quiet --collect --service-type=exec --unit="drover-$id.service" \
    --description="Drover step $id" -p KillMode=control-group -p OOMScoreAdjust=-500 \
    sh "$dir/supervise" </dev/null >&2 3<&- || tries=100
  until [ -s "$dir/started" ] || [ $((tries -= 1)) -lt 0 ]; do sleep 0.01; done
  [ -s "$dir/started" ] || withdraw
  [ $kind = refused ] || look
}

# Takes the folder away, so that a unit that comes late finds nothing to run.
withdraw() {
  away=$base/.$id.$$
  kind=refused
  mv -T "$dir" "$away" || return
  if [ -e "$away/started" ]; then
    mv -T "$away" "$dir"
    kind=running
  else
    rm -rf "$away"
  fi
}

mark_end() {
  printf "%s %s\n" "$nonce" "$kind"
  printf "%s %s\n" "$nonce" "$kind" >&4
}

# tail learns of new bytes from inotify, or by looking every -s where that fails, as on an overlay.
follow() {
  if ! supervised && orphaned; then
    (while orphaned; do sleep 1; done) 3<&- &
    pid=$!
  fi
  tail -c +$((have_out + 1)) -s 0.05 --pid="$pid" -f "$dir/out" 3<&- &
  out_tail=$!
  tail -c +$((have_err + 1)) -s 0.05 --pid="$pid" -f "$dir/err" 3<&- >&4 &
  err_tail=$!
  (read -r line <&3; kill $out_tail $err_tail) & # the caller has enough, or hung up
  ear=$!
  wait $out_tail $err_tail
  look
  [ "$kind" = lost ] && kind=running # a child may have written since; whoever asks again gets the rest
  mark_end
  wait $ear # what follows that line is not ours
}

look
if [ "$verb $kind" = "start absent" ]; then
  kind=refused
  prepare && look
fi
[ "$verb" != state ] && [ "$kind" = prepared ] && launch
printf "%s %s %s\n" "$fresh" "$kind" "$nonce"
printf "%s %s %s\n" "$fresh" "$kind" "$nonce" >&2
exec 4>&2 2>/dev/null # from here on stderr is the script's alone
case "$verb $kind" in
state* | *absent | *prepared | *refused) mark_end ;;
*running) follow ;;
*)
  tail -c +$((have_out + 1)) "$dir/out"
  tail -c +$((have_err + 1)) "$dir/err" >&4
  mark_end
  ;;
esac
)sh";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  return std::string(text.substr(0, at)) + std::string(to) +
         std::string(text.substr(at + from.size()));
}

std::string_view verb_text(CapsuleCall::Verb verb) {
  switch (verb) {
    case CapsuleCall::Verb::Start:
      return "start";
    case CapsuleCall::Verb::Follow:
      return "follow";
    case CapsuleCall::Verb::State:
      return "state";
  }
  return "state";
}

}  // namespace

std::string capsule_frame() {
  return fmt::format("supervisor='{}'{}", replaced(kSupervisor, "@ENVIRONMENT@", kSetEnvironment),
                     kClient);
}

std::string capsule_input(const std::string& nonce, const CapsuleCall& call) {
  return call_input(nonce, capsule_frame(),
                    {std::string(verb_text(call.verb)), call.folder, call.id, nonce,
                     std::to_string(call.out_bytes), std::to_string(call.err_bytes), call.script});
}

std::optional<CapsuleState> parse_capsule_state(std::string_view text) {
  using Kind = CapsuleState::Kind;
  if (text == "absent") return CapsuleState{Kind::Absent, {}};
  if (text == "prepared") return CapsuleState{Kind::Prepared, {}};
  if (text == "running") return CapsuleState{Kind::Running, {}};
  if (text == "lost") return CapsuleState{Kind::Lost, {}};
  if (text == "rebooted") return CapsuleState{Kind::Rebooted, {}};
  if (!text.starts_with("rc=")) return std::nullopt;
  text.remove_prefix(3);
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return CapsuleState{Kind::Done, code};
}

bool valid_capsule_id(std::string_view id) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto allowed = [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  return !id.empty() && id.size() <= 200 && alphanumeric(id.front()) &&
         std::all_of(id.begin(), id.end(), allowed);
}

}  // namespace drover::remote
