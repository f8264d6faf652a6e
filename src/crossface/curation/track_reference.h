// How a correction names a track: by what survives another scan, other models and another place of the
// footage. Plain values and pure functions, thread-safe; TrackFinder is not.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "crossface/curation/curation_values.h"
#include "crossface/embed/pair_scorer.h"
#include "crossface/gallery/records.h"

namespace crossface {

// Without templates and face.
TrackReference ReferTo(const SourceRecord& source, const TrackRecord& track);
// Adds the track's best face, if it has any, and its templates.
void AddLooks(const TrackRecord& track, TrackReference* reference);

// Looks stand apart from all else, because they are most of the bytes and seldom needed.
nlohmann::json ToJson(const TrackReference& track);
nlohmann::json LooksToJson(const TrackReference& track);  // a list
// Both throw nlohmann::json::exception for what is none.
TrackReference ToReference(const nlohmann::json& json);  // without templates
std::vector<FaceEmbedding> ToLooks(const nlohmann::json& json);

using TrackTemplates = std::unordered_map<int64_t, std::vector<FaceEmbedding>>;  // by track id

// Finds the tracks that references mean, among those of a gallery. Keeps references to all that it is given.
class TrackFinder {
 public:
  // `tracks` with faces. `templates` of the tracks that Candidates names for references that have templates.
  TrackFinder(const std::vector<SourceRecord>& sources, const std::vector<TrackRecord>& tracks,
              const TrackTemplates& templates);

  // The position in `tracks`: the same number and times; else, after another scan, the track with a face at
  // that place within half a second, the nearest in time. It must look like the reference, as the models say
  // that both have vectors of; where there is no such model it must be the same shot and place.
  std::optional<size_t> Find(const TrackReference& reference);
  // Where its track would be: of copies, the one that it names. Null: its content is not there.
  const SourceRecord* SourceOf(const TrackReference& reference) const;
  // Which it may be by time and place alone.
  std::vector<size_t> Candidates(const TrackReference& reference) const;

 private:
  // How well the track fits in time: 0 for the same number and times, nothing when it does not.
  std::optional<int64_t> Distance(const TrackReference& reference, const TrackRecord& track) const;
  std::optional<int64_t> DistanceInPlace(const TrackReference& reference, const TrackRecord& track) const;
  bool MayBe(const TrackReference& reference, const TrackRecord& track);
  // Nothing where no model can say.
  std::optional<bool> LooksAlike(const std::vector<FaceEmbedding>& some,
                                 const std::vector<FaceEmbedding>& others);
  const std::vector<size_t>& TracksOf(const TrackReference& reference) const;

  const std::vector<TrackRecord>& tracks_;
  const TrackTemplates& templates_;
  std::map<std::pair<std::string, std::string>, std::vector<const SourceRecord*>>
      sources_;                                                            // by SHA-256 and part
  std::unordered_map<int64_t, std::vector<size_t>> tracks_of_;             // by source id
  std::map<std::vector<std::string>, std::optional<PairScorer>> scorers_;  // by models
};

}  // namespace crossface
