// Workers of a scan that are all this machine, and what a gallery holds to compare. Not thread-safe.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "crossface/scan/scan_task.h"
#include "crossface/scan/scan_wire.h"
#include "crossface/scan/scan_workers.h"
#include "crossface/testing/drawn_scan.h"
#include "crossface/testing/testing.h"
#include "crossface/util/version.h"

namespace crossface::testing {

// They answer in another order than they are asked.
class FakeWorkers final : public ScanWorkers {
 public:
  // What becomes of the answer to a source's task, which is asked for the `time`-th time.
  using Fate = std::function<WorkerAnswer(const std::string& source, int time, WorkerAnswer answer)>;
  explicit FakeWorkers(Fate fate = {}) : fate_(std::move(fate)) {}

  int threads() const override { return 2; }
  int64_t range_us() const override { return range_us_; }
  void set_range_us(int64_t range_us) { range_us_ = range_us; }
  Status Submit(uint64_t id, const std::string& bytes) override {
    const auto task = ScanTaskFromWire(bytes);
    EXPECT_TRUE(task.ok()) << task.status().message();
    EXPECT_EQ(task->version, kVersion);
    names_.push_back(task->scan.source.name);
    ranges_ += task->range.has_value();
    const auto folder = Directory::Open(folder_.path());
    ScanFindings findings = DoScanTask(*task, {models_, *folder}, {});
    findings.machine = "node " + std::to_string(id % 2);
    findings.process = static_cast<int64_t>(id % 3);
    WorkerAnswer answer{.id = id, .bytes = *ToWire(findings)};
    if (fate_) answer = fate_(names_.back(), ++times_[names_.back()], std::move(answer));
    answers_.push_front(std::move(answer));
    return Status();
  }
  Result<std::optional<WorkerAnswer>> Next(std::chrono::milliseconds) override {
    if (--answers_left_ < 0) return Status(StatusCode::kIo, "the cluster is gone");
    if (answers_.empty()) return std::optional<WorkerAnswer>();
    WorkerAnswer answer = std::move(answers_.front());
    answers_.pop_front();
    return std::optional(std::move(answer));
  }

  void GoAfter(int answers) { answers_left_ = answers; }
  // How many tasks were ranges.
  int ranges() const { return ranges_; }
  // Sources that were asked for, in order; of a range without a name.
  const std::vector<std::string>& names() const { return names_; }

 private:
  const Fate fate_;
  const ScanModels models_ = FakeModels();
  ScratchFolder folder_;
  std::deque<WorkerAnswer> answers_;
  std::vector<std::string> names_;
  std::map<std::string, int> times_;
  int ranges_ = 0;
  int answers_left_ = 1'000'000;
  int64_t range_us_ = 0;
};

// All that a gallery holds of sources and faces, but for ids.
inline std::string AllOf(const Gallery& gallery) {
  std::string text = AsText(gallery);
  const auto sources = *gallery.ReadSources();
  for (const SourceRecord& source : sources)
    text += fmt::format("{} {} {} {} {} {}\n", source.name, source.sha256, source.modified_ns, source.message,
                        source.settings, source.info.duration_ms);
  for (const SourceRecord& source : sources) {
    const SourceMarks marks = gallery.ReadMarks(source.id)->value_or(SourceMarks());
    text += fmt::format("cuts {}", fmt::join(marks.cuts_us, " "));
    for (const MarkedSpan& span : marks.dark) text += fmt::format(" dark {} {}", span.start_us, span.end_us);
    for (const MarkedSpan& span : marks.still)
      text += fmt::format(" still {} {}", span.start_us, span.end_us);
  }
  const auto tracks = *gallery.ReadTracks({.faces = true, .embeddings = false, .templates = false});
  for (const TrackRecord& track : tracks) {
    for (const FaceRecord& face : track.faces)
      text += fmt::format("{}", face.duration_us) + *gallery.ReadFacePicture(face.id);
  }
  for (const SourceRecord& source : sources) {
    if (const auto fingerprint = *gallery.ReadFingerprint(source.id)) text += Serialise(*fingerprint);
  }
  return text;
}

}  // namespace crossface::testing
