#include "crossface/redaction/redact.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <future>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "crossface/detect/face_finder.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/media/write/output_file.h"
#include "crossface/media/write/png.h"
#include "crossface/media/write/video_writer.h"
#include "crossface/scan/file_content.h"
#include "crossface/select/frame_selector.h"
#include "crossface/util/jpeg.h"
#include "crossface/util/text.h"
#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

using Clock = std::chrono::steady_clock;

// A changed picture is looked at this often: hiding one face can uncover a neighbour that was taken for the
// same one.
constexpr int kSecondLooks = 3;
// A face of the second look overlapping one that may stay this much is that one.
constexpr float kSameFace = 0.3f;

constexpr int kJpegQuality = 95;

// Of the frame selection only the cuts are wanted: no frame is ever due, and no shot too long.
constexpr int64_t kNever = 1'000'000'000'000'000;

// By the extension, in small letters or large.
bool IsNamed(const std::filesystem::path& path, std::initializer_list<std::string_view> extensions) {
  std::string extension = path.extension().string();
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

struct ChangedPicture {
  cv::Mat bgr;
  int64_t pts = 0, time_us = 0, duration_us = 0;
  int64_t places = 0, found_again = 0;
};

Result<SeenFrame> LookAtFrame(const Frame& frame, const FaceFinder& finder, bool exhaustive) {
  SeenFrame seen{.index = frame.index, .time_us = frame.time_us};
  CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame.picture->Bgr());
  CROSSFACE_ASSIGN_OR_RETURN(seen.faces, exhaustive ? finder.FindWithAll(bgr) : finder.Find(bgr, true));
  for (const Detection& face : seen.faces) seen.appearances.push_back(DescribeAppearance(bgr, face.box));
  seen.scale = std::min(1.0f, kSmallSide / static_cast<float>(std::max(bgr.cols, bgr.rows)));
  cv::Mat grey;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  const cv::Size size(std::max(1, cvRound(bgr.cols * seen.scale)),
                      std::max(1, cvRound(bgr.rows * seen.scale)));
  cv::resize(grey, seen.small, size, 0, 0, cv::INTER_AREA);
  return seen;
}

class Redaction {
 public:
  // `tracks`: the source's, with their faces; `persons`: whose each is.
  Redaction(const CurationState& state, std::vector<TrackRecord> tracks, const std::vector<int64_t>& persons,
            const RedactOptions& options)
      : state_(state),
        options_(options),
        source_(state.sources.at(options.source)),
        records_(std::move(tracks)),
        pool_(options.threads) {
    for (size_t i = 0; i < records_.size(); ++i) tracks_.push_back({&records_[i], persons[i]});
  }

  Result<RedactSummary> Run() {
    CROSSFACE_RETURN_IF_ERROR(CheckSource());
    CROSSFACE_RETURN_IF_ERROR(LoadDetectors());
    CROSSFACE_RETURN_IF_ERROR(CheckOutput());
    CROSSFACE_RETURN_IF_ERROR(Look());
    plan_ = PlanRedaction(paths_, tracks_, times_us_, options_.whom, options_.persons);
    CROSSFACE_RETURN_IF_ERROR(still_ ? WriteStill() : WriteVideo());
    return std::move(summary_);
  }

 private:
  Status CheckSource() {
    if (source_.state != SourceState::kDone && source_.state != SourceState::kDamaged) {
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("{}: its scan is {}", source_.name, SourceStateName(source_.state)),
                    Remedy::kIdentify);
    }
    CROSSFACE_ASSIGN_OR_RETURN(content_, ReadFileContent(options_.path, options_.stop));
    if (content_.sha256 == source_.sha256) return Status();
    return Status(
        StatusCode::kMismatch,
        fmt::format("{} is not what was scanned (its SHA-256 is {}, the case has {}): faces are not "
                    "where the case says; get the former file, or scan this one",
                    DisplayPath(options_.path), content_.sha256, source_.sha256),
        Remedy::kIdentify);
  }

  Result<std::unique_ptr<FaceFinder>> Installed() const {
    const ModelStore store(options_.models);
    CROSSFACE_ASSIGN_OR_RETURN(const Device device, ResolveDevice(options_.device));
    return FaceFinder::Create(store, {}, {.device = device, .threads_per_run = 1});
  }

  // It is read several times, and all of these must have shown the same faces.
  Status CheckUnchanged() const { return CheckContent(options_.path, content_, options_.stop); }

  // What could not be read this time may come the next time, and nobody has planned what to hide in it.
  static Status CheckRead(const FrameReader& reader) {
    const Status damage = reader.damage();
    return damage.code() == StatusCode::kIo ? damage : Status();
  }

  Status LoadDetectors() {
    CROSSFACE_ASSIGN_OR_RETURN(finder_, options_.make_finder ? options_.make_finder() : Installed());
    summary_.detectors = finder_->ModelHashes();
    return Status();
  }

  // Before hours of work: the extension, a name that is taken, a folder that cannot be written, sound that
  // the container cannot hold.
  Status CheckOutput() {
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<FrameReader> reader, OpenReader());
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> first, reader->Next());
    still_ = first && first->duration_us == 0;
    if (!still_)
      return VideoWriter::Create(options_.path, reader->info(), options_.output, WriterOptions()).status();
    if (!IsNamed(options_.output, {".jpg", ".jpeg", ".png"})) {
      return Status(StatusCode::kInvalidArgument,
                    DisplayPath(options_.output) + ": the copy of a picture is called .jpg or .png");
    }
    return OutputFile::Create(options_.output).status();
  }

  VideoWriterOptions WriterOptions() const {
    return {.strip_metadata = options_.strip_metadata, .threads = options_.threads, .stop = options_.stop};
  }

  Result<std::unique_ptr<FrameReader>> OpenReader() const {
    return OpenSource(
        options_.path,
        {.geometry = GeometryAsIn(source_.info), .part = source_.info.part, .stop = options_.stop});
  }

  // Runs `work` on every frame on the pool and `take` with its results, in order, on this thread. `begin` and
  // `end`: of the share of all work that this is. `shots`, when given, tells the frames' shots.
  template <typename Work, typename Take>
  Status ForEachFrame(FrameReader& reader, double begin, double end, FrameSelector* shots, Work work,
                      Take take) {
    using Outcome = std::invoke_result_t<Work, Frame>;
    std::deque<std::future<Outcome>> window;
    const auto finish = [&]() -> Status {
      Outcome outcome = window.front().get();
      window.pop_front();
      if (!outcome.ok()) return outcome.status();
      return take(std::move(*outcome));
    };
    Status status = [&]() -> Status {
      while (true) {
        CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader.Next());
        if (!frame) break;
        if (shots != nullptr) {
          CROSSFACE_RETURN_IF_ERROR(shots->Push(*frame).status());
          shots_.push_back(shots->shot());
        }
        while (window.size() >= static_cast<size_t>(options_.threads) + 2)
          CROSSFACE_RETURN_IF_ERROR(finish());
        window.push_back(pool_.Submit([frame = *frame, &work] { return work(frame); }));
        TellProgress(reader.info(), frame->time_ms(), begin, end);
      }
      while (!window.empty()) CROSSFACE_RETURN_IF_ERROR(finish());
      return Status();
    }();
    for (auto& pending : window) pending.wait();
    return status;
  }

  void TellProgress(const SourceInfo& info, int64_t time_ms, double begin, double end) const {
    if (!options_.progress) return;
    if (info.duration_ms <= 0) return options_.progress(begin, -1);
    const double part =
        std::clamp(static_cast<double>(time_ms) / static_cast<double>(info.duration_ms), 0.0, 1.0);
    const double share = begin + (end - begin) * part;
    const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
    options_.progress(share, share > 0.01 ? elapsed * (1 - share) / share : -1);
  }

  Status Look() {
    std::multimap<int64_t, FacePaths::KnownFace> known;  // by frame
    for (size_t i = 0; i < tracks_.size(); ++i) {
      for (const FaceRecord& face : tracks_[i].track->faces)
        known.emplace(face.frame, FacePaths::KnownFace{i, face.detection.box});
    }
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<FrameReader> reader, OpenReader());
    FacePaths paths;
    FrameSelector shots({.moving_interval_us = kNever,
                         .still_interval_us = kNever,
                         .longest_shot_us = kNever,
                         .moving_interval_frames = kNever,
                         .still_interval_frames = kNever,
                         .longest_shot_frames = kNever});
    const auto look = [this](const Frame& frame) {
      return LookAtFrame(frame, *finder_, options_.exhaustive);
    };
    const auto take = [&](SeenFrame seen) -> Status {
      times_us_.push_back(seen.time_us);
      seen.shot = shots_.at(static_cast<size_t>(seen.index));
      std::vector<FacePaths::KnownFace> here;
      const auto [first, last] = known.equal_range(seen.index);
      for (auto at = first; at != last; ++at) here.push_back(at->second);
      paths.Push(std::move(seen), here);
      return Status();
    };
    CROSSFACE_RETURN_IF_ERROR(ForEachFrame(*reader, 0, 0.5, &shots, look, take));
    CROSSFACE_RETURN_IF_ERROR(CheckRead(*reader));
    if (const Status damage = reader->damage(); !damage.ok()) summary_.warnings.push_back(damage.message());
    paths_ = paths.Finish();
    return Status();
  }

  Result<ChangedPicture> Change(const Frame& frame) const {
    CROSSFACE_ASSIGN_OR_RETURN(cv::Mat bgr, frame.picture->Bgr());
    ChangedPicture changed{
        .bgr = std::move(bgr), .pts = frame.pts, .time_us = frame.time_us, .duration_us = frame.duration_us};
    const RedactionPlan::FrameFaces& faces = plan_.At(frame.index);
    for (const cv::Rect2f& face : faces.hidden) HideArea(changed.bgr, HiddenArea(face), options_.method);
    changed.places = static_cast<int64_t>(faces.hidden.size());
    if (options_.whom != RedactWhom::kOnly) CROSSFACE_RETURN_IF_ERROR(LookAgain(faces.visible, &changed));
    return changed;
  }

  Status LookAgain(const std::vector<cv::Rect2f>& visible, ChangedPicture* changed) const {
    for (int look = 0; look < kSecondLooks; ++look) {
      CROSSFACE_ASSIGN_OR_RETURN(std::vector<Detection> left, finder_->Find(changed->bgr, false));
      std::erase_if(left, [&](const Detection& face) {
        return std::any_of(visible.begin(), visible.end(), [&](const cv::Rect2f& box) {
          return IntersectionOverUnion(box, face.box) >= kSameFace;
        });
      });
      // A blur that still passes for a face is filled.
      const HideMethod method = look == 0 ? options_.method : HideMethod::kFill;
      for (const Detection& face : left) HideArea(changed->bgr, HiddenArea(face.box), method);
      changed->places += static_cast<int64_t>(left.size());
      changed->found_again += static_cast<int64_t>(left.size());
      if (left.empty()) break;
    }
    return Status();
  }

  void Count(const ChangedPicture& changed) {
    ++summary_.frames;
    summary_.frames_changed += changed.places > 0 ? 1 : 0;
    summary_.places += changed.places;
    summary_.found_again += changed.found_again;
  }

  Status WriteVideo() {
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<FrameReader> reader, OpenReader());
    const SourceInfo& info = reader->info();
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<VideoWriter> writer,
                               VideoWriter::Create(options_.path, info, options_.output, WriterOptions()));
    const double ticks_per_us = static_cast<double>(info.time_base_den) / info.time_base_num / 1e6;
    std::optional<int64_t> first_pts;
    const auto take = [&](const ChangedPicture& changed) -> Status {
      Count(changed);
      // The times that the case knows, which never jump back; where time stamps are sound these are the
      // stamps.
      if (!first_pts) first_pts = changed.pts;
      const int64_t pts = *first_pts + std::llround(static_cast<double>(changed.time_us) * ticks_per_us);
      return writer->Write(changed.bgr, pts,
                           std::llround(static_cast<double>(changed.duration_us) * ticks_per_us));
    };
    CROSSFACE_RETURN_IF_ERROR(ForEachFrame(
        *reader, 0.5, 1, nullptr, [this](const Frame& frame) { return Change(frame); }, take));
    CROSSFACE_RETURN_IF_ERROR(CheckRead(*reader));
    CROSSFACE_RETURN_IF_ERROR(CheckUnchanged());
    CROSSFACE_ASSIGN_OR_RETURN(summary_.sha256, writer->Finish());
    summary_.encoder = writer->encoder();
    summary_.notes = writer->notes();
    return Status();
  }

  // Nothing but pixels: what a camera writes beside them often holds a small copy of the picture.
  Status WriteStill() {
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<FrameReader> reader, OpenReader());
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader->Next());
    if (!frame) return reader->damage();
    CROSSFACE_ASSIGN_OR_RETURN(const ChangedPicture changed, Change(*frame));
    Count(changed);
    std::string bytes;
    if (IsNamed(options_.output, {".png"})) {
      CROSSFACE_ASSIGN_OR_RETURN(bytes, EncodePng(changed.bgr));
    } else {
      bytes = EncodeJpeg(changed.bgr, kJpegQuality);
    }
    CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> file, OutputFile::Create(options_.output));
    CROSSFACE_RETURN_IF_ERROR(file->Write(bytes));
    CROSSFACE_ASSIGN_OR_RETURN(summary_.sha256, file->FlushAndHash());
    CROSSFACE_RETURN_IF_ERROR(CheckUnchanged());
    CROSSFACE_RETURN_IF_ERROR(file->Commit());
    summary_.encoder = options_.output.extension().string().substr(1);
    summary_.notes.push_back("the copy of a picture has none of its metadata");
    return Status();
  }

  const CurationState& state_;
  const RedactOptions& options_;
  const SourceRecord& source_;
  const Clock::time_point start_ = Clock::now();
  const std::vector<TrackRecord> records_;
  std::vector<OwnedTrack> tracks_;  // of them
  FileContent content_;
  std::unique_ptr<FaceFinder> finder_;
  bool still_ = false;
  std::vector<int64_t> times_us_, shots_;  // of every frame
  std::vector<FacePath> paths_;
  RedactionPlan plan_;
  RedactSummary summary_;
  ThreadPool pool_;  // last: its threads use the rest
};

}  // namespace

Result<RedactSummary> Redact(const Gallery& gallery, const CurationState& state,
                             const RedactOptions& options) {
  std::unordered_map<int64_t, int64_t> person_of;
  std::vector<int64_t> ids;
  for (size_t i = 0; i < state.tracks.size(); ++i) {
    if (state.source_of[i] != options.source) continue;
    ids.push_back(state.tracks[i].id);
    person_of[state.tracks[i].id] = state.owner[i].person;
  }
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({.faces = true}, ids));
  std::vector<int64_t> persons;
  for (const TrackRecord& track : tracks) persons.push_back(person_of.at(track.id));
  return Redaction(state, std::move(tracks), persons, options).Run();
}

}  // namespace crossface
