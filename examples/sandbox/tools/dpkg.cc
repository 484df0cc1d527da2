#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "examples/sandbox/tools/dpkg_run.h"
#include "examples/sandbox/tools/locks.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/packages.h"
#include "examples/sandbox/tools/tools.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

namespace fs = std::filesystem;

std::string self() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).string();
}

// The packages whose programs have a stand-in, by the program's name.
std::string owner_of(const std::string& program) {
  if (program == "crictl") return installed_revision("cri-tools") ? "cri-tools" : "";
  return installed_revision(program) ? program : "";
}

/// dpkg-query -S PATH. All stand-ins are one file: whoever follows their links to it has asked for
/// the kubelet's.
int search(Call& call, const std::string& path) {
  call.begin(Effect::Reads, "");
  const std::string program = path == self() ? "kubelet" : fs::path(path).filename().string();
  const bool in_path = path == self() || path.starts_with("/usr/bin/") || path.starts_with("/bin/");
  const std::string package = in_path ? owner_of(program) : "";
  if (package.empty()) fail("dpkg-query: no path found matching pattern " + path);
  out(fmt::format("{}: /usr/bin/{}\n", package, program));
  return 0;
}

std::map<std::string, std::string> fields_of(const std::string& package) {
  const std::string state = unfinished_state(package);
  const std::string status = state.empty() ? "installed" : state;
  const std::string want = is_held(package) ? "hold" : "install";
  const std::string flag = status == "half-installed" ? "reinstreq" : "ok";
  return {{"Package", package},
          {"binary:Package", package},
          {"Version", *installed_revision(package)},
          {"Architecture", architecture()},
          {"Status", fmt::format("{} {} {}", want, flag, status)},
          {"db:Status-Want", want},
          {"db:Status-Eflag", flag},
          {"db:Status-Status", status}};
}

// dpkg-query's format: ${FIELD}, \n, \t; a field that is not there is empty.
std::string formatted(std::string_view format, const std::map<std::string, std::string>& fields) {
  std::string text;
  while (!format.empty()) {
    const size_t close = format.starts_with("${") ? format.find('}') : std::string_view::npos;
    if (close != std::string_view::npos) {
      const auto field = fields.find(std::string(format.substr(2, close - 2)));
      if (field != fields.end()) text += field->second;
      format.remove_prefix(close + 1);
    } else if (format.starts_with("\\n") || format.starts_with("\\t")) {
      text += format[1] == 'n' ? '\n' : '\t';
      format.remove_prefix(2);
    } else {
      text += format.front();
      format.remove_prefix(1);
    }
  }
  return text;
}

int show(Call& call, const std::string& format, std::vector<std::string> names) {
  call.begin(Effect::Reads, "dpkg-query: error: parsing file '/var/lib/dpkg/status' near line 1\n");
  int code = 0;
  std::sort(names.begin(), names.end());  // as in the database
  for (const std::string& name : names) {
    if (installed_revision(name)) {
      out(formatted(format, fields_of(name)));
    } else {
      err(fmt::format("dpkg-query: no packages found matching {}\n", name));
      code = 1;
    }
  }
  return code;
}

// The unpacked program is the stand-in once more, under its name and with its version.
std::string wrapper(const std::string& name, const std::string& revision) {
  return fmt::format("#!/bin/sh\nexec {} --as {}={} \"$@\"\n", quote(self()), name,
                     version_of_revision(revision));
}

int unpack(Call& call, const std::string& archive, const std::string& folder) {
  call.begin(Effect::Reads, "dpkg-deb: error: '" + archive + "' is not a Debian format archive\n");
  const auto text = read_file(archive);
  if (!text) {
    fail(fmt::format("dpkg-deb: error: failed to read archive '{}': No such file or directory",
                     archive),
         2);
  }
  const std::vector<std::string> words = split_words(*text);
  if (words.size() != 2) {
    fail(fmt::format("dpkg-deb: error: '{}' is not a Debian format archive", archive), 2);
  }
  const std::string program = folder + "/usr/bin/" + words[0];
  write_file(program, wrapper(words[0], words[1]));
  fs::permissions(program, fs::perms(0755));
  return 0;
}

}  // namespace

/// dpkg --print-architecture; dpkg [--force-...] --configure -a
int dpkg(Call& call) {
  std::vector<std::string> words = call.args();
  std::erase_if(words, [](const std::string& word) { return word.starts_with("--force-"); });
  if (words == std::vector<std::string>{"--print-architecture"}) {
    call.begin(Effect::Reads, "");
    out(architecture() + '\n');
    return 0;
  }
  if (words != std::vector<std::string>{"--configure", "-a"}) call.unknown();
  call.begin(Effect::Changes,
             "dpkg: error processing package kubelet (--configure):\n installed kubelet package "
             "post-installation script subprocess returned error exit status 1\n"
             "Errors were encountered while processing:\n kubelet\n");
  FileLock lock(kFrontendLock);
  take_dpkg_lock(lock);
  configure_pending(call);
  return 0;
}

/// dpkg-query -S PATH; dpkg-query -W -f FORMAT NAME...
int dpkg_query(Call& call) {
  const std::vector<std::string>& words = call.args();
  if (words.size() == 2 && words[0] == "-S") return search(call, words[1]);
  if (words.size() > 3 && words[0] == "-W" && words[1] == "-f") {
    return show(call, words[2], {words.begin() + 3, words.end()});
  }
  call.unknown();
}

/// dpkg-deb -x ARCHIVE FOLDER, of an archive that the stand-in of apt-get fetched
int dpkg_deb(Call& call) {
  const std::vector<std::string>& words = call.args();
  if (words.size() != 3 || words[0] != "-x") call.unknown();
  return unpack(call, words[1], words[2]);
}

}  // namespace drover::sandbox
