#include "crossface/scan/scan_wire.h"

#include <fmt/format.h>

#include <utility>

#include "crossface/scan/wire_values.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace wire {

template <typename A>
void Walk(A& a, Aspect& aspect) {
  a(aspect.width, aspect.height);
}
template <typename A>
void Walk(A& a, GivenGeometry& given) {
  a(given.clockwise, given.picture_aspect, given.forget);
}
template <typename A>
void Walk(A& a, SelectCounts& counts) {
  a(counts.decoded, counts.dark, counts.still, counts.paced, counts.kept, counts.cuts);
}
template <typename A>
void Walk(A& a, ScanCheckpoint& at) {
  a(at.next_frame, at.next_shot, at.next_track, at.counts);
}
template <typename A>
void Walk(A& a, MarkedSpan& span) {
  a(span.start_us, span.end_us);
}
template <typename A>
void Walk(A& a, SourceMarks& marks) {
  a(marks.cuts_us, marks.dark, marks.still);
}
template <typename A>
void Walk(A& a, SourceInfo& info) {
  a(info.part, info.parts, info.bytes, info.duration_ms, info.width, info.height, info.rotation,
    info.mirrored, info.turn_from, info.pixel_aspect, info.aspect_from, info.geometry_notes, info.fps,
    info.codec, info.stream_index, info.time_base_num, info.time_base_den, info.created, info.created_from,
    info.latitude, info.longitude, info.device, info.make, info.model, info.altitude, info.located_from,
    info.software, info.timecode, info.timecode_from);
}
template <typename A>
void Walk(A& a, SourcePlace& place) {
  a(place.path, place.name, place.modified_ns);
}
template <typename A>
void Walk(A& a, SourceRecord& source) {
  a(source.id, source.name, source.path, source.sha256, source.modified_ns, source.info, source.counts,
    source.faces, source.tracks, source.state, source.message, source.settings, source.places,
    source.replaces);
}
template <typename A>
void Walk(A& a, FaceEmbedding& embedding) {
  a(embedding.model, embedding.model_sha256, embedding.vector, embedding.norm);
}
template <typename A>
void Walk(A& a, cv::Rect2f& box) {
  a(box.x, box.y, box.width, box.height);
}
template <typename A>
void Walk(A& a, DetectorSet& set) {
  uint32_t bits = set.bits();
  a(bits);
  if constexpr (A::kReads) set = DetectorSet(bits);
}
template <typename A>
void Walk(A& a, Detection& face) {
  a(face.box, face.score, face.seen_by, face.looked);
  for (cv::Point2f& point : face.landmarks) a(point.x, point.y);
}
template <typename A>
void Walk(A& a, FaceRecord& face) {
  a(face.id, face.number, face.frame, face.pts, face.time_us, face.duration_us, face.detection, face.quality,
    face.jpeg, face.jpeg_bytes, face.embeddings);
}
template <typename A>
void Walk(A& a, TrackRecord& track) {
  a(track.id, track.source_id, track.number, track.shot, track.start_us, track.end_us, track.quality,
    track.may_form, track.evidence, track.reason, track.face_count, track.faces, track.templates);
}
template <typename A>
void Walk(A& a, Fingerprint& fingerprint) {
  std::string bytes = A::kReads ? "" : Serialise(fingerprint);
  a(bytes);
  if constexpr (A::kReads) {
    auto parsed = ParseFingerprint(bytes);
    if (!parsed.ok()) return a.Fail();
    fingerprint = std::move(*parsed);
  }
}
template <typename A>
void Walk(A& a, ScanEntry& entry) {
  a(entry.kind, entry.source, entry.tracks, entry.checkpoint, entry.marks, entry.sha256, entry.fingerprint);
}
template <typename A>
void Walk(A& a, Status& status) {
  StatusCode code = status.code();
  Remedy remedy = status.remedy();
  std::string message = status.message();
  a(code, remedy, message);
  if constexpr (A::kReads) status = Status(code, message, remedy);
}
template <typename A>
void Walk(A& a, StageSeconds& cpu) {
  a(cpu.read, cpu.decode, cpu.select, cpu.detect, cpu.track, cpu.embed, cpu.store, cpu.looks, cpu.embedders);
}
template <typename A>
void Walk(A& a, CardUse& use) {
  a(use.card_frames, use.processor_frames, use.why_not);
}
// What a source adds to the summary of a scan.
template <typename A>
void Walk(A& a, ScanSummary& summary) {
  a(summary.scanned, summary.damaged, summary.failed, summary.noted, summary.changed, summary.rewritten,
    summary.turned, summary.decoded, summary.frames, summary.faces, summary.tracks, summary.video_ms,
    summary.cpu);
}
template <typename A>
void Walk(A& a, SourceFile& file) {
  a(file.path, file.name, file.part);
}
template <typename A>
void Walk(A& a, PlannedScan& scan) {
  a(scan.file, scan.source, scan.rescan, scan.bytes, scan.settings);
}
template <typename A>
void Walk(A& a, FrameMark& mark) {
  a(mark.frame, mark.pts, mark.duration_us, mark.digest);
}
template <typename A>
void Walk(A& a, FrameRange& frames) {
  a(frames.begin, frames.end, frames.times.first_pts, frames.times.tick_num, frames.times.tick_den,
    frames.seeks, frames.marks);
}
template <typename A>
void Walk(A& a, ScanRange& range) {
  a(range.sha256, range.frames, range.from);
}
// CV_8UC3.
template <typename A>
void Walk(A& a, cv::Mat& picture) {
  int width = picture.cols, height = picture.rows;
  const cv::Mat whole = picture.isContinuous() ? picture : picture.clone();
  std::string bytes(reinterpret_cast<const char*>(whole.data), whole.total() * whole.elemSize());
  a(width, height, bytes);
  if constexpr (A::kReads) {
    constexpr int kLongest = 1 << 14;
    if (width < 0 || height < 0 || width > kLongest || height > kLongest ||
        bytes.size() != static_cast<size_t>(width) * static_cast<size_t>(height) * 3)
      return a.Fail();
    picture = cv::Mat(height, width, CV_8UC3, bytes.data()).clone();
  }
}
template <typename A>
void Walk(A& a, ScanTask& task) {
  a(task.version, task.settings, task.models, task.exhaustive, task.embedders, task.device, task.decoder,
    task.threads, task.geometry, task.scan, task.from, task.rescan_from, task.range_us, task.range);
}
// All but the journal, whose entries are pieces of their own.
template <typename A>
void Walk(A& a, ScanFindings& findings) {
  a(findings.status, findings.machine, findings.process, findings.parts, findings.summary, findings.counts,
    findings.failed, findings.pictures, findings.finished, findings.ranges, findings.pictures_of_source,
    findings.otherwise);
}

}  // namespace wire

namespace {

using wire::Json;

constexpr std::string_view kMagic = "CFSCAN";
constexpr size_t kHashDigits = 64;

void AppendNumber(std::string* bytes, uint64_t number, int count) {
  for (int i = 0; i < count; ++i) bytes->push_back(static_cast<char>(number >> (8 * i) & 0xff));
}

uint64_t NumberIn(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return number;
}

std::string BeginWire() {
  std::string bytes(kMagic);
  AppendNumber(&bytes, kWireVersion, 4);
  return bytes;
}

template <typename T>
void AppendPiece(std::string* bytes, T& value) {
  wire::Out out;
  Walk(out, value);
  const std::vector<uint8_t> piece = Json::to_cbor(out.Take());
  AppendNumber(bytes, piece.size(), 8);
  bytes->append(piece.begin(), piece.end());
}

Status Damaged() { return Status(StatusCode::kCorrupt, "what another machine sent is damaged"); }

// The pieces, once version and hash are found to be right.
Result<std::vector<std::string_view>> PiecesOf(std::string_view bytes) {
  constexpr size_t kHead = kMagic.size() + 4;
  if (bytes.size() < kHead + kHashDigits || !bytes.starts_with(kMagic)) return Damaged();
  const std::string_view said = bytes.substr(bytes.size() - kHashDigits);
  bytes.remove_suffix(kHashDigits);
  if (Sha256Hex(bytes) != said) return Damaged();
  const uint64_t version = NumberIn(bytes.substr(kMagic.size(), 4));
  if (version != kWireVersion) {
    return Status(
        StatusCode::kMismatch,
        fmt::format("another machine speaks version {} of the scan's form and this one {}: they need the "
                    "same crossface",
                    version, kWireVersion));
  }
  bytes.remove_prefix(kHead);
  std::vector<std::string_view> pieces;
  while (!bytes.empty()) {
    if (bytes.size() < 8) return Damaged();
    const uint64_t length = NumberIn(bytes.substr(0, 8));
    bytes.remove_prefix(8);
    if (length > bytes.size()) return Damaged();
    pieces.push_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return pieces;
}

template <typename T>
bool ReadPiece(std::string_view piece, T* value) {
  Json json;
  try {
    json = Json::from_cbor(piece.begin(), piece.end());
  } catch (const Json::exception&) {
    return false;
  }
  wire::In in(json);
  Walk(in, *value);
  return in.Complete();
}

}  // namespace

std::string ToWire(const ScanTask& task) {
  std::string bytes = BeginWire();
  ScanTask copy = task;
  AppendPiece(&bytes, copy);
  return bytes + Sha256Hex(bytes);
}

Result<std::string> ToWire(const ScanFindings& findings) {
  std::string bytes = BeginWire();
  // Walks take what they may change.
  AppendPiece(&bytes, const_cast<ScanFindings&>(findings));
  for (const ScanEntry& entry : findings.journal) {
    ScanEntry whole = entry;
    for (TrackRecord& track : whole.tracks) {
      for (FaceRecord& face : track.faces) {
        CROSSFACE_ASSIGN_OR_RETURN(face.jpeg, PictureOf(face));
      }
    }
    AppendPiece(&bytes, whole);
  }
  return bytes + Sha256Hex(bytes);
}

Result<ScanTask> ScanTaskFromWire(std::string_view bytes) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto pieces, PiecesOf(bytes));
  ScanTask task;
  if (pieces.size() != 1 || !ReadPiece(pieces.front(), &task)) return Damaged();
  return task;
}

Result<ScanFindings> ScanFindingsFromWire(std::string_view bytes) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto pieces, PiecesOf(bytes));
  ScanFindings findings;
  if (pieces.empty() || !ReadPiece(pieces.front(), &findings)) return Damaged();
  for (size_t i = 1; i < pieces.size(); ++i) {
    if (!ReadPiece(pieces[i], &findings.journal.emplace_back())) return Damaged();
  }
  return findings;
}

}  // namespace crossface
