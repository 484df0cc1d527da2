#pragma once

namespace drover::remote {

/// Wakes a thread that polls fd(): signal() from any thread makes it readable until drain().
class Wake {
 public:
  Wake();  ///< throws std::system_error when the process is out of descriptors
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  int fd() const { return fd_; }
  void signal() const noexcept;
  void drain() const noexcept;

 private:
  int fd_;
};

}  // namespace drover::remote
