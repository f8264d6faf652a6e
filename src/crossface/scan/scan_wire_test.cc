#include "crossface/scan/scan_wire.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crossface/testing/drawn_scan.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

// Any bytes: names of files are.
std::string Text() { return *rc::gen::arbitrary<std::string>(); }
int64_t Number() { return *rc::gen::arbitrary<int64_t>(); }
float Real() { return static_cast<float>(*rc::gen::inRange(-1'000'000, 1'000'000)) / 977.0f; }
size_t Few() { return *rc::gen::inRange<size_t>(0, 4); }

std::vector<FaceEmbedding> Embeddings() {
  std::vector<FaceEmbedding> embeddings(Few());
  for (FaceEmbedding& embedding : embeddings) {
    embedding = {.model = Text(), .model_sha256 = Text(), .vector = {}, .norm = Real()};
    for (size_t i = Few() * 5; i > 0; --i) embedding.vector.push_back(Real());
  }
  return embeddings;
}

FaceRecord Face() {
  FaceRecord face{
      .number = Number(), .frame = Number(), .pts = Number(), .time_us = Number(), .quality = Real()};
  face.jpeg = Text();
  face.detection = {.box = {Real(), Real(), Real(), Real()}, .score = Real()};
  for (cv::Point2f& point : face.detection.landmarks) point = {Real(), Real()};
  face.detection.seen_by = DetectorSet(*rc::gen::inRange<uint32_t>(0, 32));
  face.detection.looked = DetectorSet(*rc::gen::inRange<uint32_t>(0, 32));
  face.embeddings = Embeddings();
  return face;
}

TrackRecord Track() {
  TrackRecord track{.number = Number(), .shot = Number(), .start_us = Number(), .end_us = Number()};
  track.quality = Real();
  track.may_form = *rc::gen::arbitrary<bool>();
  track.evidence = Real();
  track.reason =
      *rc::gen::element(UnassignedReason::kNone, UnassignedReason::kCovered, UnassignedReason::kInDoubt);
  for (size_t i = Few(); i > 0; --i) track.faces.push_back(Face());
  track.templates = Embeddings();
  return track;
}

SelectCounts Counts() { return {Number(), Number(), Number(), Number(), Number(), Number()}; }

SourceRecord Source() {
  SourceRecord source;
  source.id = Number();
  for (std::string* text : {&source.name, &source.path, &source.sha256, &source.message, &source.settings,
                            &source.info.part, &source.info.codec, &source.info.timecode_from})
    *text = Text();
  source.info.duration_ms = Number();
  source.info.fps = static_cast<double>(Number()) / 3;
  source.info.pixel_aspect = {12, 11};
  source.info.turn_from = *rc::gen::element(GeometryFrom::kNobody, GeometryFrom::kFound);
  if (*rc::gen::arbitrary<bool>()) source.info.latitude = Real();
  source.counts = Counts();
  source.state = *rc::gen::element(SourceState::kPending, SourceState::kDamaged, SourceState::kFailed);
  for (size_t i = Few(); i > 0; --i) source.places.push_back({Text(), Text(), Number()});
  source.replaces = Number();
  return source;
}

ScanEntry Entry() {
  ScanEntry entry;
  entry.kind =
      *rc::gen::element(ScanEntry::Kind::kBegin, ScanEntry::Kind::kTracks, ScanEntry::Kind::kFingerprint);
  entry.source = Source();
  for (size_t i = Few(); i > 0; --i) entry.tracks.push_back(Track());
  entry.checkpoint = {Number(), Number(), Number(), Counts()};
  entry.marks = {.cuts_us = {Number()}, .dark = {{Number(), Number()}}, .still = {}};
  entry.sha256 = Text();
  if (*rc::gen::arbitrary<bool>()) entry.fingerprint.still = StillCode{1, 2, 3};
  return entry;
}

ScanRange Range() {
  ScanRange range{.sha256 = Text(), .frames = {}, .from = {Number(), Number(), Number(), Counts()}};
  range.frames = {.begin = Number(), .end = Number(), .times = {Number(), 1, 90'000}, .seeks = true};
  for (size_t i = Few(); i > 0; --i)
    range.frames.marks.push_back({Number(), Number(), Number(), static_cast<uint64_t>(Number())});
  return range;
}

ScanFindings Findings() {
  ScanFindings findings;
  findings.status =
      *rc::gen::element(Status(), Status(StatusCode::kMismatch, "other", Remedy::kInstallModels));
  findings.machine = Text();
  findings.process = Number();
  for (size_t i = Few(); i > 0; --i) findings.journal.push_back(Entry());
  if (*rc::gen::arbitrary<bool>()) findings.parts = std::vector<std::string>{Text(), Text()};
  findings.summary.failed = {{Text(), Text()}};
  findings.summary.turned = {{Text(), Text()}};
  findings.summary.decoded[Text()] = {
      .card_frames = Number(), .processor_frames = Number(), .why_not = Text()};
  findings.summary.tracks = Number();
  findings.summary.cpu.embed = static_cast<double>(Number()) / 7;
  findings.summary.cpu.looks[Text()] = static_cast<double>(Number()) / 7;
  findings.counts = Counts();
  findings.finished = {Text()};
  for (size_t i = Few(); i > 0; --i) findings.ranges.push_back(Range());
  for (size_t i = Few(); i > 0; --i) {
    findings.pictures_of_source.emplace_back(1 + static_cast<int>(Few()), 3, CV_8UC3);
    cv::randu(findings.pictures_of_source.back(), 0, 256);
  }
  findings.otherwise = Text();
  return findings;
}

std::string AsText(const ScanFindings& findings) {
  std::string text = findings.machine + findings.status.message() + findings.summary.failed.front().second;
  text += findings.otherwise;
  for (const auto& [name, use] : findings.summary.decoded)
    text += fmt::format("{} {} {} {}", name, use.card_frames, use.processor_frames, use.why_not);
  for (const ScanRange& range : findings.ranges) {
    text += fmt::format("{} {}", range.from.next_shot, range.frames.times.tick_den);
    for (const FrameMark& mark : range.frames.marks) text += fmt::format(" {} {}", mark.pts, mark.digest);
  }
  for (const cv::Mat& picture : findings.pictures_of_source)
    text.append(reinterpret_cast<const char*>(picture.data), picture.total() * 3);
  for (const ScanEntry& entry : findings.journal) {
    text += fmt::format("{} {} {} {}", static_cast<int>(entry.kind), entry.source.name, entry.source.info.fps,
                        entry.checkpoint.next_track);
    for (const TrackRecord& track : entry.tracks) {
      text += testing::AsText(track);
      for (const FaceRecord& face : track.faces) text += face.jpeg;
    }
  }
  return text;
}

RC_GTEST_PROP(ScanWire, FindingsAreReadAsTheyWereWritten, ()) {
  const ScanFindings findings = Findings();
  const std::string bytes = *ToWire(findings);
  const auto read = ScanFindingsFromWire(bytes);
  RC_ASSERT(read.ok());
  RC_ASSERT(AsText(*read) == AsText(findings));
  RC_ASSERT(*ToWire(*read) == bytes);
}

RC_GTEST_PROP(ScanWire, TasksAreReadAsTheyWereWritten, ()) {
  ScanTask task{.version = Text(), .settings = Text(), .models = "/some/folder", .exhaustive = true};
  task.embedders = {Text(), Text()};
  task.threads = 7;
  task.decoder = FilmDecoder::kCard;
  task.geometry = {.clockwise = 90, .picture_aspect = Aspect{4, 3}, .forget = true};
  task.scan.file = {.path = "/films/a.mp4", .name = Text(), .part = Text()};
  task.scan.source = Source();
  if (*rc::gen::arbitrary<bool>()) task.scan.rescan = Source();
  task.scan.bytes = Number();
  task.from = {Number(), Number(), Number(), Counts()};
  task.range_us = 300'000'000;
  if (*rc::gen::arbitrary<bool>()) task.range = Range();
  const std::string bytes = ToWire(task);
  const auto read = ScanTaskFromWire(bytes);
  RC_ASSERT(read.ok());
  RC_ASSERT(read->scan.source.name == task.scan.source.name);
  RC_ASSERT(read->decoder == task.decoder);
  RC_ASSERT(read->scan.rescan.has_value() == task.scan.rescan.has_value());
  RC_ASSERT(read->geometry.picture_aspect->width == 4);
  RC_ASSERT(read->range_us == task.range_us);
  RC_ASSERT(read->range.has_value() == task.range.has_value());
  RC_ASSERT(!task.range || read->range->frames == task.range->frames);
  RC_ASSERT(ToWire(*read) == bytes);
}

RC_GTEST_PROP(ScanWire, DamagedBytesAreRefused, ()) {
  const std::string bytes = *ToWire(Findings());
  std::string damaged = bytes;
  const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << *rc::gen::inRange(0, 8)));
      break;
    case 1:
      damaged.resize(at);
      break;
    default:
      damaged.insert(at, 1, 'x');
  }
  RC_ASSERT(ScanFindingsFromWire(damaged).status().code() == StatusCode::kCorrupt);
}

// By somebody who makes the hash fit: whatever it says, it is either findings or refused.
RC_GTEST_PROP(ScanWire, NoBytesAreTooMuch, ()) {
  const std::string whole = *ToWire(Findings());
  std::string bytes = whole.substr(0, whole.size() - 64);
  for (size_t changes = 1 + Few() * 3; changes > 0; --changes) {
    const auto at = *rc::gen::inRange<size_t>(10, bytes.size());
    bytes[at] = static_cast<char>(*rc::gen::inRange(-128, 128));
  }
  const auto read = ScanFindingsFromWire(bytes + Sha256Hex(bytes));
  RC_ASSERT(read.ok() || read.status().code() == StatusCode::kCorrupt);
}

TEST(ScanWire, AnotherVersionIsToldFromDamage) {
  std::string bytes = ToWire(ScanTask{});
  bytes.resize(bytes.size() - 64);
  bytes[6] = static_cast<char>(kWireVersion + 1);
  const auto read = ScanTaskFromWire(bytes + Sha256Hex(bytes));
  EXPECT_EQ(read.status().code(), StatusCode::kMismatch) << read.status().message();
}

TEST(ScanWire, WhatIsNothingOfTheKindIsRefused) {
  for (const std::string& bytes :
       {std::string(), std::string("CFSCAN"), std::string(1000, 'x'), ToWire(ScanTask{})})
    EXPECT_EQ(ScanFindingsFromWire(bytes).status().code(), StatusCode::kCorrupt);
}

}  // namespace
}  // namespace crossface
