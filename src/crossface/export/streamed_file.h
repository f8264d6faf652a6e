// A file of a case folder that is written from its beginning to its end without being held, and only where it
// differs from what is there: as long as both are alike it is read, and replaced from the first difference
// on. Whole or not at all. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crossface/util/background_hash.h"
#include "crossface/util/directory.h"

namespace crossface {

// Errors of all methods: those of Directory, each naming the file.
class StreamedFile {
 public:
  // Keeps a reference to the folder.
  StreamedFile(const Directory& folder, std::string path);
  ~StreamedFile();  // nothing has changed without Finish()
  StreamedFile(const StreamedFile&) = delete;
  StreamedFile& operator=(const StreamedFile&) = delete;

  Status Append(std::string_view text);
  // Call once, last. True when the file was written, false when it was so already.
  Result<bool> Finish();
  // SHA-256 of all that was appended, after Finish(). Call once.
  std::string HexDigest() { return hash_.HexDigest(); }

 private:
  Status Flush();
  // Goes over to a file of its own, which begins with what was alike.
  Status Part();

  const Directory& folder_;
  const std::string path_;
  std::optional<FileDescriptor> there_;  // what is there, as long as it is alike
  int64_t alike_ = 0;                    // bytes
  std::optional<Directory::Temporary> made_;
  std::string waiting_;
  BackgroundSha256 hash_;
};

}  // namespace crossface
