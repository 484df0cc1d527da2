#pragma once

#include <condition_variable>
#include <list>
#include <mutex>

#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {

/// The connections that a server has open, so that they can be ended from outside: each on a thread
/// of its own, which holds a duplicate of its socket here.
class Connections {
 public:
  /// One of them, for as long as its thread serves it.
  class Held {
   public:
    explicit Held(Connections& all);
    ~Held();  ///< on that thread
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    void serve_on_this_thread();
    /// The one that the calling thread serves, or nullptr.
    static Held* of_this_thread();
    void adopt(int socket);  ///< the first time only; duplicates it
    void cut();              ///< ends it

   private:
    friend class Connections;
    Connections& all_;
    std::list<remote::UniqueFd>::iterator socket_;
  };

  /// Ends all, those too that come until `admit`.
  void cut_all();
  void admit();
  /// Returns when there are none.
  void wait_for_none();

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::list<remote::UniqueFd> sockets_;
  bool refusing_ = false;
};

}  // namespace drover::sandbox
