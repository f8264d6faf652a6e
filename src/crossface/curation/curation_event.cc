#include "crossface/curation/curation_event.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "crossface/util/hash.h"
#include "crossface/util/mutex.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

Json ToJson(const std::optional<PersonFacts>& facts) {
  if (!facts) return nullptr;
  return {{"name", facts->name}, {"ignored", facts->ignored}, {"by_reference", facts->by_reference}};
}

std::optional<PersonFacts> ToFacts(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return PersonFacts{json.at("name"), json.at("ignored"), json.value("by_reference", false)};
}

Json PersonsJson(const CurationEvent& event) {
  Json persons = Json::array();
  for (const auto& person : event.persons)
    persons.push_back(
        {{"id", person.id}, {"before", ToJson(person.before)}, {"after", ToJson(person.after)}});
  return persons;
}

void CheckTrack(const CurationEvent& event, int track) {
  if (track < 0 || track >= static_cast<int>(event.tracks.size()))
    throw Json::out_of_range::create(401, "track", nullptr);
}

// What stands at this place of a move; nothing is kNone.
UnassignedReason ToReason(const Json& move, size_t place) {
  if (move.size() <= place) return UnassignedReason::kNone;
  const auto reason = ParseUnassignedReason(move[place].get<std::string>());
  if (!reason) throw Json::other_error::create(501, "reason", nullptr);
  return *reason;
}

CurationEvent FromJson(const Json& json) {
  CurationEvent event;
  event.told = json.at("told");
  event.by = json.value("by", std::string());
  event.of = json.at("of").get<std::vector<int64_t>>();
  event.overrides = json.at("overrides").get<std::vector<int64_t>>();
  event.tracks.reserve(json.at("tracks").size());
  event.moves.reserve(json.at("moves").size());
  event.pins.reserve(json.at("pins").size());
  for (const Json& track : json.at("tracks")) event.tracks.push_back(ToReference(track));
  for (const Json& person : json.at("persons"))
    event.persons.push_back({person.at("id"), ToFacts(person.at("before")), ToFacts(person.at("after"))});
  for (const Json& move : json.at("moves"))
    event.moves.push_back(
        {move.at(0), move.at(1), move.at(2), move.at(3), move.at(4), ToReason(move, 5), ToReason(move, 6)});
  for (const Json& pin : json.at("pins")) event.pins.push_back({pin.at(0), pin.at(1), pin.at(2)});
  for (const Json& parting : json.at("partings"))
    event.partings.push_back({parting.at(0).get<std::vector<int>>(), parting.at(1).get<std::vector<int>>()});

  for (const auto& move : event.moves) CheckTrack(event, move.track);
  for (const auto& pin : event.pins) CheckTrack(event, pin.track);
  for (const auto& parting : event.partings) {
    for (const int track : parting.some) CheckTrack(event, track);
    for (const int track : parting.others) CheckTrack(event, track);
  }
  return event;
}

// What a text says never changes: long ones are remembered from the second time on, by programs that read
// corrections over and over. Thread-safe.
class ReadBodies {
 public:
  // Throws as FromJson.
  CurationEvent Read(const std::string& body) {
    if (body.size() < kLong) return FromJson(Json::parse(body));
    const std::string sha256 = Sha256Hex(body);
    {
      const MutexLock lock(mutex_);
      if (const auto known = known_.find(sha256); known != known_.end() && known->second)
        return *known->second;
    }
    CurationEvent event = FromJson(Json::parse(body));
    const MutexLock lock(mutex_);
    const auto [known, is_first] = known_.try_emplace(sha256);
    if (is_first || known->second) return event;
    bytes_ += body.size();  // the event takes about as much as its text
    if (bytes_ > kMostBytes) {
      known_.clear();
      bytes_ = body.size();
    }
    known_[sha256] = event;
    return event;
  }

 private:
  static constexpr size_t kLong = 4096, kMostBytes = 64 << 20;
  Mutex mutex_;
  // By SHA-256; nothing after the first time.
  std::unordered_map<std::string, std::optional<CurationEvent>> known_ CROSSFACE_GUARDED_BY(mutex_);
  size_t bytes_ CROSSFACE_GUARDED_BY(mutex_) = 0;
};

Status Damaged(int64_t correction) {
  return Status(
      StatusCode::kCorrupt,
      fmt::format("correction {} in the gallery cannot be read: restore the case from a copy", correction));
}

}  // namespace

CorrectionRecord ToRecord(const CurationEvent& event) {
  Json json = {{"told", event.told},
               {"of", event.of},
               {"overrides", event.overrides},
               {"persons", PersonsJson(event)}};
  if (!event.by.empty()) json["by"] = event.by;
  for (const char* list : {"tracks", "moves", "pins", "partings"}) json[list] = Json::array();
  CorrectionRecord record{.id = event.id, .time = event.time, .verb = event.verb};
  Json looks = Json::array();
  bool has_looks = false;
  for (const TrackReference& track : event.tracks) {
    json["tracks"].push_back(ToJson(track));
    looks.push_back(LooksToJson(track));
    has_looks = has_looks || !track.templates.empty();
    record.tracks.push_back(track.track_id);
  }
  for (const auto& move : event.moves)
    json["moves"].push_back({move.track, move.from, move.to, move.from_confidence, move.to_confidence,
                             UnassignedReasonName(move.from_reason), UnassignedReasonName(move.to_reason)});
  for (const auto& pin : event.pins) json["pins"].push_back({pin.track, pin.person, pin.anchor});
  for (const auto& parting : event.partings) json["partings"].push_back({parting.some, parting.others});
  record.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (has_looks) record.looks = looks.dump(-1, ' ', false, Json::error_handler_t::replace);
  return record;
}

Result<CurationEvent> ParseCorrection(const CorrectionRecord& record) {
  static ReadBodies read;
  CurationEvent event;
  try {
    event = read.Read(record.body);
  } catch (const Json::exception&) {
    return Damaged(record.id);
  }
  event.id = record.id;
  event.time = record.time;
  event.verb = record.verb;
  CROSSFACE_RETURN_IF_ERROR(AddLooks(record.looks, &event));
  return event;
}

Status AddLooks(const std::string& looks, CurationEvent* event) {
  if (looks.empty()) return Status();
  try {
    const Json json = Json::parse(looks);
    if (!json.is_array() || json.size() != event->tracks.size()) return Damaged(event->id);
    for (size_t i = 0; i < json.size(); ++i) event->tracks[i].templates = ToLooks(json[i]);
    return Status();
  } catch (const Json::exception&) {
    return Damaged(event->id);
  }
}

Json Describe(const CurationEvent& event) {
  Json json = {{"id", event.id},         {"verb", event.verb},           {"told", event.told},
               {"of", event.of},         {"overrides", event.overrides}, {"persons", PersonsJson(event)},
               {"tracks", Json::array()}};
  if (!event.by.empty()) json["by"] = event.by;
  for (const auto& move : event.moves) {
    const TrackReference& track = event.tracks[static_cast<size_t>(move.track)];
    if (move.from == move.to) continue;
    json["tracks"].push_back(
        {{"source", track.source}, {"track", track.number}, {"from", move.from}, {"to", move.to}});
  }
  return json;
}

}  // namespace crossface
