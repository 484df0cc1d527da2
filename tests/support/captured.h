#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "tests/support/read_file.h"
#include "tests/support/temp_dir.h"

namespace drover::test {

/// What is printed on stdout and stderr while `run` runs, and what it returned.
class Captured {
 public:
  template <class Run>
  explicit Captured(Run run) {
    const Redirect out(stdout, dir_.file("out"));
    const Redirect err(stderr, dir_.file("err"));
    code_ = run();
  }
  int code() const { return code_; }
  std::string out() const { return read_file(dir_.file("out")); }
  std::string err() const { return read_file(dir_.file("err")); }

 private:
  class Redirect {
   public:
    Redirect(std::FILE* stream, const std::string& path) : stream_(stream) {
      std::fflush(stream_);
      old_ = dup(fileno(stream_));
      const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      if (old_ < 0 || fd < 0) throw std::runtime_error("cannot redirect to " + path);
      dup2(fd, fileno(stream_));
      close(fd);
    }
    ~Redirect() {
      std::fflush(stream_);
      dup2(old_, fileno(stream_));
      close(old_);
    }
    Redirect(const Redirect&) = delete;
    Redirect& operator=(const Redirect&) = delete;

   private:
    std::FILE* stream_;
    int old_ = -1;
  };

  TempDir dir_;
  int code_ = 0;
};

}  // namespace drover::test
