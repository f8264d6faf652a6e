// Between a client and a server of HTTP on this machine, for tests: counts what is sent, and does to some
// requests what networks and servers do.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "crossface/util/mutex.h"

namespace crossface::testing {

struct ProxiedRequest {
  int number = 0;  // from 1
  std::string method, target, head;
};

struct ProxyFault {
  enum class Kind {
    kNone,
    kAnswer,  // `answer` in place of the server's
    kCut,     // the connection ends after `bytes` of the answer's body
    kHang,    // nothing comes, until the client has gone
  };
  Kind kind = Kind::kNone;
  std::string answer = {};
  int64_t bytes = 0;

  static ProxyFault Refuse(int status, const std::string& code, const std::string& more = "");
};

class FaultProxy {
 public:
  // Listens at `port`; 0: a free one.
  explicit FaultProxy(int server_port, int port = 0);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const { return port_; }
  // Asked for each request before it goes on; in several threads.
  void set_faults(std::function<ProxyFault(const ProxiedRequest&)> faults);
  // All that went to clients, heads too.
  int64_t bytes_sent() const { return sent_; }
  int requests() const { return requests_; }

 private:
  void Accept();
  void Serve(int client);
  bool ServeOne(int client, int server, std::string* rest);

  const int server_port_;
  int listening_ = -1, port_ = 0;
  std::atomic<bool> ends_ = false;
  std::atomic<int64_t> sent_ = 0;
  std::atomic<int> requests_ = 0;
  Mutex mutex_;
  std::function<ProxyFault(const ProxiedRequest&)> faults_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<int> clients_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<std::jthread> serving_ CROSSFACE_GUARDED_BY(mutex_);
  std::jthread accepting_;
};

}  // namespace crossface::testing
