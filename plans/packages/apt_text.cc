#include "plans/packages/apt_text.h"

#include <fmt/format.h>

#include <map>

#include "inventory/base/quote.h"
#include "plans/packages/package_manager.h"
#include "plans/packages/script.h"

namespace drover::plans {
namespace {

// A file that has been edited since is not read by line number.
constexpr std::string_view kAsPlanned = R"sh(as_planned() {
  if [ "$(sed -n -E "$2{$minor;$mask;p;}" "$1")" != "$3" ]; then
    echo "E: line $2 of $1 is not the one that the plan was made from" >&2
    exit 65
  fi
}
)sh";

// Hooks on an update belong to the node's own index, and some delete downloaded packages.
// Source lists can hold passwords: only root reads them. apt's own user must reach the lists.
constexpr std::string_view kTarget = R"sh({
  cat /etc/apt/apt.conf 2>/dev/null || :
  printf '\n#clear APT::Update::%s;\n' Pre-Invoke Post-Invoke Post-Invoke-Success
} >"$T/main.conf"
printf 'Dir::Etc::main "%s";\n' "$T/main.conf" >"$T/apt.conf"
umask 022
mkdir -p "$T/lists/partial" "$T/archives/partial"
chmod 711 "$T"
target() {
  program=$1
  shift
  APT_CONFIG="$T/apt.conf" "$program" -o Dir::Etc::sourcelist="$T/s.list" \
    -o Dir::Etc::sourceparts="$parts" -o Dir::State::lists="$T/lists" -o Dir::Cache="$T" "$@"
}
target_update() {
  failed=0
  target apt-get -q -o APT::Update::Error-Mode=any update >"$T/log" 2>&1 || failed=$?
  if grep -q '^W: Some index files failed' "$T/log"; then failed=100; fi
  if [ "$failed" -ne 0 ]; then
    grep -E '^[EW]: ' "$T/log" >&2 || cat "$T/log" >&2
    exit "$failed"
  fi
}
)sh";

// Copies the paragraphs of a deb822 file in which the numbered lines stand.
constexpr std::string_view kParagraphs = R"sh(paragraphs() {
  awk -v numbers=" $1 " '
    /^[ \t\r]*$/ { if (wanted) print text; text = ""; wanted = 0; next }
    { text = text $0 "\n"; if (index(numbers, " " NR " ")) wanted = 1 }
    END { if (wanted) print text }'
}
)sh";

constexpr std::string_view kPatience = R"sh(now() {
  read -r up rest </proc/uptime
  echo "${up%%.*}"
}
patience() {
  patience_ends=$(($(now) + $1))
}
patience 300
left() {
  seconds=$((patience_ends - $(now)))
  if [ "$seconds" -lt 1 ]; then seconds=1; fi
  echo "$seconds"
}
locked='Could not get lock|Unable to (lock|acquire)|lock was locked by|is locked by another process'
patiently() {
  while :; do
    code=0
    "$@" 2>"$E" || code=$?
    if [ "$code" -ne 0 ] && grep -Eq "$locked" "$E" && [ "$(left)" -gt 1 ]; then
      sleep 1
      continue
    fi
    cat "$E" >&2
    return "$code"
  done
}
)sh";

struct SourceFile {
  std::string edits;    // for sed: "3{$minor;};"
  std::string prints;   // for sed -n: "3{$minor;p;};"
  std::string numbers;  // "3 7"
};

}  // namespace

std::string mask_expression() { return "mask='s#(://)[^/@[:space:]]*@#\\1***@#g;s#\\r$##'\n"; }

std::string line_expressions(int minor) {
  return fmt::format(
             "minor='s#([A-Za-z][A-Za-z0-9+.-]*:[^[:space:]]*/v1\\.)[0-9]+(/|[[:space:]]|$)"
             "#\\1{}\\2#g'\n",
             minor) +
         mask_expression();
}

std::string patience() { return std::string(kPatience); }

std::string package_rows(const std::vector<std::string>& names) {
  return "dpkg-query -W -f 'package ${Package} ${db:Status-Want} ${db:Status-Eflag} "
         "${db:Status-Status} ${Version}\\n'" +
         words(names);
}

std::string offer_rows(const std::vector<std::string>& names) {
  return "apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= madison" + words(names) +
         " 2>/dev/null | sed 's/^/offers /'\n";
}

bool is_deb822(std::string_view file) {
  constexpr std::string_view kEnding = ".sources";
  return file.size() > kEnding.size() && file.substr(file.size() - kEnding.size()) == kEnding;
}

std::string target_lists(const std::vector<RepositoryLine>& lines, int minor) {
  std::string text = line_expressions(minor);
  text += kAsPlanned;
  std::map<std::string, SourceFile> files;
  for (const RepositoryLine& line : lines) {
    text += fmt::format("as_planned {} {} {}\n", quote(line.file), line.line,
                        quote(with_minor(line.text, minor)));
    SourceFile& file = files[line.file];
    file.edits += fmt::format("{}{{$minor;}};", line.line);
    file.prints += fmt::format("{}{{$minor;p;}};", line.line);
    file.numbers += fmt::format("{}{}", file.numbers.empty() ? "" : " ", line.line);
  }
  text += "umask 077\nparts=/dev/null\n: >\"$T/s.list\"\n";
  int part = 0;
  for (const auto& [name, file] : files) {
    if (is_deb822(name)) {
      if (part++ == 0) text += fmt::format("{}parts=$T/parts\nmkdir \"$parts\"\n", kParagraphs);
      text += fmt::format("sed -E \"{}\" {} | paragraphs '{}' >\"$parts/{}.sources\"\n", file.edits,
                          quote(name), file.numbers, part);
    } else {
      text += fmt::format("sed -n -E \"{}\" {} >>\"$T/s.list\"\n", file.prints, quote(name));
    }
  }
  text += kTarget;
  return text;
}

}  // namespace drover::plans
