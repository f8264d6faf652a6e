#include <algorithm>
#include <cmath>

#include "crossface/evaluation/evaluate_labels.h"
#include "crossface/util/assignment.h"

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

  Result<Evaluation> Run(int resamples) {
    evaluation_.kind = Truth::Kind::kIntervals;
    CROSSFACE_RETURN_IF_ERROR(SelectIntervals());
    evaluation_.true_persons = static_cast<int>(true_persons_.size());
    FillMoments();
    MatchPersons();
    const std::vector<TrackLabel> labels = LabelTracks();
    ScoreSheet sheet = FillSheet();
    CountTracks(found_, labels, &sheet, &evaluation_);
    Score(sheet, resamples, &evaluation_);
    FindMistakes(found_, true_persons_, labels, MissedSpans(labels), &evaluation_);
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

  ScoreSheet FillSheet() const {
    ScoreSheet sheet{.kind = Truth::Kind::kIntervals};
    sheet.tallies.resize(moments_.size());
    for (size_t source = 0; source < moments_.size(); ++source) {
      for (const Moment& moment : moments_[source]) AddTo(&sheet.tallies[source], moment);
      // Without truth and without faces a video says nothing.
      if (!moments_[source].empty()) sheet.scored_sources.push_back(static_cast<int>(source));
    }
    return sheet;
  }

  void AddTo(SourceTally* tally, const Moment& moment) const {
    std::vector<int> matched;
    for (const int person : moment.predicted) {
      const bool there =
          match_[person] >= 0 && std::binary_search(moment.truth.begin(), moment.truth.end(), match_[person]);
      tally->right += there;
      tally->predicted += there || !moment.ignore;
      if (match_[person] >= 0) Insert(match_[person], &matched);
    }
    for (const int true_person : moment.clear)
      tally->found += std::binary_search(matched.begin(), matched.end(), true_person);
    const int visible = static_cast<int>(moment.clear.size());
    tally->clear += visible;
    tally->covered.all += visible;
    tally->covered.by_any_track += std::min(visible, moment.tracks);
    tally->covered.by_assigned_track += std::min(visible, moment.assigned);
  }

  // Clear time of a true person while no track in a folder is theirs.
  std::vector<MissedSpan> MissedSpans(const std::vector<TrackLabel>& labels) {
    std::vector<std::vector<std::set<int>>> shown(moments_.size());  // per source and step
    for (size_t source = 0; source < moments_.size(); ++source) shown[source].resize(moments_[source].size());
    for (size_t i = 0; i < labels.size(); ++i) {
      const EvaluatedTrack& track = found_.tracks[i];
      if (track.person < 0 || labels[i].kind != TrackLabel::Kind::kPerson) continue;
      std::vector<Moment>& moments = moments_[track.source];
      ForEachStep(track.source, track.start_us, track.end_us, [&](Moment* moment) {
        shown[track.source][moment - moments.data()].insert(labels[i].true_person);
      });
    }
    std::vector<MissedSpan> spans;
    for (size_t source = 0; source < moments_.size(); ++source) {
      for (size_t step = 0; step < moments_[source].size(); ++step) {
        const auto start_us = static_cast<int64_t>(step) * static_cast<int64_t>(kStep_us);
        for (const int true_person : moments_[source][step].clear) {
          if (!shown[source][step].count(true_person))
            spans.push_back(
                {static_cast<int>(source), true_person, start_us, start_us + static_cast<int64_t>(kStep_us)});
        }
      }
    }
    return spans;
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
                                        const std::vector<TruthInterval>& intervals, int resamples) {
  return IntervalComparison(found, intervals).Run(resamples);
}

}  // namespace crossface
