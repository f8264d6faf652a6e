// Object storage that speaks the protocol of Amazon S3, as `s3://bucket/key` (s3_place.h). Folders are what
// slashes in keys make of them: they need not be made, and are there as long as something lies in them. There
// are no links. Thread-safe. The server and the keys are looked up at the first use (s3_settings.h).
#pragma once

#include <memory>

#include "crossface/io/store.h"
#include "crossface/util/mutex.h"

namespace crossface::io {

class S3Store final : public Store {
 public:
  S3Store();
  // Ends what still runs, and waits for that a few seconds.
  ~S3Store() override;
  Result<std::unique_ptr<ByteSource>> Open(const std::string& place, Links links,
                                           const std::stop_token& stop) const override;
  Result<Version> VersionOf(const std::string& place, const std::stop_token& stop) const override;
  Result<Kind> KindOf(const std::string& place, Links links, const std::stop_token& stop) const override;
  Result<std::vector<Entry>> List(const std::string& folder, const std::stop_token& stop) const override;
  // The place's one name, whether or not anything lies there.
  Result<std::string> RealPlace(const std::string& place) const override;
  Status Put(const std::string& place, std::string_view content, const std::stop_token& stop) override;
  // In parts when it is large, each with a checksum; a put that fails or is stopped leaves nothing.
  Status PutFile(const std::string& place, const std::string& file, const std::stop_token& stop) override;

 private:
  struct Opened;
  Result<Opened*> Ready() const;

  mutable Mutex mutex_;
  mutable std::unique_ptr<Opened> opened_ CROSSFACE_GUARDED_BY(mutex_);
};

}  // namespace crossface::io
