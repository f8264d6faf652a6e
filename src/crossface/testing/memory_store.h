// Stores for tests: one in memory, and one that fails as disks and networks do.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "crossface/io/store.h"

namespace crossface::testing {

// Thread-safe. An opened source keeps what it was opened with; whoever puts something else there makes
// another version. Folders are there as long as something lies in them.
class MemoryStore final : public io::Store {
 public:
  Result<std::unique_ptr<io::ByteSource>> Open(const std::string& place, io::Links links,
                                               const std::stop_token& stop) const override;
  Result<io::Version> VersionOf(const std::string& place, const std::stop_token& stop) const override;
  Result<io::Kind> KindOf(const std::string& place, io::Links links,
                          const std::stop_token& stop) const override;
  Result<std::vector<io::Entry>> List(const std::string& folder, const std::stop_token& stop) const override;
  Result<std::string> RealPlace(const std::string& place) const override;
  Status Put(const std::string& place, std::string_view content, const std::stop_token& stop) override;
  Status PutFile(const std::string& place, const std::string& file, const std::stop_token& stop) override;
  void Remove(const std::string& place);

 private:
  struct Object {
    std::shared_ptr<const std::string> content;
    io::Version version;
  };
  Result<Object> Find(const std::string& place) const;

  mutable std::mutex mutex_;
  std::map<std::string, Object> objects_;
  int64_t puts_ = 0;
};

struct Faults {
  // Called before each read of a source, which is that source's `read`-th since it was opened, from 1. What
  // is not ok is what the read gives.
  std::function<Status(const std::string& place, int64_t read, int64_t offset)> before_read;
  size_t most_bytes = SIZE_MAX;          // that one read gives
  std::chrono::microseconds delay = {};  // of each read
};

// What another store gives, with faults. Thread-safe; set_faults holds for sources that are opened
// afterwards.
class FaultingStore final : public io::Store {
 public:
  explicit FaultingStore(std::shared_ptr<io::Store> store) : store_(std::move(store)) {}
  void set_faults(Faults faults);

  Result<std::unique_ptr<io::ByteSource>> Open(const std::string& place, io::Links links,
                                               const std::stop_token& stop) const override;
  Result<io::Version> VersionOf(const std::string& place, const std::stop_token& stop) const override {
    return store_->VersionOf(place, stop);
  }
  Result<io::Kind> KindOf(const std::string& place, io::Links links,
                          const std::stop_token& stop) const override {
    return store_->KindOf(place, links, stop);
  }
  Result<std::vector<io::Entry>> List(const std::string& folder, const std::stop_token& stop) const override {
    return store_->List(folder, stop);
  }
  Result<std::string> RealPlace(const std::string& place) const override { return store_->RealPlace(place); }
  Status Put(const std::string& place, std::string_view content, const std::stop_token& stop) override {
    return store_->Put(place, content, stop);
  }
  Status PutFile(const std::string& place, const std::string& file, const std::stop_token& stop) override {
    return store_->PutFile(place, file, stop);
  }

 private:
  const std::shared_ptr<io::Store> store_;
  mutable std::mutex mutex_;
  Faults faults_;
};

// For as long as it lives, `memory://` is a MemoryStore behind a FaultingStore without faults.
class MemoryPlaces {
 public:
  MemoryPlaces();
  ~MemoryPlaces();
  MemoryPlaces(const MemoryPlaces&) = delete;
  MemoryPlaces& operator=(const MemoryPlaces&) = delete;

  MemoryStore& store() { return *store_; }
  void set_faults(Faults faults) { faulting_->set_faults(std::move(faults)); }

 private:
  const std::shared_ptr<MemoryStore> store_ = std::make_shared<MemoryStore>();
  const std::shared_ptr<FaultingStore> faulting_ = std::make_shared<FaultingStore>(store_);
};

// For as long as it lives, paths of this machine are read with faults.
class LocalFaults {
 public:
  explicit LocalFaults(Faults faults);
  ~LocalFaults();
  LocalFaults(const LocalFaults&) = delete;
  LocalFaults& operator=(const LocalFaults&) = delete;
};

// Faults that do something once a source is being read: `work` is called before the `read`-th read, from 1,
// of the `opening`-th time that anything is opened, from 1.
Faults DuringReads(int opening, int read, std::function<void()> work);

}  // namespace crossface::testing
