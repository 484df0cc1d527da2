#include "remote/ssh/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "inventory/base/digest.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "remote/clock.h"
#include "remote/ssh/root_shell.h"

namespace drover::remote {
namespace {

constexpr std::size_t kSentPiece = std::size_t{256} << 10;
constexpr int kFailuresInARow = 5;
constexpr std::chrono::seconds kPause{1};

/// Parameters: path, size, SHA-256, nonce. Announces what is there already; the rest of the file
/// then comes on descriptor 3. Ends its shell with itself, so that nothing of the file can be taken
/// for a script.
constexpr std::string_view kReceive = R"sh(
path=$1 size=$2 sha=$3 nonce=$4
part=$path.$sha.part
umask 077
end() {
  printf "%s rc=%s\n" "$nonce" "$1"
  printf "%s rc=%s\n" "$nonce" "$1" >&2
  exit
}
have=0
if true >>"$part"; then have=$(stat -c %s "$part"); else size=-1; fi
[ "$have" -le "$size" ] || true >"$part"
[ "$have" -le "$size" ] || have=0
printf "%s %s %s\n" "$nonce" "$have" "$nonce"
printf "%s %s %s\n" "$nonce" "$have" "$nonce" >&2
[ "$size" -ge 0 ] || end 1
head -c $((size - have)) <&3 >>"$part" || end 1
[ "$(stat -c %s "$part")" -eq "$size" ] || end 1
if [ "$(sha256sum <"$part")" != "$sha  -" ]; then
  rm -f "$part"
  echo "what arrived has another SHA-256" >&2
  end 1
fi
sync "$part" && mv -fT "$part" "$path" && sync "${path%/*}/" || end 1
end 0
)sh";

/// The SHA-256 in a line of its own, then the bytes behind those at hand.
std::string send_script(const std::string& path, std::uint64_t have) {
  return fmt::format(
      "f={}; sha=$(sha256sum <\"$f\") && printf '%s\\n' \"${{sha%% *}}\" "
      "&& tail -c +{} \"$f\"",
      quote(path), have + 1);
}

std::optional<int> exit_code(const FramedOutput& framed) {
  const auto ending = framed.ending();
  if (!ending || !ending->starts_with("rc=")) return std::nullopt;
  return std::atoi(ending->c_str() + 3);
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Transfer::Transfer(const SshTarget& target, Connect connect, Limit limit)
    : target_(target), connect_(std::move(connect)), limit_(std::move(limit)) {}

Error Transfer::failed(const std::string& remote, const Said& said) const {
  const auto lines = split_lines(said.err);
  Error error = target_error(
      target_, ErrorKind::Command,
      fmt::format("{}: {}", remote, lines.empty() ? "no reason given" : sanitise(lines.front())),
      "look at the path, its folder and the room on the host's disk");
  error.detail = said.err;
  return error;
}

Status Transfer::over_connections(const std::function<Status(SshSession&)>& round) {
  SystemClock clock;
  for (int failures = 0;;) {
    const std::uint64_t before = moved_;
    const auto session = connect_(limit_.deadline);
    Status done = session ? round(**session) : Status(session.error());
    if (done || done.error().kind != ErrorKind::Unreachable) return done;
    if (session) (*session)->close();
    failures = moved_ != before ? 0 : failures + 1;
    if (failures >= kFailuresInARow) return done;
    if (failures > 0 &&
        !clock.wait_until(std::min(clock.now() + kPause, limit_.deadline), limit_.stop))
      return done;
    if (clock.now() >= limit_.deadline) return done;
  }
}

Status Transfer::upload(const std::string& local, const std::string& remote) {
  DROVER_TRY_ASSIGN(const LocalFile file, LocalFile::open_to_read(local));
  DROVER_TRY_ASSIGN(const std::uint64_t size, file.size());
  DROVER_TRY_ASSIGN(const std::string sha, file.sha256(size));
  return over_connections([&](SshSession& session) { return send(session, file, remote, sha); });
}

Status Transfer::send(SshSession& session, const LocalFile& file, const std::string& remote,
                      const std::string& sha) {
  DROVER_TRY_ASSIGN(const std::uint64_t size, file.size());
  const auto shell = session.root_apart();
  const std::string nonce = random_hex(16);
  Said said;
  FramedOutput framed(nonce, FramedOutput::Ending::Announced,
                      [&](Stream stream, std::string_view bytes) {
                        if (stream == Stream::Err) said.err += bytes;
                      });
  const auto hear = [&](Stream stream, std::string_view bytes) {
    return framed.feed(stream, bytes);
  };
  const ExecSink until_announced = [&](Stream stream, std::string_view bytes) {
    return hear(stream, bytes) && !framed.announcement();
  };
  const std::string input =
      last_call_input(nonce, kReceive, {remote, std::to_string(size), sha, nonce});
  DROVER_TRY_ASSIGN(auto ended, shell->exec(input, until_announced, limit_));
  std::uint64_t have = 0;
  if (ended && !framed.began()) return shell->no_root(*ended, framed);
  if (!ended && read_number(*framed.announcement(), have) && !framed.ending()) {
    while (have < size) {
      DROVER_TRY_ASSIGN(const std::string piece, file.read(have, kSentPiece));
      if (piece.empty())
        return Error{ErrorKind::File, "the file was cut while it was sent", {}, {}, {}};
      DROVER_TRY(shell->say(piece, limit_));
      have += piece.size();
      moved_ += piece.size();
    }
    DROVER_TRY(shell->listen(hear, limit_));
  }
  said.exit_code = exit_code(framed);
  if (said.exit_code == 0) return {};
  if (said.exit_code) {
    said.err.insert(0, framed.preface(Stream::Err));
    return failed(remote, said);
  }
  return target_error(target_, ErrorKind::Unreachable, "the host ended the channel of a file");
}

Status Transfer::download(const std::string& remote, const std::string& local) {
  const std::string part_name = local + ".part";
  DROVER_TRY_ASSIGN(LocalFile part, LocalFile::open_to_go_on(part_name));
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Status fetched =
        over_connections([&](SshSession& session) { return fetch(session, remote, part); });
    if (!fetched) {
      if (part.size().value_or(0) == 0) std::remove(part_name.c_str());
      return fetched;
    }
    DROVER_TRY_ASSIGN(const std::uint64_t size, part.size());
    DROVER_TRY_ASSIGN(const std::string sha, part.sha256(size));
    if (sha == wanted_sha_) return part.move_to(local);
    DROVER_TRY(part.cut(0));  // begun with another file, or of one that changed meanwhile
  }
  return target_error(
      target_, ErrorKind::Command,
      fmt::format("{}: what arrived has another SHA-256 than the host's file", remote),
      "see that nobody writes to the file meanwhile");
}

Status Transfer::fetch(SshSession& session, const std::string& remote, LocalFile& part) {
  DROVER_TRY_ASSIGN(std::uint64_t have, part.size());
  const std::string nonce = random_hex(16);
  Said said;
  std::string header;
  bool in_body = false;
  Status kept;
  FramedOutput framed(nonce, FramedOutput::Ending::Nonce,
                      [&](Stream stream, std::string_view bytes) {
                        if (stream == Stream::Err) {
                          said.err += bytes;
                          return;
                        }
                        if (!in_body) {
                          const size_t end = bytes.find('\n');
                          header += bytes.substr(0, end);
                          if (end == std::string_view::npos) return;
                          in_body = true;
                          bytes.remove_prefix(end + 1);
                        }
                        if (kept) kept = part.append(bytes);
                        moved_ += bytes.size();
                      });
  const ExecSink sink = [&](Stream stream, std::string_view bytes) {
    return framed.feed(stream, bytes) && kept;
  };
  DROVER_TRY_ASSIGN(
      const auto ended,
      session.exec_as_root(script_input(nonce, send_script(remote, have)), sink, limit_));
  if (!kept) {
    session.close();
    return kept;
  }
  if (ended && !framed.began()) return session.no_root(*ended, framed);
  said.exit_code = exit_code(framed);
  if (!said.exit_code) {
    return target_error(target_, ErrorKind::Unreachable, "the host ended the channel of a file");
  }
  if (said.exit_code != 0) return failed(remote, said);
  const auto words = split_words(header);
  if (words.empty()) return failed(remote, said);
  wanted_sha_ = words.front();
  return {};
}

}  // namespace drover::remote
