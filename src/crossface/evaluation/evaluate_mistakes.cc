#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "crossface/evaluation/evaluate_labels.h"

namespace crossface {
namespace {

// Shorter gaps between missed times are blinks of the truth's grid, not returns of the person.
constexpr int64_t kSameStretch_us = 1'000'000;

// Seconds of each true person in each folder.
using Shares = std::map<int, std::map<int, double>>;  // person -> true person -> seconds

int Largest(const std::map<int, double>& seconds) {
  return std::max_element(seconds.begin(), seconds.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

// What is not in the largest part, which stands first.
template <typename Person>
double SecondsOutside(const Person& person) {
  double seconds = 0;
  for (size_t i = 1; i < person.parts.size(); ++i) seconds += person.parts[i].seconds;
  return seconds;
}

// The largest part first; the persons with most seconds outside it first.
template <typename Person>
void SortWorstFirst(std::vector<Person>* persons) {
  for (Person& person : *persons) {
    std::stable_sort(person.parts.begin(), person.parts.end(),
                     [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
  }
  std::stable_sort(persons->begin(), persons->end(),
                   [](const auto& a, const auto& b) { return SecondsOutside(a) > SecondsOutside(b); });
}

class MistakeFinder {
 public:
  MistakeFinder(const EvaluatedCase& found, const std::vector<std::string>& true_persons,
                const std::vector<TrackLabel>& labels)
      : found_(found), true_persons_(true_persons), labels_(labels) {
    for (size_t i = 0; i < labels.size(); ++i) {
      const int person = found.tracks[i].person;
      if (labels[i].kind != TrackLabel::Kind::kPerson) continue;
      tracks_of_[{person, labels[i].true_person}].push_back(i);
      if (person >= 0) shares_[person][labels[i].true_person] += labels[i].seconds;
    }
    for (auto& [cell, tracks] : tracks_of_) {
      std::stable_sort(tracks.begin(), tracks.end(),
                       [&](size_t a, size_t b) { return labels[a].seconds > labels[b].seconds; });
    }
    FindOwnFolders();
  }

  std::vector<MixedPerson> Mixed() const {
    std::vector<MixedPerson> mixed;
    for (const auto& [person, parts] : shares_) {
      if (parts.size() < 2) continue;
      MixedPerson entry{.person = found_.persons[person], .parts = {}};
      for (const auto& [true_person, seconds] : parts)
        entry.parts.push_back({true_persons_[true_person], seconds, TracksOf(person, true_person)});
      mixed.push_back(std::move(entry));
    }
    SortWorstFirst(&mixed);
    return mixed;
  }

  std::vector<SplitPerson> Split() const {
    std::vector<SplitPerson> split;
    for (const auto& [true_person, folders] : own_folders_) {
      if (folders.size() < 2) continue;
      SplitPerson entry{.true_person = true_persons_[true_person], .parts = {}};
      for (const auto& [person, seconds] : folders)
        entry.parts.push_back({found_.persons[person], seconds, TracksOf(person, true_person)});
      split.push_back(std::move(entry));
    }
    SortWorstFirst(&split);
    return split;
  }

  std::vector<Mistake> ByTrack() const {
    std::vector<Mistake> mistakes;
    for (size_t i = 0; i < labels_.size(); ++i) {
      const std::optional<Mistake::Kind> kind = KindOf(i);
      if (!kind) continue;
      Mistake mistake{.kind = *kind, .track = Refer(i), .seconds = labels_[i].seconds};
      if (found_.tracks[i].person >= 0) mistake.person = found_.persons[found_.tracks[i].person];
      if (labels_[i].true_person >= 0) mistake.true_person = true_persons_[labels_[i].true_person];
      mistakes.push_back(std::move(mistake));
    }
    std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
      return std::tuple(a.kind, -a.seconds) < std::tuple(b.kind, -b.seconds);
    });
    return mistakes;
  }

  std::vector<MissedTime> Missed(std::vector<MissedSpan> spans) const {
    std::sort(spans.begin(), spans.end(), [](const MissedSpan& a, const MissedSpan& b) {
      return std::tie(a.source, a.true_person, a.start_us) < std::tie(b.source, b.true_person, b.start_us);
    });
    std::vector<MissedTime> missed;
    for (size_t i = 0; i < spans.size();) {
      const MissedSpan& first = spans[i];
      MissedTime time{.true_person = true_persons_[first.true_person]};
      time.where = {.source = found_.sources[first.source], .start_us = first.start_us};
      int64_t end_us = first.end_us;
      for (; i < spans.size() && spans[i].source == first.source &&
             spans[i].true_person == first.true_person && spans[i].start_us < end_us + kSameStretch_us;
           ++i) {
        time.seconds += static_cast<double>(spans[i].end_us - spans[i].start_us) * 1e-6;
        end_us = std::max(end_us, spans[i].end_us);
      }
      time.where.end_us = end_us;
      ShowTrack(first, end_us, &time.where);
      missed.push_back(std::move(time));
    }
    std::stable_sort(missed.begin(), missed.end(),
                     [](const MissedTime& a, const MissedTime& b) { return a.seconds > b.seconds; });
    return missed;
  }

 private:
  // A folder belongs to the true person who fills most of it.
  void FindOwnFolders() {
    std::map<int, double> most;
    for (const auto& [person, parts] : shares_) {
      const int owner = Largest(parts);
      own_folders_[owner][person] = parts.at(owner);
      if (parts.at(owner) <= most[owner]) continue;
      most[owner] = parts.at(owner);
      main_folder_[owner] = person;
    }
  }

  EvaluatedReference Refer(size_t i) const {
    const EvaluatedTrack& track = found_.tracks[i];
    return {.source = found_.sources[track.source],
            .track = track.number,
            .start_us = track.start_us,
            .end_us = track.end_us,
            .picture = track.picture};
  }

  std::vector<EvaluatedReference> TracksOf(int person, int true_person) const {
    std::vector<EvaluatedReference> references;
    for (const size_t track : tracks_of_.at({person, true_person})) references.push_back(Refer(track));
    return references;
  }

  std::optional<Mistake::Kind> KindOf(size_t i) const {
    const int person = found_.tracks[i].person, true_person = labels_[i].true_person;
    if (labels_[i].kind == TrackLabel::Kind::kFalse && person >= 0) return Mistake::Kind::kFalse;
    if (labels_[i].kind != TrackLabel::Kind::kPerson) return std::nullopt;
    if (person < 0) return Mistake::Kind::kUnassigned;
    if (Largest(shares_.at(person)) != true_person) return Mistake::Kind::kWrongPerson;
    if (main_folder_.at(true_person) != person) return Mistake::Kind::kSplit;
    return std::nullopt;
  }

  // The longest unassigned track of the person in that time.
  void ShowTrack(const MissedSpan& span, int64_t end_us, EvaluatedReference* where) const {
    const auto unassigned = tracks_of_.find({-1, span.true_person});
    if (unassigned == tracks_of_.end()) return;
    for (const size_t i : unassigned->second) {
      const EvaluatedTrack& track = found_.tracks[i];
      if (track.source != span.source || track.start_us >= end_us || track.end_us < span.start_us) continue;
      where->track = track.number;
      where->picture = track.picture;
      return;
    }
  }

  const EvaluatedCase& found_;
  const std::vector<std::string>& true_persons_;
  const std::vector<TrackLabel>& labels_;
  Shares shares_;
  std::map<std::pair<int, int>, std::vector<size_t>> tracks_of_;  // (person, true person)
  std::map<int, std::map<int, double>> own_folders_;              // true person -> person -> seconds
  std::map<int, int> main_folder_;                                // of a true person: the largest
};

}  // namespace

void FindMistakes(const EvaluatedCase& found, const std::vector<std::string>& true_persons,
                  const std::vector<TrackLabel>& labels, std::vector<MissedSpan> missed,
                  Evaluation* evaluation) {
  const MistakeFinder finder(found, true_persons, labels);
  evaluation->mixed = finder.Mixed();
  evaluation->split = finder.Split();
  evaluation->missed = finder.Missed(std::move(missed));
  evaluation->mistakes = finder.ByTrack();
}

std::string_view MistakeName(Mistake::Kind kind) {
  switch (kind) {
    case Mistake::Kind::kWrongPerson:
      return "wrong person";
    case Mistake::Kind::kSplit:
      return "split";
    case Mistake::Kind::kUnassigned:
      return "unassigned";
    case Mistake::Kind::kFalse:
      return "false";
  }
  throw std::logic_error("MistakeName: no such kind");
}

}  // namespace crossface
