// Where the findings of a source go while it is scanned: into the gallery, or into a journal that somebody
// else writes into it (scan/scan_journal.h). Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "crossface/scan/gallery_writer.h"

namespace crossface {

// Each does what the gallery's method of its name does, with its errors.
class ScanSink {
 public:
  ScanSink() = default;
  virtual ~ScanSink() = default;
  ScanSink(const ScanSink&) = delete;
  ScanSink& operator=(const ScanSink&) = delete;

  virtual Result<ScanCheckpoint> ReadCheckpoint(int64_t source_id) = 0;
  virtual Status WritePlaces(const SourceRecord& source) = 0;
  // These three give the id of the row.
  virtual Result<int64_t> BeginScan(const SourceRecord& source) = 0;
  virtual Result<int64_t> WriteSource(const SourceRecord& source) = 0;
  virtual Result<int64_t> CompleteScan(const SourceRecord& source) = 0;
  virtual Status AppendTracks(int64_t source_id, const std::vector<TrackRecord>& tracks,
                              const ScanCheckpoint& checkpoint, const SourceMarks& marks) = 0;
  virtual Status WriteFingerprint(int64_t source_id, const std::string& sha256,
                                  const Fingerprint& fingerprint) = 0;

  // Whether anything went wrong: nothing that follows can be kept.
  virtual bool failed() const = 0;
};

class GallerySink final : public ScanSink {
 public:
  // `writer` outlives it.
  explicit GallerySink(GalleryWriter& writer) : writer_(writer) {}

  Result<ScanCheckpoint> ReadCheckpoint(int64_t source_id) override {
    return writer_.Do([&](Gallery& gallery) { return gallery.ReadCheckpoint(source_id); });
  }
  Status WritePlaces(const SourceRecord& source) override {
    return writer_.Do([&](Gallery& gallery) { return gallery.WritePlaces({source}); });
  }
  Result<int64_t> BeginScan(const SourceRecord& source) override {
    return writer_.Do([&](Gallery& gallery) { return gallery.BeginScan(source); });
  }
  Result<int64_t> WriteSource(const SourceRecord& source) override {
    return writer_.Do([&](Gallery& gallery) { return gallery.WriteSource(source); });
  }
  Result<int64_t> CompleteScan(const SourceRecord& source) override {
    return writer_.Do([&](Gallery& gallery) { return gallery.CompleteScan(source); });
  }
  Status AppendTracks(int64_t source_id, const std::vector<TrackRecord>& tracks,
                      const ScanCheckpoint& checkpoint, const SourceMarks& marks) override {
    return writer_.Do(
        [&](Gallery& gallery) { return gallery.AppendTracks(source_id, tracks, checkpoint, marks); });
  }
  Status WriteFingerprint(int64_t source_id, const std::string& sha256,
                          const Fingerprint& fingerprint) override {
    return writer_.Do(
        [&](Gallery& gallery) { return gallery.WriteFingerprint(source_id, sha256, fingerprint); });
  }
  bool failed() const override { return writer_.failed(); }

 private:
  GalleryWriter& writer_;
};

}  // namespace crossface
