// JSON of live events and of a watch's end.
#include <nlohmann/json.hpp>

#include "crossface/app/json.h"
#include "crossface/app/live.h"

namespace crossface {
namespace {

using Json = nlohmann::json;

// The person's fields, those of an event.
void AddPerson(const LivePerson& person, Json* json) {
  (*json)["person"] = person.name.empty() ? Json() : Json(person.name);
  (*json)["person_id"] = person.id == 0 ? Json() : Json(person.id);
  (*json)["new"] = person.is_new;
  (*json)["ignored"] = person.ignored;
  (*json)["confidence"] = person.confidence;
  (*json)["reason"] = person.reason;
}

Json ToJson(const SeenEvent& event) {
  Json json = {{"event", "seen"},
               {"stream", event.stream},
               {"time", WallTime(event.time_us)},
               {"clock", ClockKindName(event.clock)},
               {"track", event.track},
               {"opened", event.opened},
               {"watched", event.watched},
               {"was", event.before ? Json(event.before->name) : Json()},
               {"box", ToJson(event.box)},
               {"quality", event.quality},
               {"evidence", event.evidence},
               {"delay_ms", static_cast<double>(event.delay_us) / 1000}};
  AddPerson(event.person, &json);
  return json;
}

Json ToJson(const LostEvent& event) {
  Json json = {{"event", "lost"},      {"stream", event.stream},   {"time", WallTime(event.time_us)},
               {"track", event.track}, {"watched", event.watched}, {"since", WallTime(event.since_us)},
               {"faces", event.faces}, {"goes_on", event.goes_on}};
  AddPerson(event.person, &json);
  return json;
}

Json ToJson(const StreamEvent& event) {
  Json json = {{"event", "stream"},
               {"stream", event.stream},
               {"time", WallTime(event.time_us)},
               {"state", StreamStateName(event.state)},
               {"message", event.message}};
  if (event.state == StreamEvent::State::kConnected) {
    json["width"] = event.width;
    json["height"] = event.height;
    json["fps"] = event.fps;
    json["codec"] = event.codec;
    json["clock"] = ClockKindName(event.clock);
  }
  if (event.state == StreamEvent::State::kRecorded) {
    json["file"] = event.file;
    json["sha256"] = event.sha256;
    json["begin"] = event.begin;
    json["end"] = event.end;
    json["bytes"] = event.bytes;
    json["clock"] = ClockKindName(event.clock);
  }
  return json;
}

Json ToJson(const StatsEvent& event) {
  return {{"event", "stats"},
          {"stream", event.stream},
          {"time", WallTime(event.time_us)},
          {"seconds", event.seconds},
          {"packets", event.packets},
          {"frames", event.frames},
          {"looked_at", event.looked_at},
          {"dropped", event.dropped},
          {"connections", event.connections},
          {"recorded_bytes", event.recorded_bytes},
          {"delay_p50_ms", event.delay_p50_ms},
          {"delay_p95_ms", event.delay_p95_ms},
          {"open_tracks", event.open_tracks},
          {"people", event.people}};
}

Json ToJson(const LetGoEvent& event) {
  return {{"event", "let_go"},
          {"time", WallTime(event.time_us)},
          {"segments", event.segments},
          {"bytes", event.bytes},
          {"kept_for_people", event.kept_for_people},
          {"kept_unidentified", event.kept_unidentified},
          {"kept_other", event.kept_other}};
}

}  // namespace

Json ToJson(const LiveEvent& event) {
  return std::visit([](const auto& one) { return ToJson(one); }, event);
}

Json ToJson(const LiveAnswer& answer) {
  Json failed = Json::array();
  for (const auto& [stream, why] : answer.failed) failed.push_back({{"stream", stream}, {"message", why}});
  Json json = {{"streams", answer.streams},
               {"tracks", answer.tracks},
               {"people", answer.people},
               {"dropped", answer.dropped},
               {"segments", answer.segments},
               {"recorded_bytes", answer.recorded_bytes},
               {"let_go", answer.let_go},
               {"let_go_bytes", answer.let_go_bytes},
               {"left_to_identify", answer.left_to_identify},
               {"failed", failed}};
  json.update(ToJson(answer.identified));
  return json;
}

}  // namespace crossface
