#include <algorithm>
#include <cmath>
#include <tuple>

#include "crossface/detect/detection.h"
#include "crossface/evaluation/evaluate_labels.h"

namespace crossface {
namespace {

constexpr float kLeastOverlap = 0.3f;  // detectors and truth differ in how much forehead and chin a box takes

// Where the track's face is for a truth sample; false when the track is not on then.
bool BoxDuring(const EvaluatedTrack& track, const TruthBox& sample, cv::Rect2f* box) {
  if (track.boxes.empty()) return false;
  const int64_t middle = (sample.start_us + sample.end_us) / 2;
  const int64_t time = std::clamp(middle, track.start_us, std::max(track.start_us, track.end_us - 1));
  if (time < sample.start_us || time >= sample.end_us) return false;
  const auto after = std::lower_bound(track.boxes.begin(), track.boxes.end(), time,
                                      [](const auto& entry, int64_t value) { return entry.first < value; });
  if (after == track.boxes.begin()) {
    *box = track.boxes.front().second;
  } else if (after == track.boxes.end()) {
    *box = track.boxes.back().second;
  } else {
    const auto& [time_a, a] = *(after - 1);
    const auto& [time_b, b] = *after;
    const float part = static_cast<float>(time - time_a) / static_cast<float>(time_b - time_a);
    const auto blend = [part](float x, float y) { return x + part * (y - x); };
    *box = {blend(a.x, b.x), blend(a.y, b.y), blend(a.width, b.width), blend(a.height, b.height)};
  }
  return true;
}

// 0 when the boxes do not match; a sufficient overlap ranks above a middle that is merely inside.
float MatchScore(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float overlap = IntersectionOverUnion(a, b);
  if (overlap >= kLeastOverlap) return 1 + overlap;
  const auto middle = [](const cv::Rect2f& box) {
    return cv::Point2f(box.x + box.width / 2, box.y + box.height / 2);
  };
  return a.contains(middle(b)) || b.contains(middle(a)) ? 1e-3f + overlap : 0;
}

class BoxComparison {
 public:
  BoxComparison(const EvaluatedCase& found, const std::vector<TruthBox>& boxes)
      : found_(found), boxes_(boxes) {}

  Result<Evaluation> Run(int resamples) {
    CROSSFACE_RETURN_IF_ERROR(SelectSamples());
    MatchSamples();
    evaluation_.kind = Truth::Kind::kBoxes;
    evaluation_.true_persons = static_cast<int>(true_persons_.size());
    const std::vector<TrackLabel> labels = LabelTracks();
    ScoreSheet sheet = FillSheet();
    CountTracks(found_, labels, &sheet, &evaluation_);
    Score(sheet, resamples, &evaluation_);
    FindMistakes(found_, true_persons_, labels, MissedSpans(), &evaluation_);
    return std::move(evaluation_);
  }

 private:
  Status SelectSamples() {
    std::set<std::string> videos, persons;
    for (const TruthBox& box : boxes_) videos.insert(box.video);
    CROSSFACE_ASSIGN_OR_RETURN(const auto source_of,
                               MatchVideos(found_.sources, videos, &evaluation_.missing_videos));
    for (size_t i = 0; i < boxes_.size(); ++i) {
      const auto source = source_of.find(boxes_[i].video);
      if (source == source_of.end()) continue;
      moments_[{source->second, boxes_[i].start_us, boxes_[i].end_us}].push_back(i);
      persons.insert(boxes_[i].person);
    }
    true_persons_.assign(persons.begin(), persons.end());
    return {};
  }

  void MatchSamples() {
    std::vector<std::vector<size_t>> tracks_of(found_.sources.size());
    for (size_t track = 0; track < found_.tracks.size(); ++track)
      tracks_of[found_.tracks[track].source].push_back(track);
    track_of_.assign(boxes_.size(), -1);
    for (const auto& [moment, samples] : moments_) {
      std::vector<std::tuple<float, size_t, size_t>> pairs;  // negative score, sample, track
      for (const size_t track : tracks_of[std::get<0>(moment)]) {
        for (const size_t sample : samples) {
          cv::Rect2f box;
          if (!BoxDuring(found_.tracks[track], boxes_[sample], &box)) continue;
          const float score = MatchScore(box, boxes_[sample].box);
          if (score > 0) pairs.emplace_back(-score, sample, track);
        }
      }
      std::sort(pairs.begin(), pairs.end());
      std::set<size_t> taken;
      for (const auto& [score, sample, track] : pairs) {
        if (track_of_[sample] < 0 && taken.insert(track).second) track_of_[sample] = static_cast<int>(track);
      }
    }
  }

  static double Seconds(const TruthBox& sample) {
    return static_cast<double>(sample.end_us - sample.start_us) * 1e-6;
  }

  int TruePerson(const TruthBox& sample) const {
    return static_cast<int>(std::lower_bound(true_persons_.begin(), true_persons_.end(), sample.person) -
                            true_persons_.begin());
  }

  std::vector<TrackLabel> LabelTracks() const {
    std::vector<std::map<int, double>> seconds(found_.tracks.size());
    for (size_t i = 0; i < boxes_.size(); ++i) {
      if (track_of_[i] >= 0) seconds[track_of_[i]][TruePerson(boxes_[i])] += Seconds(boxes_[i]);
    }
    std::vector<TrackLabel> labels(found_.tracks.size());
    for (size_t track = 0; track < labels.size(); ++track) {
      labels[track].seconds = TrackSeconds(found_.tracks[track]);
      if (seconds[track].empty()) continue;
      labels[track].kind = TrackLabel::Kind::kPerson;
      labels[track].true_person =
          std::max_element(seconds[track].begin(), seconds[track].end(), [](const auto& a, const auto& b) {
            return a.second < b.second;
          })->first;
    }
    return labels;
  }

  int PersonShowing(size_t sample) const {
    return track_of_[sample] < 0 ? -1 : found_.tracks[track_of_[sample]].person;
  }

  ScoreSheet FillSheet() const {
    ScoreSheet sheet{.kind = Truth::Kind::kBoxes};
    sheet.tallies.resize(found_.sources.size());
    std::set<int> scored;
    for (const auto& [moment, samples] : moments_) {
      const int source = std::get<0>(moment);
      scored.insert(source);
      for (const size_t sample : samples) {
        const double seconds = Seconds(boxes_[sample]);
        const bool on_track = track_of_[sample] >= 0;
        SourceTally& tally = sheet.tallies[source];
        for (SourceTally::Covered* covered : {&tally.covered, &tally.detectable}) {
          if (covered == &tally.detectable && !boxes_[sample].detectable()) continue;
          covered->all += seconds;
          covered->by_any_track += on_track ? seconds : 0;
          covered->by_assigned_track += PersonShowing(sample) >= 0 ? seconds : 0;
        }
        (on_track ? sheet.samples : sheet.missed_samples)
            .push_back({source, TruePerson(boxes_[sample]), PersonShowing(sample), seconds});
      }
    }
    sheet.scored_sources.assign(scored.begin(), scored.end());
    return sheet;
  }

  std::vector<MissedSpan> MissedSpans() const {
    std::vector<MissedSpan> spans;
    for (const auto& [moment, samples] : moments_) {
      for (const size_t sample : samples) {
        const TruthBox& box = boxes_[sample];
        if (PersonShowing(sample) >= 0 || !box.detectable()) continue;
        spans.push_back({std::get<0>(moment), TruePerson(box), box.start_us, box.end_us});
      }
    }
    return spans;
  }

  const EvaluatedCase& found_;
  const std::vector<TruthBox>& boxes_;
  std::vector<std::string> true_persons_;                                     // sorted
  std::map<std::tuple<int, int64_t, int64_t>, std::vector<size_t>> moments_;  // source, start, end -> samples
  std::vector<int> track_of_;                                                 // per sample, -1 for none
  Evaluation evaluation_;
};

}  // namespace

Result<Evaluation> CompareWithBoxes(const EvaluatedCase& found, const std::vector<TruthBox>& boxes,
                                    int resamples) {
  return BoxComparison(found, boxes).Run(resamples);
}

}  // namespace crossface
