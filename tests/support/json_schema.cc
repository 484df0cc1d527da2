#include "tests/support/json_schema.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "tests/support/source_dir.h"
#include "tests/support/temp_dir.h"

namespace drover::test {

std::vector<std::string> validate_json(const std::string& schema,
                                       const std::vector<std::string>& lines) {
  const TempDir dir;
  std::ofstream(dir.file("lines")) << join(lines, "\n") << '\n';
  const std::string root = source_dir();
  const std::string command = "python3 " + quote(root + "/tests/support/validate_json.py") + ' ' +
                              quote(schema) + " <" + quote(dir.file("lines")) + " >" +
                              quote(dir.file("verdicts"));
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  std::ifstream in(dir.file("verdicts"));
  std::vector<std::string> verdicts;
  for (std::string line; std::getline(in, line);) verdicts.push_back(line == "ok" ? "" : line);
  if (verdicts.size() != lines.size()) throw std::runtime_error("verdicts are missing: " + command);
  return verdicts;
}

}  // namespace drover::test
