// Requests to object storage: signed, with what fails on the way tried again (waiting longer each time, by
// chance a little less or more), answered once. What an answer means is for others (s3_errors.h,
// s3_list.h).
//
// Keys of the user go to the client library and from there into signatures: no request, answer or error of
// this header holds any.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "crossface/io/s3_settings.h"
#include "crossface/util/status.h"

namespace crossface::io {

struct S3Request {
  const char* operation = "";  // as the protocol calls it: "GetObject"
  const char* method = "GET";
  std::string bucket, key;
  std::vector<std::pair<std::string, std::string>> query = {}, headers = {};
  std::string body = {};
  std::string file = {};  // whose content is the body, of an object that is put: in parts when it is large
};

struct S3Answer {
  int error = 0;                               // of the client library; 0: the server has answered well
  int status = 0;                              // of HTTP; 0: there is no answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;  // with an error: what the server says of it, which may hold secrets
};

// Thread-safe.
class S3Client {
 public:
  // Errors: kInvalidArgument for certificates that cannot be read.
  static Result<std::unique_ptr<S3Client>> Make(const S3Settings& settings);
  // Ends what still runs, and waits for that a few seconds.
  ~S3Client();
  S3Client(const S3Client&) = delete;
  S3Client& operator=(const S3Client&) = delete;

  const S3Settings& settings() const;
  // Where requests go, for messages: "http://127.0.0.1:9000".
  std::string Server() const;

  // A request under way. Its end comes soon after Cancel; whoever lets go of it need not wait for it.
  class Call {
   public:
    virtual ~Call() = default;
    virtual void Cancel() = 0;
  };
  // `done` is called once, in a thread of the library, which must not wait long in it. Null where there is
  // not the memory for a request; then it is not called.
  std::shared_ptr<Call> Start(S3Request request, std::function<void(S3Answer)> done);

  // Start, and waits. Errors: kInterrupted when it was stopped, within a second whatever the server does;
  // those of ReachS3Server, until the server was reached once.
  Result<S3Answer> Do(S3Request request, const std::stop_token& stop);

 private:
  class Inner;
  explicit S3Client(std::shared_ptr<Inner> inner);
  const std::shared_ptr<Inner> inner_;
};

// It was ended by S3Client::Call::Cancel.
bool IsCancelled(const S3Answer& answer);

}  // namespace crossface::io
