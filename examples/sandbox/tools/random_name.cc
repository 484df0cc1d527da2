#include "examples/sandbox/tools/random_name.h"

#include <random>
#include <string_view>

namespace drover::sandbox {
namespace {

std::string random_of(std::string_view alphabet, int count) {
  std::random_device device;
  std::uniform_int_distribution<size_t> any(0, alphabet.size() - 1);
  std::string text;
  for (int i = 0; i < count; ++i) text += alphabet[any(device)];
  return text;
}

}  // namespace

std::string random_digits(int count) {
  return random_of("123456789", 1) + random_of("0123456789", count - 1);
}

std::string random_letters(int count) { return random_of("bcdfghjklmnpqrstvwxz2456789", count); }

}  // namespace drover::sandbox
