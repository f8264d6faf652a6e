#include "crossface/curation/track_reference.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "crossface/detect/detection.h"
#include "crossface/embed/fitted_calibration.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

constexpr int64_t kNearUs = 500'000;
constexpr float kSamePlace = 0.3f;  // intersection over union
// For models without a calibration. One face that is found twice in a moment has .8 and more; strangers
// hardly ever this with any of the nets.
constexpr float kAlikeCosine = 0.5f;
constexpr char kHexDigits[] = "0123456789abcdef";

// Whole numbers from -127 to 127 in proportion to the vector's, two hexadecimal digits each.
std::string ToText(const std::vector<float>& vector) {
  float largest = 0;
  for (const float value : vector) largest = std::max(largest, std::abs(value));
  std::string text;
  for (const float value : vector) {
    const auto byte = static_cast<uint8_t>(largest > 0 ? std::lround(value / largest * 127) : 0);
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

int HexValue(char digit) {
  const char* found = std::find(kHexDigits, kHexDigits + 16, digit);
  if (found == kHexDigits + 16) throw Json::other_error::create(501, "template", nullptr);
  return static_cast<int>(found - kHexDigits);
}

std::vector<float> ToVector(const std::string& text) {
  if (text.size() % 2 != 0) throw Json::other_error::create(501, "template", nullptr);
  std::vector<float> vector;
  float squares = 0;
  for (size_t i = 0; i < text.size(); i += 2) {
    const auto byte = static_cast<int8_t>(HexValue(text[i]) * 16 + HexValue(text[i + 1]));
    vector.push_back(byte);
    squares += vector.back() * vector.back();
  }
  for (float& value : vector) value /= std::sqrt(std::max(squares, 1.0f));
  return vector;
}

// Nothing where no model of these has a calibration that can be read.
std::optional<PairScorer> ScorerOf(const std::vector<ModelVersion>& versions) {
  std::vector<std::string> models;
  models.reserve(versions.size());
  for (const ModelVersion& version : versions) models.push_back(version.first);
  const Result<KnownCalibration> known = CalibrationOf(versions);
  if (!known.ok()) return std::nullopt;
  Result<PairScorer> scorer = PairScorer::Create(models, known->calibration);
  return scorer.ok() ? std::optional(*std::move(scorer)) : std::nullopt;
}

float Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  float dot = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) dot += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
  return aa > 0 && bb > 0 ? dot / std::sqrt(aa * bb) : 0;
}

}  // namespace

Json ToJson(const TrackReference& track) {
  Json json = {{"sha256", track.sha256},
               {"source", track.source},
               {"track", track.number},
               {"start_us", track.start_us},
               {"end_us", track.end_us},
               {"face_us", track.face_us},
               {"box", {track.box.x, track.box.y, track.box.width, track.box.height}}};
  if (!track.part.empty()) json["part"] = track.part;
  if (track.shot >= 0) json["shot"] = track.shot;
  return json;
}

Json LooksToJson(const TrackReference& track) {
  Json json = Json::array();
  for (const FaceEmbedding& look : track.templates)
    json.push_back({{"model", look.model}, {"sha256", look.model_sha256}, {"vector", ToText(look.vector)}});
  return json;
}

std::vector<FaceEmbedding> ToLooks(const Json& json) {
  std::vector<FaceEmbedding> looks;
  for (const Json& look : json)
    looks.push_back({look.at("model"), look.at("sha256"), ToVector(look.at("vector")), 0});
  return looks;
}

TrackReference ToReference(const Json& json) {
  const Json& box = json.at("box");
  return {
      .sha256 = json.at("sha256"),
      .source = json.at("source"),
      .number = json.at("track"),
      .start_us = json.at("start_us"),
      .end_us = json.at("end_us"),
      .face_us = json.at("face_us"),
      .box = {box.at(0).get<float>(), box.at(1).get<float>(), box.at(2).get<float>(), box.at(3).get<float>()},
      .part = json.value("part", ""),
      .shot = json.value("shot", int64_t{-1})};
}

TrackReference ReferTo(const SourceRecord& source, const TrackRecord& track) {
  return {.sha256 = source.sha256,
          .source = source.name,
          .number = track.number,
          .start_us = track.start_us,
          .end_us = track.end_us,
          .part = source.info.part,
          .shot = track.shot,
          .track_id = track.id};
}

void AddLooks(const TrackRecord& track, TrackReference* reference) {
  const auto best = std::max_element(track.faces.begin(), track.faces.end(),
                                     [](const auto& a, const auto& b) { return a.quality < b.quality; });
  if (best != track.faces.end()) {
    reference->face_us = best->time_us;
    const cv::Rect2f& box = best->detection.box;
    reference->box = {box.x, box.y, box.width, box.height};
  }
  reference->templates = track.templates;
}

TrackFinder::TrackFinder(const std::vector<SourceRecord>& sources, const std::vector<TrackRecord>& tracks,
                         const TrackTemplates& templates)
    : tracks_(tracks), templates_(templates) {
  for (const SourceRecord& source : sources) sources_[{source.sha256, source.info.part}].push_back(&source);
  for (size_t i = 0; i < tracks.size(); ++i) tracks_of_[tracks[i].source_id].push_back(i);
}

const SourceRecord* TrackFinder::SourceOf(const TrackReference& reference) const {
  const auto same_content = sources_.find({reference.sha256, reference.part});
  if (same_content == sources_.end()) return nullptr;
  const auto& copies = same_content->second;
  const auto named = std::find_if(copies.begin(), copies.end(),
                                  [&](const SourceRecord* copy) { return copy->name == reference.source; });
  return named == copies.end() ? copies.front() : *named;
}

const std::vector<size_t>& TrackFinder::TracksOf(const TrackReference& reference) const {
  static const std::vector<size_t> none;
  const SourceRecord* source = SourceOf(reference);
  if (source == nullptr) return none;
  const auto tracks = tracks_of_.find(source->id);
  return tracks == tracks_of_.end() ? none : tracks->second;
}

std::optional<int64_t> TrackFinder::DistanceInPlace(const TrackReference& reference,
                                                    const TrackRecord& track) const {
  const cv::Rect2f place(reference.box.x, reference.box.y, reference.box.width, reference.box.height);
  std::optional<int64_t> nearest;
  for (const FaceRecord& face : track.faces) {
    const int64_t distance = std::abs(face.time_us - reference.face_us);
    if (distance > kNearUs || (nearest && distance >= *nearest)) continue;
    if (IntersectionOverUnion(face.detection.box, place) >= kSamePlace) nearest = distance;
  }
  return nearest;
}

std::optional<int64_t> TrackFinder::Distance(const TrackReference& reference,
                                             const TrackRecord& track) const {
  if (track.number == reference.number && track.start_us == reference.start_us &&
      track.end_us == reference.end_us)
    return 0;
  const auto nearest = DistanceInPlace(reference, track);
  return nearest ? std::optional(*nearest + 1) : std::nullopt;
}

std::vector<size_t> TrackFinder::Candidates(const TrackReference& reference) const {
  std::vector<size_t> candidates;
  for (const size_t i : TracksOf(reference)) {
    if (Distance(reference, tracks_[i])) candidates.push_back(i);
  }
  return candidates;
}

std::optional<size_t> TrackFinder::Find(const TrackReference& reference) {
  std::optional<size_t> nearest;
  int64_t nearest_us = 0;
  for (const size_t i : TracksOf(reference)) {
    const auto distance = Distance(reference, tracks_[i]);
    if (!distance || (nearest && *distance >= nearest_us) || !MayBe(reference, tracks_[i])) continue;
    nearest = i;
    nearest_us = *distance;
  }
  return nearest;
}

bool TrackFinder::MayBe(const TrackReference& reference, const TrackRecord& track) {
  if (reference.templates.empty()) return true;
  if (const auto templates = templates_.find(track.id); templates != templates_.end()) {
    if (const auto alike = LooksAlike(reference.templates, templates->second)) return *alike;
  }
  return track.shot == reference.shot && DistanceInPlace(reference, track).has_value();
}

std::optional<bool> TrackFinder::LooksAlike(const std::vector<FaceEmbedding>& some,
                                            const std::vector<FaceEmbedding>& others) {
  std::vector<ModelVersion> versions;
  std::vector<float> cosines;
  for (const FaceEmbedding& one : some) {
    for (const FaceEmbedding& other : others) {
      if (one.model != other.model || one.model_sha256 != other.model_sha256 ||
          one.vector.size() != other.vector.size())
        continue;
      versions.emplace_back(one.model, one.model_sha256);
      cosines.push_back(Cosine(one.vector, other.vector));
    }
  }
  if (versions.empty()) return std::nullopt;
  std::vector<std::string> key;
  for (const auto& [model, sha256] : versions) key.insert(key.end(), {model, sha256});
  const auto [scorer, added] = scorers_.try_emplace(key);
  if (added) scorer->second = ScorerOf(versions);
  // As of pictures that show all: it is one face in one moment, and what looks alike only because both are
  // poor may be anybody.
  if (scorer->second) return scorer->second->LogOdds(cosines, 1, 1) >= 0;
  return *std::min_element(cosines.begin(), cosines.end()) >= kAlikeCosine;
}

}  // namespace crossface
