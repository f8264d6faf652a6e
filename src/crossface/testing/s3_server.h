// A server of object storage on this machine, for tests, in a process of its own that ends with the object.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>

#include "crossface/testing/testing.h"

namespace crossface::testing {

class S3Server {
 public:
  enum class Kind {
    kVersity,  // checks signatures; buckets are folders in root(), objects are files
    kTls,      // the same, spoken to by TLS with a certificate of its own, in certificate()
    kMoto,     // takes any key, as Amazon does, and any signature
  };
  // With the buckets `footage` and `other`.
  explicit S3Server(Kind kind = Kind::kVersity);
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  int port() const { return port_; }
  const std::filesystem::path& root() const { return root_.path(); }
  std::filesystem::path certificate() const { return root_.path() / "certificate.pem"; }
  // What a program needs to use it, through `port` where that is a proxy's.
  std::map<std::string, std::string> Environment(int port = 0) const;

  static constexpr const char* kAccessKey = "AKIDFORTESTSONLY";
  static constexpr const char* kSecretKey = "secret/of+the=test";

 private:
  const Kind kind_;
  ScratchFolder root_;
  int port_ = 0;
  pid_t process_ = -1;
};

// The Python that has boto3, another client (tools/setup.sh --tests).
std::filesystem::path S3Python();

// Sets variables of this process, an empty one to none, and puts back what they were. Only where nothing else
// runs.
class Variables {
 public:
  explicit Variables(const std::map<std::string, std::string>& values);
  ~Variables();
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;

 private:
  static void Set(const std::string& name, const std::string& value);
  std::map<std::string, std::string> before_;
};

}  // namespace crossface::testing
