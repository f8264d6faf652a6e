// What was fetched of objects, kept for whoever reads it next: a film is fetched once, not once for its hash
// and again for its frames. Fetched is what is asked for and, where an object is read on and on, ever more of
// what comes next; each request names the version, so that what is read is of one content.
//
// Bytes lie in a nameless file in the folder for temporary files, which is gone with the program; it takes at
// most half of what is free there, and what nobody has read for longest goes first. Memory holds what is on
// its way.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "crossface/io/byte_source.h"
#include "crossface/io/s3_client.h"
#include "crossface/util/file_descriptor.h"
#include "crossface/util/mutex.h"
#include "crossface/util/status.h"

namespace crossface::io {

// Thread-safe.
class S3Cache : public std::enable_shared_from_this<S3Cache> {
 public:
  // `most_bytes`: of the file, in place of half of what is free.
  explicit S3Cache(std::shared_ptr<S3Client> client, std::optional<int64_t> most_bytes = std::nullopt)
      : client_(std::move(client)), most_bytes_(most_bytes) {}

  // `version`: as S3Version makes it. Reads fail with kMismatch once another content lies there, unless what
  // is asked for was fetched before, and with kInterrupted within a second of a stop; else see s3_errors.h.
  std::unique_ptr<ByteSource> Open(std::string place, std::string bucket, std::string key, Version version,
                                   std::stop_token stop);

 private:
  struct Object;
  struct Slot {
    std::shared_ptr<Object> object;  // null: free, or being written
    int64_t block = 0;
    uint64_t use = 0;  // another one each time that it is given to somebody
    std::list<int32_t>::iterator place;
  };
  struct Range {
    int64_t first = 0, count = 0;  // blocks
  };
  class Source;
  using Objects = std::map<std::string, std::shared_ptr<Object>>;

  Result<size_t> Read(Object& object, int64_t offset, std::span<std::byte> buffer,
                      const std::stop_token& stop);
  void Close(const std::shared_ptr<Object>& object);
  void Fetch(Object& object, int64_t first) CROSSFACE_REQUIRES(mutex_);
  void ReadAhead(Object& object, int64_t position) CROSSFACE_REQUIRES(mutex_);
  void Arrived(const std::shared_ptr<Object>& object, Range range, const S3Answer& answer);
  Status Keep(Object& object, Range range, const std::string& bytes);
  Status OpenFile() CROSSFACE_REQUIRES(mutex_);
  Result<int32_t> TakeSlot() CROSSFACE_REQUIRES(mutex_);
  Status Write(int32_t slot, std::string_view bytes) const;
  void Drop(int32_t slot) CROSSFACE_REQUIRES(mutex_);
  void DropAll(Object& object) CROSSFACE_REQUIRES(mutex_);

  const std::shared_ptr<S3Client> client_;
  const std::optional<int64_t> most_bytes_;

  Mutex mutex_;
  Condition changed_;
  FileDescriptor file_;  // opened once, with the mutex held
  size_t most_slots_ CROSSFACE_GUARDED_BY(mutex_) = 0;
  std::vector<Slot> slots_ CROSSFACE_GUARDED_BY(mutex_);
  std::vector<int32_t> free_ CROSSFACE_GUARDED_BY(mutex_);
  std::list<int32_t> by_use_ CROSSFACE_GUARDED_BY(mutex_);  // the longest unread first
  Objects objects_ CROSSFACE_GUARDED_BY(mutex_);            // by place: the latest version
};

}  // namespace crossface::io
