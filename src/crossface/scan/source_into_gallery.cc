#include "crossface/scan/source_into_gallery.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "crossface/scan/source_scanner.h"

namespace crossface {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(50);

bool WasFound(const SourceInfo& info) {
  return info.turn_from == GeometryFrom::kFound || info.aspect_from == GeometryFrom::kFound;
}

}  // namespace

bool IsTheFilesFault(StatusCode code) {
  return code == StatusCode::kCorrupt || code == StatusCode::kUnsupported || code == StatusCode::kNoVideo ||
         code == StatusCode::kInvalidArgument;
}

void FoundPartsList::Set(const SourceFile& file, std::vector<std::string> parts) {
  MutexLock lock(mutex_);
  std::erase_if(found_, [&](const FoundParts& found) { return found.file.name == file.name; });
  found_.push_back({file, std::move(parts)});
}

std::vector<FoundParts> FoundPartsList::Take() {
  MutexLock lock(mutex_);
  std::sort(found_.begin(), found_.end(),
            [](const FoundParts& a, const FoundParts& b) { return a.file.name < b.file.name; });
  return std::exchange(found_, {});
}

Status SourceIntoGallery::Run() {
  const std::string& name = todo_.source.name;
  shared_.tally.Begin(name, todo_.bytes);
  Status status;
  try {
    status = ScanUntilAtRest();
  } catch (const std::bad_alloc&) {
    status = Status(StatusCode::kOutOfResources,
                    name + ": there is not enough memory for it; try fewer --threads");
  } catch (const std::exception& error) {
    status = Status(StatusCode::kInternal, fmt::format("{}: {}", name, error.what()));
  }
  const bool skipped = stop_.stop_requested() && !shared_.stop.stop_requested();
  if (status.code() == StatusCode::kInterrupted && skipped) {
    shared_.tally.Skip(name, todo_.bytes);
    return Status();
  }
  if (status.code() == StatusCode::kInterrupted || shared_.sink.failed()) return status;
  if (!status.ok()) CROSSFACE_RETURN_IF_ERROR(RecordFailure(status));
  shared_.tally.End(record_, todo_.bytes, status.ok());
  return Status();
}

Status SourceIntoGallery::Fail(const Status& why) {
  shared_.tally.Begin(todo_.source.name, todo_.bytes);
  CROSSFACE_RETURN_IF_ERROR(RecordFailure(why));
  shared_.tally.End(record_, todo_.bytes, false);
  return Status();
}

// What is stored is what the hash is of: a file that changes while it is decoded is decoded again.
Status SourceIntoGallery::ScanUntilAtRest() {
  Status at_rest;
  for (int reading = 0; reading < kMostReadings; ++reading) {
    CROSSFACE_RETURN_IF_ERROR(ReadContent());
    CROSSFACE_ASSIGN_OR_RETURN(const ScanCheckpoint from, ChooseRow());
    if (HasEnded(record_)) return Status();
    const bool goes_on_changed = from.next_frame > 0 && WasFound(record_.info);
    Status decoded = Decode(from, goes_on_changed ? GeometryAsIn(record_.info) : GivenIn(todo_.settings));
    // What has changed meanwhile may be why it could not be read on.
    if (!decoded.ok() && decoded.code() != StatusCode::kIo) return decoded;
    at_rest = CheckAtRest();
    if (at_rest.ok() || (!decoded.ok() && at_rest.code() != StatusCode::kMismatch))
      return decoded.ok() ? Complete() : decoded;
    if (at_rest.code() != StatusCode::kMismatch) return at_rest;
    if (reading == 0) shared_.tally.NoteRewritten(todo_.source.name);
  }
  return at_rest;
}

Status SourceIntoGallery::ReadContent() {
  const StageTimer timer(&shared_.tally.meter(), ScanMeter::kRead);
  if (todo_.content && CheckContent(todo_.file.path, *todo_.content, stop_.get_token()).ok()) return Status();
  CROSSFACE_ASSIGN_OR_RETURN(todo_.content, ReadFileContent(todo_.file.path, stop_.get_token()));
  return Status();
}

Status SourceIntoGallery::CheckAtRest() {
  const StageTimer timer(&shared_.tally.meter(), ScanMeter::kRead);
  return CheckContent(todo_.file.path, *todo_.content, stop_.get_token());
}

// Which row the scan goes to, and where it begins. What has results is scanned into a row of its own.
Result<ScanCheckpoint> SourceIntoGallery::ChooseRow() {
  const SourceRecord& source = todo_.source;
  const FileContent& content = *todo_.content;
  if (source.id != 0 && !source.sha256.empty() && source.sha256 != content.sha256) {
    // What was given for another content says nothing of this one.
    todo_.settings = shared_.models.FingerprintFor(shared_.settings.geometry, "");
  }
  const auto is_this = [&](const SourceRecord& row) {
    return row.sha256 == content.sha256 && row.settings == todo_.settings;
  };
  record_ = source;
  record_.modified_ns = content.version.modified_ns;
  if (source.id != 0 && is_this(source) && HasEnded(source)) {
    CROSSFACE_RETURN_IF_ERROR(shared_.sink.WritePlaces(record_));
    return ScanCheckpoint();
  }
  const bool goes_on = source.state == SourceState::kScanning && is_this(source);
  if (!goes_on && HasResults(source)) {
    const bool rescan_goes_on = todo_.rescan && is_this(*todo_.rescan);
    if (rescan_goes_on) record_ = *todo_.rescan;
    if (!rescan_goes_on) record_.id = 0;
    record_.replaces = source.id;
    record_.name = source.name;
    if (rescan_goes_on) return Checkpoint();
  } else if (goes_on) {
    return Checkpoint();
  }
  record_.state = SourceState::kPending;
  record_.faces = record_.tracks = 0;
  record_.counts = {};
  return ScanCheckpoint();
}

Result<ScanCheckpoint> SourceIntoGallery::Checkpoint() { return shared_.sink.ReadCheckpoint(record_.id); }

// Writes the record by one of the methods that give its id.
Status SourceIntoGallery::Store(Result<int64_t> (ScanSink::*write)(const SourceRecord&)) {
  CROSSFACE_ASSIGN_OR_RETURN(record_.id, (shared_.sink.*write)(record_));
  return Status();
}

Status SourceIntoGallery::Decode(const ScanCheckpoint& from, const WantedGeometry& geometry) {
  ReaderOptions options;
  options.stop = stop_.get_token();
  options.geometry = geometry;
  options.stop_at_larger = true;
  // A scan that goes on has found how large pictures are so far; what is in the gallery is in pixels of that.
  if (from.next_frame > 0) options.geometry.frame = cv::Size(record_.info.width, record_.info.height);
  options.part = todo_.file.part;
  options.card = DecodingCard(shared_.settings.decoder, shared_.models);
  CROSSFACE_ASSIGN_OR_RETURN(const std::unique_ptr<FrameReader> reader, Open(options));
  const bool goes_on = std::exchange(record_.state, SourceState::kScanning) == SourceState::kScanning;
  CROSSFACE_RETURN_IF_ERROR(Store(goes_on ? &ScanSink::WriteSource : &ScanSink::BeginScan));
  // One that was found to lie otherwise than it says is as good as unusual.
  const bool as_stated =
      geometry.turn_from != GeometryFrom::kFound && geometry.aspect_from != GeometryFrom::kFound;
  const bool surveys = shared_.survey != nullptr && as_stated && shared_.survey->Wants(record_.info);
  SourceGeometry faces;
  ScanTally::Reading reading;
  if (surveys) shared_.survey->Begin(from);
  const auto outcome = ScanFrames(*reader, from, &faces, &reading, surveys ? shared_.survey : nullptr);
  if (const auto use = reader->card_use()) shared_.tally.NoteDecoded(todo_.source.name, *use);
  if (!outcome.ok() && reader->outgrown()) {
    if (surveys) shared_.survey->GiveUp();
    // Boxes are in pixels of the largest picture: now that its size is known, once more from the begin.
    WantedGeometry fitting = geometry;
    fitting.frame = reader->outgrown();
    return DecodeAgain(fitting, reading);
  }
  CROSSFACE_RETURN_IF_ERROR(outcome.status());
  if (surveys) {
    CROSSFACE_ASSIGN_OR_RETURN(const bool divided, Divide(options, *reader, *outcome, faces));
    if (!divided) return DecodeAgain(geometry, reading);
  } else if (!geometry.clockwise && !geometry.picture_aspect && !geometry.pixel_aspect) {
    const RunStop::Scope scope(shared_.interrupt);
    std::optional<StageTimer> timer(std::in_place, &shared_.tally.meter(), ScanMeter::kDetect);
    CROSSFACE_ASSIGN_OR_RETURN(const auto change, faces.Decide(shared_.models));
    timer.reset();
    if (change) return DecodeChanged(*change, reading);
  }
  Describe(*outcome, *reader);
  if (record_.counts.decoded == 0) {
    return Status(StatusCode::kNoVideo,
                  record_.message.empty() ? "not a single picture could be decoded" : record_.message);
  }
  return shared_.sink.WriteFingerprint(record_.id, record_.sha256, outcome->fingerprint);
}

// What was surveyed into ranges. False: it has none, and is to be read again and searched.
Result<bool> SourceIntoGallery::Divide(ReaderOptions options, const FrameReader& reader,
                                       const ScanOutcome& outcome, const SourceGeometry& faces) {
  const StageTimer timer(&shared_.tally.meter(), ScanMeter::kDecode);
  options.card.reset();  // a few frames at each place
  shared_.survey->pictures = faces.pictures();
  return shared_.survey->Divide(todo_.file.path, options, reader.info(), outcome, record_.sha256);
}

// From the beginning, and nothing is counted twice.
Status SourceIntoGallery::DecodeAgain(const WantedGeometry& geometry, const ScanTally::Reading& reading) {
  shared_.tally.TakeBack(reading);
  record_.state = SourceState::kPending;  // what was stored of it goes
  record_.faces = record_.tracks = 0;
  record_.counts = {};
  return Decode({}, geometry);
}

// A source that was found to lie otherwise than its file says.
Status SourceIntoGallery::DecodeChanged(const GeometryChange& change, const ScanTally::Reading& reading) {
  CROSSFACE_RETURN_IF_ERROR(DecodeAgain(WithChange(record_.info, change), reading));
  shared_.tally.NoteTurned(todo_.source.name, GeometryText(record_.info));
  return Status();
}

// Opens the part of the file that is to be scanned, and keeps what else the file holds for the next round.
Result<std::unique_ptr<FrameReader>> SourceIntoGallery::Open(const ReaderOptions& options) {
  record_.path = todo_.source.path;
  record_.sha256 = todo_.content->sha256;
  record_.settings = todo_.settings;
  record_.info.bytes = todo_.content->version.bytes;
  record_.info.part = todo_.file.part;
  std::vector<std::string> parts;
  const StageTimer timer(&shared_.tally.meter(), ScanMeter::kDecode);
  auto opened = OpenSource(todo_.file.path, options, &parts);
  record_.info.parts = 1 + static_cast<int>(parts.size());
  shared_.found.Set(todo_.file, std::move(parts));
  CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<FrameReader> reader, std::move(opened));
  record_.info = reader->info();
  record_.info.bytes = todo_.content->version.bytes;
  record_.message.clear();
  return reader;
}

Result<ScanOutcome> SourceIntoGallery::ScanFrames(FrameReader& reader, const ScanCheckpoint& from,
                                                  SourceGeometry* faces, ScanTally::Reading* reading,
                                                  SourceSurvey* survey) {
  const std::string& name = todo_.source.name;
  shared_.tally.SetLength(name, record_.info.duration_ms);
  ScanCallbacks callbacks;
  callbacks.stop = stop_.get_token();
  callbacks.budget = &shared_.budget;
  callbacks.spool_folder = &shared_.spool_folder;
  callbacks.meter = &shared_.tally.meter();
  callbacks.survey = survey != nullptr;
  callbacks.kept = [&](const Frame& frame) {
    faces->Add(frame);
    if (survey != nullptr) survey->Add(frame);
  };
  callbacks.position = [&](const ScanPosition& position) {
    shared_.tally.Move(name, position, reading);
    ObeyControl();
  };
  callbacks.chunk = [&](const ScanChunk& chunk) -> Status {
    for (const TrackRecord& track : chunk.tracks) CROSSFACE_RETURN_IF_ERROR(faces->Add(track));
    for (const TrackRecord& track : chunk.tracks) record_.faces += static_cast<int64_t>(track.faces.size());
    record_.tracks += static_cast<int64_t>(chunk.tracks.size());
    CROSSFACE_RETURN_IF_ERROR(
        shared_.sink.AppendTracks(record_.id, chunk.tracks, chunk.checkpoint, chunk.marks));
    shared_.tally.AddTracks(static_cast<int64_t>(chunk.tracks.size()), reading);
    if (survey != nullptr) survey->Add(chunk.checkpoint);
    return shared_.pictures_of_tracks ? TellSeen(name, chunk.tracks, shared_.tally) : Status();
  };
  return ScanSource(reader, from, shared_.models, shared_.settings, shared_.pool, callbacks);
}

void SourceIntoGallery::ObeyControl() {
  if (shared_.control == nullptr) return;
  const auto obey_skip = [this] {
    if (shared_.control->IsSkipped(todo_.source.name)) stop_.request_stop();
  };
  obey_skip();
  while (shared_.control->paused() && !stop_.stop_requested()) {
    std::this_thread::sleep_for(kLookAgain);
    obey_skip();
  }
}

Status TellSeen(const std::string& source, const std::vector<TrackRecord>& tracks, ScanTally& tally) {
  const size_t first = tracks.size() - std::min(tracks.size(), kMostSeenTracks);
  for (size_t i = first; i < tracks.size(); ++i) {
    const auto& faces = tracks[i].faces;
    const auto best = std::max_element(faces.begin(), faces.end(),
                                       [](const auto& a, const auto& b) { return a.quality < b.quality; });
    if (best == faces.end()) continue;
    CROSSFACE_ASSIGN_OR_RETURN(std::string jpeg, PictureOf(*best));
    tally.NoteSeen({.source = source,
                    .number = tracks[i].number,
                    .time_us = best->time_us,
                    .quality = best->quality,
                    .jpeg = std::move(jpeg)});
  }
  return Status();
}

void SourceIntoGallery::Describe(const ScanOutcome& outcome, const FrameReader& reader) {
  record_.counts = outcome.counts;
  record_.message = outcome.damage.message();
  for (const std::string& note : outcome.notes)
    record_.message += (record_.message.empty() ? "" : "; ") + note;
  record_.info.geometry_notes = reader.info().geometry_notes;
  record_.info.duration_ms = reader.info().duration_ms;
  record_.state = outcome.damage.ok() ? SourceState::kDone : SourceState::kDamaged;
}

Status SourceIntoGallery::Complete() {
  CROSSFACE_RETURN_IF_ERROR(Store(&ScanSink::CompleteScan));
  shared_.tally.NoteCompleted(todo_.source.name,
                              !todo_.source.sha256.empty() && todo_.source.sha256 != record_.sha256);
  return Status();
}

// What has results keeps them; of anything else it is recorded why there are none.
Status SourceIntoGallery::RecordFailure(const Status& why) {
  record_.message = why.message();
  if (HasResults(todo_.source)) {
    record_.message += "; what was found in it before stays";
    return Status();
  }
  if (IsTheFilesFault(why.code()) && todo_.content) {
    record_.state = SourceState::kFailed;
    return Store(&ScanSink::BeginScan);
  }
  // What was remembered of it holds as long as nobody knows better.
  if (todo_.source.state == SourceState::kFailed && record_.state != SourceState::kScanning) return Status();
  // Begun, and stopped somewhere: it goes on from there.
  if (record_.state == SourceState::kScanning) return Store(&ScanSink::WriteSource);
  record_.state = SourceState::kPending;
  record_.settings = todo_.settings;
  return Store(&ScanSink::BeginScan);
}

}  // namespace crossface
