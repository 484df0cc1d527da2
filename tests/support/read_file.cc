#include "tests/support/read_file.h"

#include <fstream>
#include <iterator>

namespace drover::test {

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace drover::test
