#include "orchestrator/state/journal_file.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "inventory/base/digest.h"
#include "tests/support/read_file.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

constexpr std::string_view kTime = "2026-11-22T21:11:29.000Z";

void write_all_of(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::unique_ptr<JournalFile> open_journal(const std::string& path) {
  auto journal = JournalFile::open(path, [] { return std::string(kTime); });
  INFO((journal ? "" : journal.error().message));
  REQUIRE(journal);
  return std::move(*journal);
}

Record record(const std::string& type, const std::string& step = "", int attempt = 0,
              std::map<std::string, std::string> fields = {}) {
  return {0, "", type, step, attempt, std::move(fields)};
}

Record run_begun() {
  return record("run-begun", "", 0,
                {{"schema", std::string(kJournalSchema)}, {"run", "r1"}, {"cluster", "prod"}});
}

// One of each type, with text that is awkward in JSON and in a line-based file.
std::vector<Record> sample_records() {
  const std::string drain = "v1.34/w1/drain";
  return {run_begun(),
          record("step-begun", drain, 1),
          record("effect-intent", drain, 1,
                 {{"effect", "1"}, {"before.line", "deb \"x\"\n{\"seq\":9}\t\\ \x1b[31m é"}}),
          record("effect-outcome", drain, 1, {{"effect", "1"}, {"exit_code", "0"}}),
          record("step-ended", drain, 1,
                 {{"status", "succeeded"}, {"note.raw", std::string("\xff\x00\xfe", 3)}}),
          record("run-ended", "", 0, {{"status", "succeeded"}, {"exit_code", "0"}})};
}

std::string sample_text() {
  std::string text;
  std::uint64_t seq = 0;
  for (Record record : sample_records()) {
    record.seq = ++seq;
    record.time = kTime;
    text += format_record(record) + '\n';
  }
  return text;
}

void require_prefix_of_sample(const JournalContent& content) {
  const std::vector<Record> whole = sample_records();
  REQUIRE(content.records.size() <= whole.size());
  for (size_t i = 0; i < content.records.size(); ++i) {
    const Record& record = content.records[i];
    REQUIRE(record.seq == i + 1);
    REQUIRE(record.time == kTime);
    REQUIRE(record.type == whole[i].type);
    REQUIRE(record.step == whole[i].step);
    REQUIRE(record.attempt == whole[i].attempt);
    REQUIRE(record.fields == whole[i].fields);
  }
}

// The text with `line` replaced by itself after `change`, with a fitting CRC.
std::string resealed(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  const size_t begin = text.rfind('\n', at) + 1;
  const size_t end = text.find('\n', at);
  std::string line = text.substr(begin, end - begin);
  line.replace(line.find(from), from.size(), to);
  line = line.substr(0, line.rfind(",\"crc\":")) + '}';
  const std::string crc = fmt::format("{:08x}", crc32(line));
  line.pop_back();
  return text.replace(begin, end - begin, line + ",\"crc\":\"" + crc + "\"}");
}

}  // namespace

TEST_CASE("S4: what is appended is read back byte for byte after a restart", "[journal]") {
  test::TempDir dir;
  const std::string path = dir.file("journal.jsonl");
  for (const Record& record : sample_records()) REQUIRE(open_journal(path)->append(record));
  const auto content = load_journal(path);
  REQUIRE(content);
  CHECK(content->records.size() == sample_records().size());
  CHECK(content->cut.empty());
  require_prefix_of_sample(*content);
  CHECK(test::read_file(path) == sample_text());
}

TEST_CASE("the journal is for its owner only", "[journal]") {
  test::TempDir dir;
  open_journal(dir.file("journal.jsonl"));
  struct stat info {};
  REQUIRE(stat(dir.file("journal.jsonl").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a record is one line of JSON that ends with its CRC", "[journal]") {
  Record begun = record("step-begun", "v1.34/w1/drain", 1);
  begun.seq = 3;
  begun.time = kTime;
  const std::string line = format_record(begun);
  CHECK(line ==
        R"({"seq":3,"time":"2026-11-22T21:11:29.000Z","type":"step-begun","step":"v1.34/w1/drain",)"
        R"("attempt":1,"crc":"bbaa8fe5"})");
}

TEST_CASE("S20: a journal cut off at any byte is a prefix of its records", "[journal]") {
  const std::string text = sample_text();
  size_t whole_lines = 0;
  for (size_t length = 0; length <= text.size(); ++length) {
    CAPTURE(length);
    const auto content = read_journal(text.substr(0, length));
    REQUIRE(content);
    require_prefix_of_sample(*content);
    const bool at_line_end = length == 0 || text[length - 1] == '\n';
    if (length > 0 && at_line_end) ++whole_lines;
    REQUIRE(content->records.size() == whole_lines);
    REQUIRE(content->cut.empty() == at_line_end);
    REQUIRE(text.substr(0, content->valid_bytes) == sample_text().substr(0, content->valid_bytes));
  }
}

TEST_CASE("S20: any byte damaged in the last line is cut, elsewhere refused", "[journal]") {
  const std::string text = sample_text();
  const size_t last_line = text.rfind('\n', text.size() - 2) + 1;
  for (size_t at = 0; at < text.size(); ++at) {
    for (const unsigned flip : {0x01u, 0x20u, 0x80u, 0xFFu}) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flip);
      CAPTURE(at, flip);
      const auto content = read_journal(damaged);
      if (at >= last_line) {
        REQUIRE(content);
        require_prefix_of_sample(*content);
        REQUIRE(content->records.size() == sample_records().size() - 1);
        REQUIRE(content->valid_bytes == last_line);
        REQUIRE(!content->cut.empty());
      } else {
        REQUIRE(!content);
        REQUIRE(content.error().kind == ErrorKind::State);
        REQUIRE(!content.error().remedy.empty());
      }
    }
  }
}

TEST_CASE("S20: a byte that became a newline splits a record and nothing else", "[journal]") {
  const std::string text = sample_text();
  const size_t last_line = text.rfind('\n', text.size() - 2) + 1;
  for (size_t at = 0; at + 1 < text.size(); ++at) {
    if (text[at] == '\n') continue;
    std::string damaged = text;
    damaged[at] = '\n';
    CAPTURE(at);
    const auto content = read_journal(damaged);
    REQUIRE(content.has_value() == (at >= last_line));
    if (content) REQUIRE(content->records.size() == sample_records().size() - 1);
  }
}

TEST_CASE("S20: zeros that a crash left behind the last record are cut", "[journal]") {
  const auto content = read_journal(sample_text() + std::string(4096, '\0'));
  REQUIRE(content);
  CHECK(content->records.size() == sample_records().size());
  CHECK(content->valid_bytes == sample_text().size());
  CHECK(content->cut == "its last record (line 7, 4096 bytes) is damaged and left out");
}

TEST_CASE("S20: a missing record is refused", "[journal]") {
  std::string text = sample_text();
  const size_t second = text.find('\n') + 1;
  text.erase(second, text.find('\n', second) + 1 - second);
  const auto content = read_journal(text);
  REQUIRE(!content);
  CHECK(content.error().message == "line 2 has number 3 where 2 is due: records are missing");
}

TEST_CASE("S20: another schema is refused and named", "[journal]") {
  const auto content = read_journal(resealed(sample_text(), "journal/1", "journal/2"));
  REQUIRE(!content);
  CHECK(content.error().kind == ErrorKind::State);
  CHECK(content.error().message == "schema drover/journal/2, this program reads drover/journal/1");
  CHECK(content.error().remedy == "go on with the version of Drover that began this run");

  CHECK(!read_journal(resealed(sample_text(), "run-begun", "run-began")));
}

TEST_CASE("S20: an intact line that is no record is refused", "[journal]") {
  const std::string text = resealed(sample_text(), "\"attempt\":1", "\"attempt\":\"one\"");
  const auto content = read_journal(text);
  REQUIRE(!content);
  CHECK(content.error().message == "line 2 is not a record of this schema");
}

TEST_CASE("S20: after a cut the journal goes on in the file where it was whole", "[journal]") {
  test::TempDir dir;
  const std::string path = dir.file("journal.jsonl");
  const std::string text = sample_text();
  const size_t last_line = text.rfind('\n', text.size() - 2) + 1;
  write_all_of(path, text.substr(0, text.size() - 5));
  const auto before = load_journal(path);
  REQUIRE(before);
  CHECK(before->cut ==
        "journal " + path + ": its last record (line 6, 123 bytes) is damaged and left out");
  REQUIRE(open_journal(path)->append(sample_records().back()));
  CHECK(test::read_file(path) == text);
  CHECK(last_line == before->valid_bytes);
}

TEST_CASE("S20: a damaged journal is not opened, and named with its path", "[journal]") {
  test::TempDir dir;
  const std::string path = dir.file("journal.jsonl");
  std::string text = sample_text();
  text[10] = '?';
  write_all_of(path, text);
  const auto journal = JournalFile::open(path, [] { return std::string(kTime); });
  REQUIRE(!journal);
  CHECK(journal.error().message ==
        "journal " + path + ": line 1 is damaged, and records follow it");
  CHECK(test::read_file(path) == text);
}

TEST_CASE("S4: when the disk is full the append fails and nothing later is written", "[journal]") {
  test::TempDir dir;
  const std::string path = dir.file("journal.jsonl");
  // In a process of its own: the limit and the ignored signal end with it.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    auto journal = JournalFile::open(path, [] { return std::string(kTime); });
    if (!journal || !(*journal)->append(run_begun())) _exit(10);
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) _exit(11);
    const rlim_t limit = static_cast<rlim_t>(info.st_size) + 20;
    const rlimit small{limit, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &small) != 0) _exit(12);
    const Status full = (*journal)->append(record("step-begun", "v1.34/w1/drain"));
    if (full || full.error().kind != ErrorKind::State) _exit(13);
    if (full.error().message.find("File too large") == std::string::npos) _exit(14);
    if (full.error().remedy.empty()) _exit(15);
    const rlimit large{RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &large) != 0) _exit(16);
    const Status later = (*journal)->append(record("step-begun", "v1.34/w1/cordon"));
    _exit(later ? 17 : 0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  const auto content = load_journal(path);
  REQUIRE(content);
  CHECK(content->records.size() == 1);
  CHECK(!content->cut.empty());
}

TEST_CASE("an empty journal has no records", "[journal]") {
  test::TempDir dir;
  const auto content = load_journal(dir.file("none"));
  REQUIRE(content);
  CHECK(content->records.empty());
  CHECK(content->cut.empty());
}

TEST_CASE("S20: a field named after a file whose name is no text is written all the same",
          "[journal]") {
  Record record{1, "t", "run-begun", "", 0, {{"schema", std::string(kJournalSchema)}}};
  record.fields["before./etc/apt/\xff.list:1"] = "deb";
  const auto content = read_journal(format_record(record) + "\n");
  REQUIRE(content);
  REQUIRE(content->records.size() == 1);
  CHECK(content->records[0].fields.size() == 2);
}

}  // namespace drover::orchestrator
