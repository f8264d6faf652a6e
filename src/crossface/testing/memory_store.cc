#include "crossface/testing/memory_store.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>
#include <utility>

#include "crossface/io/local_store.h"
#include "crossface/util/file.h"

namespace crossface::testing {
namespace {

// Puts are told apart by this too, so that nothing depends on the clock.
constexpr int64_t kNanosecondsBetweenPuts = 1'000'000'000;

class MemorySource final : public io::ByteSource {
 public:
  MemorySource(std::shared_ptr<const std::string> content, io::Version version)
      : content_(std::move(content)), version_(std::move(version)) {}
  const io::Version& version() const override { return version_; }
  Result<size_t> ReadAt(int64_t offset, std::span<std::byte> buffer) const override {
    const auto at = static_cast<size_t>(std::clamp<int64_t>(offset, 0, size()));
    const size_t count = std::min(buffer.size(), content_->size() - at);
    if (count > 0) std::memcpy(buffer.data(), content_->data() + at, count);
    return count;
  }

 private:
  const std::shared_ptr<const std::string> content_;
  const io::Version version_;
};

class FaultingSource final : public io::ByteSource {
 public:
  FaultingSource(std::string place, std::unique_ptr<io::ByteSource> source, Faults faults)
      : place_(std::move(place)), source_(std::move(source)), faults_(std::move(faults)) {}
  const io::Version& version() const override { return source_->version(); }
  Result<size_t> ReadAt(int64_t offset, std::span<std::byte> buffer) const override {
    if (faults_.delay.count() > 0) std::this_thread::sleep_for(faults_.delay);
    if (faults_.before_read) CROSSFACE_RETURN_IF_ERROR(faults_.before_read(place_, ++reads_, offset));
    return source_->ReadAt(offset, buffer.first(std::min(buffer.size(), faults_.most_bytes)));
  }

 private:
  const std::string place_;
  const std::unique_ptr<io::ByteSource> source_;
  const Faults faults_;
  mutable std::atomic<int64_t> reads_ = 0;
};

}  // namespace

Result<MemoryStore::Object> MemoryStore::Find(const std::string& place) const {
  std::lock_guard lock(mutex_);
  if (const auto found = objects_.find(place); found != objects_.end()) return found->second;
  const auto below = objects_.lower_bound(place + "/");
  if (below != objects_.end() && below->first.starts_with(place + "/"))
    return Status(StatusCode::kUnsupported, place + ": is a folder");
  return Status(StatusCode::kNotFound, place + ": there is no such file");
}

Result<std::unique_ptr<io::ByteSource>> MemoryStore::Open(const std::string& place, io::Links /*links*/,
                                                          const std::stop_token& /*stop*/) const {
  CROSSFACE_ASSIGN_OR_RETURN(const Object object, Find(place));
  return std::unique_ptr<io::ByteSource>(std::make_unique<MemorySource>(object.content, object.version));
}

Result<io::Version> MemoryStore::VersionOf(const std::string& place, const std::stop_token& /*stop*/) const {
  CROSSFACE_ASSIGN_OR_RETURN(const Object object, Find(place));
  return object.version;
}

Result<io::Kind> MemoryStore::KindOf(const std::string& place, io::Links,
                                     const std::stop_token& /*stop*/) const {
  const auto found = Find(place);
  if (found.ok()) return io::Kind::kFile;
  return found.status().code() == StatusCode::kUnsupported ? io::Kind::kFolder : io::Kind::kNothing;
}

Result<std::vector<io::Entry>> MemoryStore::List(const std::string& folder,
                                                 const std::stop_token& /*stop*/) const {
  std::lock_guard lock(mutex_);
  const std::string front = folder.ends_with('/') ? folder : folder + "/";
  std::vector<io::Entry> entries;
  for (auto at = objects_.lower_bound(front); at != objects_.end() && at->first.starts_with(front); ++at) {
    const std::string rest = at->first.substr(front.size());
    const size_t end = rest.find('/');
    const io::Kind kind = end == std::string::npos ? io::Kind::kFile : io::Kind::kFolder;
    entries.push_back({rest.substr(0, end), kind});
  }
  if (entries.empty()) return Status(StatusCode::kNotFound, folder + ": there is no such folder");
  const auto by_name = [](const io::Entry& a, const io::Entry& b) { return a.name < b.name; };
  std::sort(entries.begin(), entries.end(), by_name);
  const auto same = [](const io::Entry& a, const io::Entry& b) { return a.name == b.name; };
  entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
  return entries;
}

Result<std::string> MemoryStore::RealPlace(const std::string& place) const {
  CROSSFACE_ASSIGN_OR_RETURN(const io::Kind kind, KindOf(place, io::Links::kFollow, {}));
  if (kind == io::Kind::kNothing) return Status(StatusCode::kNotFound, place + ": there is no such file");
  return place;
}

Status MemoryStore::Put(const std::string& place, std::string_view content, const std::stop_token& /*stop*/) {
  std::lock_guard lock(mutex_);
  ++puts_;
  objects_[place] = {std::make_shared<const std::string>(content),
                     {.bytes = static_cast<int64_t>(content.size()),
                      .modified_ns = puts_ * kNanosecondsBetweenPuts,
                      .state = std::to_string(puts_)}};
  return Status();
}

Status MemoryStore::PutFile(const std::string& place, const std::string& file, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string content, ReadFile(file));
  return Put(place, content, stop);
}

void MemoryStore::Remove(const std::string& place) {
  std::lock_guard lock(mutex_);
  objects_.erase(place);
}

void FaultingStore::set_faults(Faults faults) {
  std::lock_guard lock(mutex_);
  faults_ = std::move(faults);
}

Result<std::unique_ptr<io::ByteSource>> FaultingStore::Open(const std::string& place, io::Links links,
                                                            const std::stop_token& stop) const {
  CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<io::ByteSource> source, store_->Open(place, links, stop));
  std::lock_guard lock(mutex_);
  return std::unique_ptr<io::ByteSource>(std::make_unique<FaultingSource>(place, std::move(source), faults_));
}

MemoryPlaces::MemoryPlaces() { io::RegisterStore("memory", faulting_); }
MemoryPlaces::~MemoryPlaces() { io::RegisterStore("memory", nullptr); }

LocalFaults::LocalFaults(Faults faults) {
  const auto faulting = std::make_shared<FaultingStore>(std::make_shared<io::LocalStore>());
  faulting->set_faults(std::move(faults));
  io::RegisterStore("", faulting);
}
LocalFaults::~LocalFaults() { io::RegisterStore("", std::make_shared<io::LocalStore>()); }

Faults DuringReads(int opening, int read, std::function<void()> work) {
  const auto opened = std::make_shared<std::atomic<int>>(0);
  return {.before_read = [=, work = std::move(work)](const std::string&, int64_t number, int64_t) {
    if (number == 1) ++*opened;
    if (*opened == opening && number == read) work();
    return Status();
  }};
}

}  // namespace crossface::testing
