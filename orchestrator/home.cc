#include "orchestrator/home.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace drover::orchestrator {

std::string home_folder() {
  const char* set = std::getenv("HOME");
  if (set != nullptr && set[0] == '/') return set;
  const passwd* user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_dir : "/";
}

}  // namespace drover::orchestrator
