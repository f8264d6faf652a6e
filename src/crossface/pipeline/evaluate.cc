#include "crossface/pipeline/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "crossface/pipeline/evaluate_labels.h"

namespace crossface {
namespace {

EvaluatedReference Refer(const EvaluatedCase& found, const EvaluatedTrack& track) {
  return {.source = found.sources[track.source], .track = track.number, .start_us = track.start_us};
}

// Seconds of each true person in each folder.
using Shares = std::map<int, std::map<int, double>>;  // person -> true person -> seconds

int Largest(const std::map<int, double>& seconds) {
  return std::max_element(seconds.begin(), seconds.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

std::vector<MixedPerson> FindMixed(const EvaluatedCase& found, const std::vector<std::string>& true_persons,
                                   const std::vector<TrackLabel>& labels, const Shares& shares) {
  std::vector<std::pair<double, MixedPerson>> mixed;  // seconds of all but the largest part
  for (const auto& [person, parts] : shares) {
    if (parts.size() < 2) continue;
    MixedPerson entry{.person = found.persons[person], .parts = {}};
    double total = 0;
    for (const auto& [true_person, seconds] : parts) {
      MixedPerson::Part part{.true_person = true_persons[true_person], .seconds = seconds, .tracks = {}};
      for (size_t i = 0; i < labels.size(); ++i) {
        if (found.tracks[i].person == person && labels[i].true_person == true_person) {
          part.tracks.push_back(Refer(found, found.tracks[i]));
        }
      }
      total += seconds;
      entry.parts.push_back(std::move(part));
    }
    std::stable_sort(entry.parts.begin(), entry.parts.end(),
                     [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
    mixed.emplace_back(total - entry.parts[0].seconds, std::move(entry));
  }
  std::stable_sort(mixed.begin(), mixed.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<MixedPerson> result;
  for (auto& [seconds, entry] : mixed) result.push_back(std::move(entry));
  return result;
}

// A true person's folder: where most of it is, among the folders that are mostly it.
std::map<int, int> MainFolders(const Shares& shares) {
  std::map<int, int> folder;
  std::map<int, double> most;
  for (const auto& [person, parts] : shares) {
    const int owner = Largest(parts);
    if (parts.at(owner) > most[owner]) {
      most[owner] = parts.at(owner);
      folder[owner] = person;
    }
  }
  return folder;
}

std::vector<Mistake> FindMistakes(const EvaluatedCase& found, const std::vector<std::string>& true_persons,
                                  const std::vector<TrackLabel>& labels, const Shares& shares) {
  const std::map<int, int> main_folder = MainFolders(shares);
  std::vector<Mistake> mistakes;
  for (size_t i = 0; i < labels.size(); ++i) {
    const EvaluatedTrack& track = found.tracks[i];
    const TrackLabel& label = labels[i];
    Mistake mistake{.track = Refer(found, track), .seconds = label.seconds};
    if (track.person >= 0) mistake.person = found.persons[track.person];
    if (label.kind == TrackLabel::Kind::kFalse && track.person >= 0) {
      mistake.kind = Mistake::Kind::kFalse;
    } else if (label.kind != TrackLabel::Kind::kPerson) {
      continue;
    } else if (track.person < 0) {
      mistake.kind = Mistake::Kind::kUnassigned;
    } else if (Largest(shares.at(track.person)) != label.true_person) {
      mistake.kind = Mistake::Kind::kWrongPerson;
    } else if (main_folder.at(label.true_person) != track.person) {
      mistake.kind = Mistake::Kind::kSplit;
    } else {
      continue;
    }
    if (label.true_person >= 0) mistake.true_person = true_persons[label.true_person];
    mistakes.push_back(std::move(mistake));
  }
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) {
    return std::tuple(a.kind, -a.seconds) < std::tuple(b.kind, -b.seconds);
  });
  return mistakes;
}

std::string_view FileName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }
std::string_view WithoutExtension(std::string_view name) {
  const size_t dot = name.find_last_of('.');
  return dot == std::string_view::npos || dot == 0 || name.find('/', dot) != std::string_view::npos
             ? name
             : name.substr(0, dot);
}

// The closer kind of match wins: whole name, then name without the source's extension.
std::vector<int> SourcesOf(const std::vector<std::string>& sources, const std::string& video) {
  std::vector<int> same, stem;
  for (size_t i = 0; i < sources.size(); ++i) {
    const std::string_view name =
        video.find('/') == std::string::npos ? FileName(sources[i]) : std::string_view(sources[i]);
    if (name == video) same.push_back(static_cast<int>(i));
    if (WithoutExtension(name) == video) stem.push_back(static_cast<int>(i));
  }
  return same.empty() ? stem : same;
}

}  // namespace

double TrackSeconds(const EvaluatedTrack& track) {
  return std::max(kLeastTrackSeconds, static_cast<double>(track.end_us - track.start_us) * 1e-6);
}

Result<std::map<std::string, int>> MatchVideos(const std::vector<std::string>& sources,
                                               const std::set<std::string>& videos,
                                               std::vector<std::string>* missing) {
  std::map<std::string, int> source_of;
  for (const std::string& video : videos) {
    const std::vector<int> matches = SourcesOf(sources, video);
    if (matches.size() > 1) {
      return Status(
          StatusCode::kInvalidArgument,
          fmt::format("the truth's video {} could be {} or {}: give its path below the input folder", video,
                      sources[matches[0]], sources[matches[1]]));
    }
    if (matches.empty()) {
      missing->push_back(video);
    } else {
      source_of[video] = matches[0];
    }
  }
  if (source_of.empty()) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("none of the truth's {} videos is in the case (the first is {})", videos.size(),
                              videos.empty() ? "" : *videos.begin()));
  }
  return source_of;
}

void ScoreTracks(const EvaluatedCase& found, const std::vector<std::string>& true_persons,
                 const std::vector<TrackLabel>& labels, Evaluation* evaluation) {
  std::vector<int> truth, predicted;
  std::vector<double> seconds;
  Shares shares;
  std::set<int> with_tracks;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (found.tracks[i].person >= 0) with_tracks.insert(found.tracks[i].person);
    switch (labels[i].kind) {
      case TrackLabel::Kind::kUnlabelled:
        ++evaluation->tracks_unlabelled;
        continue;
      case TrackLabel::Kind::kIgnored:
        ++evaluation->tracks_ignored;
        continue;
      case TrackLabel::Kind::kFalse:
        ++evaluation->tracks_false;
        continue;
      case TrackLabel::Kind::kPerson:
        ++evaluation->tracks_labelled;
    }
    truth.push_back(labels[i].true_person);
    predicted.push_back(found.tracks[i].person);
    seconds.push_back(labels[i].seconds);
    if (found.tracks[i].person >= 0)
      shares[found.tracks[i].person][labels[i].true_person] += labels[i].seconds;
  }
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool unlabelled = labels[i].kind == TrackLabel::Kind::kUnlabelled;
    if (unlabelled && shares.count(found.tracks[i].person)) ++evaluation->unlabelled_with_labelled;
  }
  evaluation->true_persons = static_cast<int>(true_persons.size());
  evaluation->predicted_persons = static_cast<int>(with_tracks.size());
  evaluation->tracks = CompareClusterings(truth, predicted, seconds);
  evaluation->mixed = FindMixed(found, true_persons, labels, shares);
  evaluation->mistakes = FindMistakes(found, true_persons, labels, shares);
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

Result<EvaluatedCase> ReadEvaluatedCase(const Gallery& gallery) {
  EvaluatedCase found;
  std::map<int64_t, int> source_index, person_index;
  std::map<int64_t, int64_t> person_of_track;
  CROSSFACE_ASSIGN_OR_RETURN(const auto sources, gallery.ReadSources());
  for (const SourceRecord& source : sources) {
    source_index[source.id] = static_cast<int>(found.sources.size());
    found.sources.push_back(source.name);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const auto persons, gallery.ReadPersons());
  for (const PersonRecord& person : persons) {
    person_index[person.id] = static_cast<int>(found.persons.size());
    found.persons.push_back(person.name);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const auto assignments, gallery.ReadAssignments());
  for (const Assignment& assignment : assignments)
    person_of_track[assignment.track_id] = assignment.person_id;

  CROSSFACE_ASSIGN_OR_RETURN(const auto tracks, gallery.ReadTracks({.faces = true}));
  for (const TrackRecord& record : tracks) {
    EvaluatedTrack track{.source = source_index.at(record.source_id),
                         .number = record.number,
                         .start_us = record.start_us,
                         .end_us = record.end_us,
                         .person = -1,
                         .boxes = {}};
    const auto assigned = person_of_track.find(record.id);
    if (assigned != person_of_track.end() && assigned->second != 0)
      track.person = person_index.at(assigned->second);
    for (const FaceRecord& face : record.faces) track.boxes.emplace_back(face.time_us, face.detection.box);
    found.tracks.push_back(std::move(track));
  }
  return found;
}

Result<Evaluation> CompareWithTruth(const EvaluatedCase& found, const Truth& truth) {
  return truth.kind == Truth::Kind::kBoxes ? CompareWithBoxes(found, truth.boxes)
                                           : CompareWithIntervals(found, truth.intervals);
}

Result<Evaluation> EvaluateCase(const Gallery& gallery, const std::filesystem::path& truth_file) {
  CROSSFACE_ASSIGN_OR_RETURN(const Truth truth, ReadTruth(truth_file));
  CROSSFACE_ASSIGN_OR_RETURN(const EvaluatedCase found, ReadEvaluatedCase(gallery));
  return CompareWithTruth(found, truth);
}

}  // namespace crossface
