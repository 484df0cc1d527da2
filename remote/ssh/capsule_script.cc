#include "remote/ssh/capsule_script.h"

#include "remote/ssh/frame.h"

namespace drover::remote {
namespace {

/// Runs in the capsule's folder's own process. No single quotes: it stands between two in kClient.
constexpr std::string_view kSupervisor = R"sh(
dir=${0%/*} base=${0%/*/*}
cd / && umask 022
@ENVIRONMENT@
# One command at a time on a host. The lock goes with this process, and what it runs does not inherit it.
exec 9>>"$base/.lock"
flock -n 9
case $? in
0) ;;
1)
  read -r holder <"$base/.holder"
  echo "another command of Drover runs on the host: $holder" >"$dir/busy"
  exit 0
  ;;
*)
  echo "flock cannot be run on the host" >"$dir/busy"
  exit 0
  ;;
esac
read -r line </proc/$$/stat
set -- ${line##*) }
begun=${20}
read -r boot </proc/sys/kernel/random/boot_id
set -C # whoever makes this file runs the script
{ true >"$dir/started"; } 2>/dev/null || exit 0
set +C
if ! printf "%s %s %s\n" "$boot" $$ "$begun" >>"$dir/started"; then
  rm -f "$dir/started" # on a full disk: nothing was run, and nobody is to believe that it was
  echo "its beginning cannot be written to the disk" >"$dir/busy"
  exit 0
fi
echo "${dir##*/}" >"$base/.holder"

# Of more output than anybody reads the last part is kept, at its place, and the disk is not filled.
trim() {
  size=$(stat -c %s "$dir/$1") && [ "$size" -gt $((2 * kept)) ] || return
  fallocate --punch-hole --offset 0 --length $((size - kept)) "$dir/$1" && echo $((size - kept)) >"$dir/$1.from"
}
kept=@KEPT@
(while sleep 2 && kill -0 $$; do trim out; trim err; done) 9>&- 2>/dev/null >&2 &
watch=$!
if sync "$dir/cmd" "$dir/started" "$dir" "${dir%/*}" 2>>"$dir/err"; then
  trap : HUP INT TERM # what is sent to the whole group ends the script; its end is still to be written
  sh "$dir/cmd" </dev/null >>"$dir/out" 2>>"$dir/err" 9>&-
  rc=$?
else
  echo "nothing was run: $dir cannot be written to the disk" >>"$dir/err"
  rc=125
fi
# In place of blanks: needs no new block on a full disk.
printf "rc=%s\n" $rc 1<>"$dir/end" || exit 1
exec 9>&- # whoever hears of the end may start the next
printf "%s rc=%s\n" "$nonce" $rc >>"$dir/out"
printf "%s rc=%s\n" "$nonce" $rc >>"$dir/err"
sync "$dir/out" "$dir/err" "$dir/end"
kill $watch

# Of capsules that have ended, the newest 200 stay, and those of a week.
ls -1t "$base" | tail -n +201 | while read -r old; do
  read -r line <"$base/$old/end" && [ -n "$(find "$base/$old" -maxdepth 0 -mtime +7)" ] && rm -rf "${base:?}/$old"
done
find "$base" -mindepth 1 -maxdepth 1 -type d -name ".*" -mmin +60 -exec rm -rf {} +
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
  [ -e "$dir/busy" ] && rm -f "$dir/busy"
  if ! [ -d /run/systemd/system ] || ! command -v systemd-run >/dev/null; then
    setsid sh "$dir/supervise" </dev/null >/dev/null 2>&1 3<&- &
    pid=$!
    return
  fi
  tries=500
  systemd-run --quiet --collect --service-type=exec --unit="drover-$id.service" \
    --description="Drover step $id" -p KillMode=control-group -p OOMScoreAdjust=-500 \
    sh "$dir/supervise" </dev/null >&2 3<&- || tries=100
  until [ -s "$dir/started" ] || [ -e "$dir/busy" ] || [ $((tries -= 1)) -lt 0 ]; do sleep 0.01; done
  [ -s "$dir/started" ] || [ -e "$dir/busy" ] || withdraw
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

# All that the capsule runs but its supervisor: what is in its session, and in its unit.
members() {
  members=
  for process in /proc/[0-9]*; do
    member=${process#/proc/}
    [ "$member" != "$pid" ] && stat_of "$member" || continue
    set -- $line
    [ "$1" != Z ] || continue
    if [ "$4" != "$pid" ]; then
      in_unit=
      while read -r line; do
        case $line in */"drover-$id.service") in_unit=yes ;; esac
      done <"$process/cgroup"
      [ "$in_unit" ] || continue
    fi
    members="$members $member"
  done
  [ "$members" ]
}

# Ten seconds to end in order; then what is left is killed. The supervisor stays to write the end.
cancel() {
  read -r now rest </proc/uptime
  from=${now%.*} past=0 told=
  while members && [ $past -lt 15 ]; do
    if [ $past -ge 10 ]; then kill -KILL $members; elif [ -z "$told" ]; then kill -TERM $members; fi
    told=yes
    sleep 0.1
    read -r now rest </proc/uptime
    past=$((${now%.*} - from))
  done
  until ended || ! supervised || [ $past -ge 16 ]; do
    sleep 0.05
    read -r now rest </proc/uptime
    past=$((${now%.*} - from))
  done
  look
} 2>/dev/null

mark_end() {
  if [ "$kind" = prepared ] && [ -e "$dir/busy" ]; then
    read -r line <"$dir/busy" || line="its disk is full"
    kind="busy=$line"
  fi
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
  # The caller has enough, or hung up: nobody waits for tail, which takes 10 ms to let go of inotify.
  read -r me line </proc/self/stat
  trap exit USR1
  (read -r line <&3; kill $out_tail $err_tail; kill -USR1 $me) &
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
case "$verb $kind" in
start*prepared | follow*prepared) launch ;;
cancel*running) cancel ;;
esac
gone_out=0 gone_err=0 # bytes of the beginning that were not kept
[ -e "$dir/out.from" ] && read -r gone_out <"$dir/out.from"
[ -e "$dir/err.from" ] && read -r gone_err <"$dir/err.from"
[ "$have_out" -lt "$gone_out" ] && have_out=$gone_out
[ "$have_err" -lt "$gone_err" ] && have_err=$gone_err
printf "%s %s %s %s %s\n" "$fresh" "$kind" "$have_out" "$have_err" "$nonce"
printf "%s %s %s %s %s\n" "$fresh" "$kind" "$have_out" "$have_err" "$nonce" >&2
exec 4>&2 2>/dev/null # from here on stderr is the script's alone
case "$verb $kind" in
state* | cancel* | *absent | *prepared | *refused) mark_end ;;
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

}  // namespace

std::string capsule_script() {
  std::string supervisor = replaced(kSupervisor, "@ENVIRONMENT@", kSetEnvironment);
  supervisor = replaced(supervisor, "@KEPT@", std::to_string(kCapsuleKeeps));
  return "supervisor='" + supervisor + "'" + std::string(kClient);
}

}  // namespace drover::remote
