#include "crossface/io/s3_cache.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "crossface/io/s3_errors.h"
#include "crossface/io/s3_list.h"
#include "crossface/util/directory.h"
#include "crossface/util/text.h"

namespace crossface::io {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int64_t kBlock = int64_t{256} << 10;
// From one block, which is what a look at a container's index takes, to what keeps a long line busy.
constexpr int64_t kMostBlocks = 16;
constexpr size_t kMostCalls = 3;  // of an object at once
constexpr size_t kFewestSlots = 256;
constexpr int64_t kMostFileBytes = int64_t{64} << 30;
constexpr auto kAskAgain = 50ms;
constexpr auto kLongest = 180s;
// What stands for a slot's number.
constexpr int32_t kAbsent = -1, kComing = -2;

std::string TemporaryFolder() {
  const char* named = std::getenv("TMPDIR");
  return named != nullptr && *named != '\0' ? named : "/var/tmp";
}

}  // namespace

// All of it but what is const is the cache's mutex's.
struct S3Cache::Object : std::enable_shared_from_this<S3Cache::Object> {
  Object(std::string of_place, std::string of_bucket, std::string of_key, Version of_version)
      : place(std::move(of_place)),
        bucket(std::move(of_bucket)),
        key(std::move(of_key)),
        version(std::move(of_version)),
        slots(static_cast<size_t>((version.bytes + kBlock - 1) / kBlock), kAbsent) {}

  const std::string place, bucket, key;
  const Version version;
  std::vector<int32_t> slots;                                // of each block
  int64_t kept = 0;                                          // blocks that have one
  int open = 0;                                              // sources
  int64_t ahead = 1;                                         // blocks to fetch next
  int64_t next = 0;                                          // behind what was fetched last
  std::map<int64_t, std::shared_ptr<S3Client::Call>> calls;  // by their first block
  std::map<int64_t, Status> failures;                        // of blocks, until somebody was told
};

class S3Cache::Source final : public ByteSource {
 public:
  Source(std::shared_ptr<S3Cache> cache, std::shared_ptr<Object> object, std::stop_token stop)
      : cache_(std::move(cache)), object_(std::move(object)), stop_(std::move(stop)) {}
  ~Source() override { cache_->Close(object_); }
  const Version& version() const override { return object_->version; }
  Result<size_t> ReadAt(int64_t offset, std::span<std::byte> buffer) const override {
    if (offset < 0 || offset >= object_->version.bytes || buffer.empty()) return size_t{0};
    return cache_->Read(*object_, offset, buffer, stop_);
  }

 private:
  const std::shared_ptr<S3Cache> cache_;
  const std::shared_ptr<Object> object_;
  const std::stop_token stop_;
};

std::unique_ptr<ByteSource> S3Cache::Open(std::string place, std::string bucket, std::string key,
                                          Version version, std::stop_token stop) {
  MutexLock lock(mutex_);
  std::shared_ptr<Object>& object = objects_[place];
  if (object != nullptr && object->version != version) {
    // What has no entry any more can be dropped without taking away the entry that `object` stands for.
    const std::shared_ptr<Object> old = std::exchange(object, nullptr);
    if (old->open == 0) DropAll(*old);
  }
  if (object == nullptr)
    object =
        std::make_shared<Object>(std::move(place), std::move(bucket), std::move(key), std::move(version));
  ++object->open;
  return std::make_unique<Source>(shared_from_this(), object, std::move(stop));
}

void S3Cache::Close(const std::shared_ptr<Object>& object) {
  MutexLock lock(mutex_);
  if (--object->open > 0) return;
  for (const auto& [first, call] : object->calls) call->Cancel();
  object->failures.clear();
  const auto latest = objects_.find(object->place);
  const bool is_latest = latest != objects_.end() && latest->second == object;
  if (!is_latest) DropAll(*object);
  if (is_latest && object->kept == 0 && object->calls.empty()) objects_.erase(latest);
}

Result<size_t> S3Cache::Read(Object& object, int64_t offset, std::span<std::byte> buffer,
                             const std::stop_token& stop) {
  const int64_t block = offset / kBlock;
  const auto number = static_cast<size_t>(block);
  const int64_t end = std::min((block + 1) * kBlock, object.version.bytes);
  buffer = buffer.first(std::min(buffer.size(), static_cast<size_t>(end - offset)));
  const auto until = Clock::now() + kLongest;
  MutexLock lock(mutex_);
  CROSSFACE_RETURN_IF_ERROR(OpenFile());
  object.failures.erase(block);
  while (true) {
    if (stop.stop_requested())
      return Status(StatusCode::kInterrupted, DisplayPath(object.place) + ": stopped");
    const int32_t slot = object.slots[number];
    if (slot >= 0) {
      Slot& held = slots_[static_cast<size_t>(slot)];
      by_use_.splice(by_use_.end(), by_use_, held.place);
      const uint64_t use = held.use;
      ReadAhead(object, offset + static_cast<int64_t>(buffer.size()));
      lock.unlock();
      const ssize_t got = ::pread(file_.get(), buffer.data(), buffer.size(), slot * kBlock + offset % kBlock);
      const int error = errno;
      lock.lock();
      // It may have been given to somebody else meanwhile.
      if (slots_[static_cast<size_t>(slot)].use != use || (got < 0 && error == EINTR)) continue;
      if (got > 0) return static_cast<size_t>(got);
      return ErrnoStatus(got < 0 ? error : EIO, "cannot read a temporary file in " + TemporaryFolder());
    }
    if (const auto failed = object.failures.find(block); failed != object.failures.end()) {
      const Status status = std::move(failed->second);
      object.failures.erase(failed);
      return status;
    }
    if (Clock::now() > until) {
      for (const auto& [first, call] : object.calls) call->Cancel();
      return Status(StatusCode::kIo, fmt::format("{}: {} did not answer in time; run the same command again",
                                                 DisplayPath(object.place), client_->Server()));
    }
    if (slot == kAbsent) Fetch(object, block);
    changed_.wait_for(lock, kAskAgain);
  }
}

// A look at the begin of a block, as at a file of an unknown kind, is no reading on.
void S3Cache::ReadAhead(Object& object, int64_t position) {
  const int64_t ahead = object.next * kBlock - position;
  const bool goes_on = ahead >= 0 && ahead <= object.ahead * kBlock - kBlock / 2;
  const bool is_there = object.next >= static_cast<int64_t>(object.slots.size()) ||
                        object.slots[static_cast<size_t>(object.next)] != kAbsent;
  if (goes_on && !is_there && object.calls.size() < kMostCalls) Fetch(object, object.next);
}

void S3Cache::Fetch(Object& object, int64_t first) {
  object.ahead = first == object.next && first > 0 ? std::min(2 * object.ahead, kMostBlocks) : 1;
  Range range{first, 0};
  for (size_t at = static_cast<size_t>(first);
       range.count < object.ahead && at < object.slots.size() && object.slots[at] == kAbsent;
       ++at, ++range.count)
    object.slots[at] = kComing;
  object.next = first + range.count;
  const int64_t end = std::min(object.next * kBlock, object.version.bytes) - 1;
  S3Request request{.operation = "GetObject", .bucket = object.bucket, .key = object.key};
  request.headers = {{"Range", fmt::format("bytes={}-{}", first * kBlock, end)}, OnlyIf(object.version)};
  // Its end waits for the mutex.
  auto call = client_->Start(std::move(request), [cache = weak_from_this(), of = object.shared_from_this(),
                                                  range](const S3Answer& answer) {
    if (const auto kept = cache.lock()) kept->Arrived(of, range, answer);
  });
  if (call != nullptr) {
    object.calls[first] = std::move(call);
    return;
  }
  object.failures[first] =
      Status(StatusCode::kOutOfResources, DisplayPath(object.place) + ": cannot be asked for");
  std::fill_n(object.slots.begin() + first, range.count, kAbsent);
}

// In a thread of the library.
void S3Cache::Arrived(const std::shared_ptr<Object>& object, Range range, const S3Answer& answer) {
  const bool cancelled = IsCancelled(answer);
  Status status = FailureOf(*client_, object->place, answer);
  if (status.ok()) status = Keep(*object, range, answer.body);
  MutexLock lock(mutex_);
  for (int64_t block = range.first; block < range.first + range.count; ++block) {
    int32_t& slot = object->slots[static_cast<size_t>(block)];
    if (slot != kComing) continue;
    // What was cancelled for another reader is fetched again.
    slot = kAbsent;
    if (!status.ok() && !cancelled && object->open > 0) object->failures[block] = status;
  }
  object->calls.erase(range.first);
  const auto latest = objects_.find(object->place);
  const bool is_latest = latest != objects_.end() && latest->second == object;
  if (object->open == 0 && !is_latest) DropAll(*object);
  if (object->open == 0 && is_latest && object->kept == 0 && object->calls.empty()) objects_.erase(latest);
  changed_.notify_all();
}

Status S3Cache::Keep(Object& object, Range range, const std::string& bytes) {
  const int64_t wanted =
      std::min((range.first + range.count) * kBlock, object.version.bytes) - range.first * kBlock;
  if (static_cast<int64_t>(bytes.size()) != wanted) {
    return Status(StatusCode::kIo,
                  fmt::format("{}: {} sent {} bytes where it was asked for {}; it must be able to "
                              "give a part of an object",
                              DisplayPath(object.place), client_->Server(), bytes.size(), wanted));
  }
  for (int64_t i = 0; i < range.count; ++i) {
    MutexLock lock(mutex_);
    CROSSFACE_ASSIGN_OR_RETURN(int32_t slot, TakeSlot());
    lock.unlock();
    const auto part = std::string_view(bytes).substr(static_cast<size_t>(i * kBlock), kBlock);
    Status written = Write(slot, part);
    lock.lock();
    if (!written.ok()) {
      // The disk is full: what it has given already is all there is.
      free_.push_back(slot);
      most_slots_ = std::max<size_t>(by_use_.size(), 1);
      return written;
    }
    Slot& held = slots_[static_cast<size_t>(slot)];
    held.object = object.shared_from_this();
    held.block = range.first + i;
    held.place = by_use_.insert(by_use_.end(), slot);
    object.slots[static_cast<size_t>(held.block)] = slot;
    ++object.kept;
  }
  return Status();
}

Status S3Cache::OpenFile() {
  if (file_.ok()) return Status();
  const auto explained = [&](const Status& status) {
    return status.Annotate("what is fetched from object storage is put there; name another folder by TMPDIR");
  };
  const auto opened = Directory::Open(TemporaryFolder());
  if (!opened.ok()) return explained(opened.status());
  auto temporary = opened->CreateTemporary("");
  if (!temporary.ok()) return explained(temporary.status());
  CROSSFACE_RETURN_IF_ERROR(opened->RemoveFile(temporary->path));
  struct statvfs facts {};
  const int64_t free_bytes = ::fstatvfs(temporary->file.get(), &facts) == 0
                                 ? static_cast<int64_t>(facts.f_bavail) * static_cast<int64_t>(facts.f_frsize)
                                 : kMostFileBytes;
  const int64_t bytes = most_bytes_.value_or(std::min(free_bytes / 2, kMostFileBytes));
  most_slots_ = std::max(static_cast<size_t>(bytes / kBlock), kFewestSlots);
  file_ = std::move(temporary->file);
  return Status();
}

Result<int32_t> S3Cache::TakeSlot() {
  while (slots_.size() - free_.size() >= most_slots_ && !by_use_.empty()) Drop(by_use_.front());
  if (free_.empty()) {
    free_.push_back(static_cast<int32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const int32_t slot = free_.back();
  free_.pop_back();
  ++slots_[static_cast<size_t>(slot)].use;
  return slot;
}

Status S3Cache::Write(int32_t slot, std::string_view bytes) const {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t put = ::pwrite(file_.get(), bytes.data() + done, bytes.size() - done,
                                 slot * kBlock + static_cast<int64_t>(done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      return ErrnoStatus(errno,
                         fmt::format("{}: has no room for what is fetched from object storage; make room, or "
                                     "name another folder by TMPDIR",
                                     TemporaryFolder()));
    }
    done += static_cast<size_t>(put);
  }
  return Status();
}

void S3Cache::Drop(int32_t number) {
  Slot& slot = slots_[static_cast<size_t>(number)];
  const std::shared_ptr<Object> object = std::exchange(slot.object, nullptr);
  by_use_.erase(slot.place);
  ++slot.use;
  free_.push_back(number);
  object->slots[static_cast<size_t>(slot.block)] = kAbsent;
  if (--object->kept > 0 || object->open > 0 || !object->calls.empty()) return;
  const auto latest = objects_.find(object->place);
  if (latest != objects_.end() && latest->second == object) objects_.erase(latest);
}

void S3Cache::DropAll(Object& object) {
  for (const int32_t slot : std::vector<int32_t>(object.slots)) {
    if (slot >= 0) Drop(slot);
  }
}

}  // namespace crossface::io
