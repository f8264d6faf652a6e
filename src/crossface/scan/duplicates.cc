#include "crossface/scan/duplicates.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "crossface/copies/copy_finder.h"
#include "crossface/copies/fingerprinter.h"
#include "crossface/io/store.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

Result<Fingerprint> FingerprintOf(const SourceRecord& source, const std::stop_token& stop) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string sha256, io::HashOf(source.path, stop));
  if (sha256 != source.sha256) {
    return Status(StatusCode::kMismatch, "its content is not what was scanned; scan it again");
  }
  CROSSFACE_ASSIGN_OR_RETURN(
      const std::unique_ptr<FrameReader> reader,
      OpenSource(source.path,
                 {.geometry = GeometryAsIn(source.info), .part = source.info.part, .stop = stop}));
  Fingerprinter fingerprinter(reader->info());
  while (true) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader->Next());
    if (!frame) break;
    CROSSFACE_RETURN_IF_ERROR(fingerprinter.Push(*frame));
  }
  // What could not be read this time is missing for this time only.
  if (const Status damage = reader->damage(); damage.code() == StatusCode::kIo) return damage;
  return fingerprinter.Finish();
}

class Search {
 public:
  Search(Gallery& gallery, const DuplicatesOptions& options) : gallery_(gallery), options_(options) {}

  Result<DuplicatesSummary> Run() {
    CROSSFACE_ASSIGN_OR_RETURN(sources_, gallery_.ReadSources());
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<FingerprintRecord> known, gallery_.ReadFingerprints());
    for (FingerprintRecord& record : known) fingerprints_[record.source_id] = std::move(record.fingerprint);
    SortOutIdentical();
    CROSSFACE_RETURN_IF_ERROR(DecodeUnknown());
    CROSSFACE_RETURN_IF_ERROR(Compare());
    std::sort(copies_.begin(), copies_.end(), [](const CopyRecord& x, const CopyRecord& y) {
      return std::tie(x.source_id, x.other_id, x.start_us, x.other_start_us) <
             std::tie(y.source_id, y.other_id, y.start_us, y.other_start_us);
    });
    CROSSFACE_RETURN_IF_ERROR(gallery_.ReplaceCopies(copies_));
    summary_.pairs = static_cast<int64_t>(copies_.size());
    return std::move(summary_);
  }

 private:
  // Of files with the same bytes one is compared with the rest; failed sources hold nothing to compare.
  void SortOutIdentical() {
    std::map<std::pair<std::string, std::string>, const SourceRecord*> first_of;  // by content and part
    for (const SourceRecord& source : sources_) {
      if (source.sha256.empty()) continue;
      const auto [first, is_new] = first_of.try_emplace({source.sha256, source.info.part}, &source);
      if (!is_new) {
        copies_.push_back({.source_id = std::min(first->second->id, source.id),
                           .other_id = std::max(first->second->id, source.id),
                           .kind = CopyRecord::Kind::kIdentical,
                           .length_us = source.info.duration_ms * 1000,
                           .alike = 1});
        ++summary_.sources;
      } else if (source.state == SourceState::kDone || source.state == SourceState::kDamaged) {
        compared_.push_back(&source);
        ++summary_.sources;
      } else if (source.state != SourceState::kFailed) {
        summary_.left_out.emplace_back(source.name, "its scan is not finished");
      }
    }
  }

  Status DecodeUnknown() {
    std::vector<const SourceRecord*> unknown;
    for (const SourceRecord* source : compared_) {
      if (!fingerprints_.contains(source->id)) unknown.push_back(source);
    }
    ThreadPool pool(options_.threads);
    std::deque<std::pair<const SourceRecord*, std::future<Result<Fingerprint>>>> waiting;
    const auto take_oldest = [&]() -> Status {
      const SourceRecord* source = waiting.front().first;
      Result<Fingerprint> made = waiting.front().second.get();
      waiting.pop_front();
      return Take(*source, std::move(made));
    };
    int64_t done = 0;
    for (const SourceRecord* source : unknown) {
      while (waiting.size() >= static_cast<size_t>(options_.threads) * 2)
        CROSSFACE_RETURN_IF_ERROR(take_oldest());
      if (options_.progress) options_.progress("decoded", done++, static_cast<int64_t>(unknown.size()));
      waiting.emplace_back(source,
                           pool.Submit([this, source] { return FingerprintOf(*source, options_.stop); }));
    }
    while (!waiting.empty()) CROSSFACE_RETURN_IF_ERROR(take_oldest());
    return Status();
  }

  Status Take(const SourceRecord& source, Result<Fingerprint> made) {
    if (made.ok()) {
      ++summary_.decoded;
      CROSSFACE_RETURN_IF_ERROR(gallery_.WriteFingerprint(source.id, source.sha256, *made));
      fingerprints_[source.id] = std::move(*made);
      return Status();
    }
    const StatusCode code = made.status().code();
    if (code == StatusCode::kInterrupted || code == StatusCode::kOutOfResources) return made.status();
    summary_.left_out.emplace_back(source.name, made.status().message());
    --summary_.sources;
    return Status();
  }

  Status Compare() {
    std::vector<const Fingerprint*> fingerprints;
    std::vector<int64_t> ids;
    std::erase_if(compared_, [this](const auto* source) { return !fingerprints_.contains(source->id); });
    // The order decides which of two is the first: ids stay the same when a source is renamed or another
    // added.
    std::sort(compared_.begin(), compared_.end(), [](const auto* x, const auto* y) { return x->id < y->id; });
    for (const SourceRecord* source : compared_) {
      fingerprints.push_back(&fingerprints_.at(source->id));
      ids.push_back(source->id);
    }
    CopyFinderOptions finding;
    finding.stop = options_.stop;
    if (options_.progress)
      finding.progress = [this](int64_t done, int64_t all) { options_.progress("compared", done, all); };
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<CopyPair> pairs, FindCopies(fingerprints, finding));
    for (const CopyPair& pair : pairs) {
      copies_.push_back(
          {.source_id = ids[pair.a],
           .other_id = ids[pair.b],
           .kind = pair.kind == CopyPair::Kind::kStill ? CopyRecord::Kind::kStill : CopyRecord::Kind::kVideo,
           .start_us = pair.a_start_us,
           .other_start_us = pair.b_start_us,
           .length_us = pair.length_us,
           .votes = pair.votes,
           .alike = static_cast<float>(pair.alike),
           .mirrored = pair.mirrored,
           .cut_out = static_cast<CopyRecord::CutOut>(pair.cut_out)});
    }
    return Status();
  }

  Gallery& gallery_;
  const DuplicatesOptions& options_;
  std::vector<SourceRecord> sources_;
  std::map<int64_t, Fingerprint> fingerprints_;  // by source
  std::vector<const SourceRecord*> compared_;
  std::vector<CopyRecord> copies_;
  DuplicatesSummary summary_;
};

}  // namespace

Result<DuplicatesSummary> FindDuplicates(Gallery& gallery, const DuplicatesOptions& options) {
  return Search(gallery, options).Run();
}

}  // namespace crossface
