#include <algorithm>
#include <cmath>

#include "crossface/pipeline/evaluate_labels.h"
#include "crossface/track/assignment.h"

namespace crossface {
namespace {

constexpr double kStep_us = 100'000;
constexpr double kLeastShare = 0.5;  // of a track's time that a person must be there to be the one it shows

// What is on at one step of one source. Person numbers are distinct and rising.
struct Moment {
  std::vector<int> truth, clear;  // true persons: with any visibility but ignore; with clear
  std::vector<int> predicted;     // persons
  int tracks = 0, assigned = 0;   // tracks
  bool ignore = false;
};

void Insert(int value, std::vector<int>* sorted) {
  const auto place = std::lower_bound(sorted->begin(), sorted->end(), value);
  if (place == sorted->end() || *place != value) sorted->insert(place, value);
}

class IntervalComparison {
 public:
  IntervalComparison(const EvaluatedCase& found, const std::vector<TruthInterval>& intervals)
      : found_(found) {
    for (const TruthInterval& interval : intervals) intervals_.push_back({interval, -1, -1});
  }

  Result<Evaluation> Run() {
    evaluation_.kind = Truth::Kind::kIntervals;
    CROSSFACE_RETURN_IF_ERROR(SelectIntervals());
    FillMoments();
    MatchPersons();
    ScoreTracks(found_, true_persons_, LabelTracks(), &evaluation_);
    ScoreTime();
    FindPersonsWhereNobodyIs();
    return std::move(evaluation_);
  }

 private:
  struct Interval {
    TruthInterval truth;
    int source, true_person;  // -1: missing; to be ignored
  };

  Status SelectIntervals() {
    std::set<std::string> videos, persons;
    for (const Interval& interval : intervals_) videos.insert(interval.truth.video);
    CROSSFACE_ASSIGN_OR_RETURN(const auto source_of,
                               MatchVideos(found_.sources, videos, &evaluation_.missing_videos));
    std::erase_if(intervals_,
                  [&](const Interval& interval) { return !source_of.count(interval.truth.video); });
    for (const Interval& interval : intervals_) {
      if (interval.truth.visibility != Visibility::kIgnore) persons.insert(interval.truth.person);
    }
    true_persons_.assign(persons.begin(), persons.end());
    for (Interval& interval : intervals_) {
      interval.source = source_of.at(interval.truth.video);
      if (interval.truth.visibility == Visibility::kIgnore) continue;
      const auto place = std::lower_bound(true_persons_.begin(), true_persons_.end(), interval.truth.person);
      interval.true_person = static_cast<int>(place - true_persons_.begin());
    }
    return {};
  }

  // The steps whose middle lies in [start, end); at least one.
  template <typename Visit>
  void ForEachStep(int source, int64_t start_us, int64_t end_us, Visit visit) {
    const auto first =
        static_cast<size_t>(std::max(0.0, std::round(static_cast<double>(start_us) / kStep_us)));
    const size_t last = std::max(
        first + 1, static_cast<size_t>(std::max(0.0, std::round(static_cast<double>(end_us) / kStep_us))));
    std::vector<Moment>& moments = moments_[source];
    if (moments.size() < last) moments.resize(last);
    for (size_t step = first; step < last; ++step) visit(&moments[step]);
  }

  void FillMoments() {
    moments_.resize(found_.sources.size());
    for (const Interval& interval : intervals_) {
      ForEachStep(interval.source, interval.truth.start_us, interval.truth.end_us, [&](Moment* moment) {
        if (interval.true_person < 0) {
          moment->ignore = true;
          return;
        }
        Insert(interval.true_person, &moment->truth);
        if (interval.truth.visibility == Visibility::kClear) Insert(interval.true_person, &moment->clear);
      });
    }
    for (const EvaluatedTrack& track : found_.tracks) {
      ForEachStep(track.source, track.start_us, track.end_us, [&](Moment* moment) {
        ++moment->tracks;
        if (track.person < 0) return;
        ++moment->assigned;
        Insert(track.person, &moment->predicted);
      });
    }
  }

  void MatchPersons() {
    match_.assign(found_.persons.size(), -1);
    if (found_.persons.empty() || true_persons_.empty()) return;
    cv::Mat1d costs(static_cast<int>(found_.persons.size()), static_cast<int>(true_persons_.size()), 0.0);
    ForEachMoment([&](const Moment& moment) {
      for (const int person : moment.predicted) {
        for (const int true_person : moment.truth) costs(person, true_person) -= 1;
      }
    });
    match_ = AssignOptimally(costs, 0);
    for (size_t person = 0; person < match_.size(); ++person) {
      if (match_[person] >= 0 && costs(static_cast<int>(person), match_[person]) == 0) match_[person] = -1;
    }
  }

  template <typename Visit>
  void ForEachMoment(Visit visit) const {
    for (const auto& source : moments_) {
      for (const Moment& moment : source) visit(moment);
    }
  }

  // Seconds that each true person of a source, or -1 for those to ignore, is on during [start, end).
  std::map<int, double> SharedSeconds(int source, int64_t start_us, int64_t end_us, bool with_back) const {
    std::map<int, double> shared;
    for (const Interval* interval : intervals_of_[source]) {
      const bool back = interval->truth.visibility == Visibility::kBack;
      const int64_t overlap =
          std::min(end_us, interval->truth.end_us) - std::max(start_us, interval->truth.start_us);
      if (overlap <= 0) continue;
      shared[back && !with_back ? -1 : interval->true_person] += static_cast<double>(overlap) * 1e-6;
    }
    return shared;
  }

  static int64_t EndOf(const EvaluatedTrack& track) {
    return std::max(track.end_us, track.start_us + static_cast<int64_t>(kLeastTrackSeconds * 1e6));
  }

  std::vector<TrackLabel> LabelTracks() {
    intervals_of_.resize(found_.sources.size());
    for (const Interval& interval : intervals_) intervals_of_[interval.source].push_back(&interval);
    std::vector<TrackLabel> labels(found_.tracks.size());
    std::vector<std::vector<size_t>> settled(found_.sources.size());
    for (size_t i = 0; i < labels.size(); ++i) {
      const EvaluatedTrack& track = found_.tracks[i];
      labels[i].seconds = TrackSeconds(track);
      const int match = track.person < 0 ? -1 : match_[track.person];
      if (match < 0) continue;
      const auto shared = SharedSeconds(track.source, track.start_us, EndOf(track), true);
      const auto there = shared.find(match);
      if (there == shared.end() || there->second < kLeastShare * labels[i].seconds) continue;
      labels[i].kind = TrackLabel::Kind::kPerson;
      labels[i].true_person = match;
      settled[track.source].push_back(i);
    }
    for (size_t i = 0; i < labels.size(); ++i) {
      if (labels[i].kind != TrackLabel::Kind::kPerson)
        LabelDoubtful(found_.tracks[i], settled, labels, &labels[i]);
    }
    return labels;
  }

  // A track that is not its person's match: who else could it be? Not somebody whom a settled track shows
  // meanwhile.
  void LabelDoubtful(const EvaluatedTrack& track, const std::vector<std::vector<size_t>>& settled,
                     const std::vector<TrackLabel>& labels, TrackLabel* label) const {
    const double enough = kLeastShare * label->seconds;
    std::map<int, double> shown;  // seconds
    for (const size_t other : settled[track.source]) {
      const EvaluatedTrack& there = found_.tracks[other];
      const int64_t overlap = std::min(EndOf(track), EndOf(there)) - std::max(track.start_us, there.start_us);
      if (overlap > 0) shown[labels[other].true_person] += static_cast<double>(overlap) * 1e-6;
    }
    double most = 0;
    label->kind = TrackLabel::Kind::kFalse;
    for (const auto& [true_person, seconds] :
         SharedSeconds(track.source, track.start_us, EndOf(track), track.person >= 0)) {
      if (seconds < enough) continue;
      if (true_person < 0) {
        if (label->kind != TrackLabel::Kind::kPerson) label->kind = TrackLabel::Kind::kIgnored;
      } else if (shown[true_person] >= enough) {
        if (label->kind == TrackLabel::Kind::kFalse) label->kind = TrackLabel::Kind::kUnlabelled;
      } else if (seconds > most) {
        most = seconds;
        label->kind = TrackLabel::Kind::kPerson;
        label->true_person = true_person;
      }
    }
  }

  void ScoreTime() {
    double right = 0, predicted = 0, found = 0, clear = 0, any = 0, assigned = 0;
    ForEachMoment([&](const Moment& moment) {
      std::vector<int> matched;
      for (const int person : moment.predicted) {
        const bool there = match_[person] >= 0 &&
                           std::binary_search(moment.truth.begin(), moment.truth.end(), match_[person]);
        right += there;
        predicted += there || !moment.ignore;
        if (match_[person] >= 0) Insert(match_[person], &matched);
      }
      for (const int true_person : moment.clear)
        found += std::binary_search(matched.begin(), matched.end(), true_person);
      const int visible = static_cast<int>(moment.clear.size());
      clear += visible;
      any += std::min(visible, moment.tracks);
      assigned += std::min(visible, moment.assigned);
    });
    PrecisionRecall time;
    if (predicted > 0) time.precision = right / predicted;
    if (clear > 0) {
      time.recall = found / clear;
      evaluation_.coverage = {any / clear, assigned / clear};
    }
    evaluation_.time = time;
  }

  void FindPersonsWhereNobodyIs() {
    std::set<int> with_truth;
    for (const Interval& interval : intervals_) with_truth.insert(interval.source);
    std::set<int> everybody, somewhere;
    for (const EvaluatedTrack& track : found_.tracks) {
      if (track.person < 0) continue;
      everybody.insert(track.person);
      if (with_truth.count(track.source)) somewhere.insert(track.person);
    }
    for (const int person : everybody) {
      if (!somewhere.count(person)) evaluation_.persons_where_nobody_is.push_back(found_.persons[person]);
    }
  }

  const EvaluatedCase& found_;
  std::vector<Interval> intervals_;
  std::vector<std::vector<const Interval*>> intervals_of_;  // per source
  std::vector<std::string> true_persons_;                   // sorted
  std::vector<std::vector<Moment>> moments_;                // per source, per step
  std::vector<int> match_;                                  // per person its true person, -1 for none
  Evaluation evaluation_;
};

}  // namespace

Result<Evaluation> CompareWithIntervals(const EvaluatedCase& found,
                                        const std::vector<TruthInterval>& intervals) {
  return IntervalComparison(found, intervals).Run();
}

}  // namespace crossface
