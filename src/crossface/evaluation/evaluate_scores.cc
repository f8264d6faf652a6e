#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include "crossface/evaluation/evaluate_labels.h"

namespace crossface {
namespace {

// Items of sources of weight 0 are not there at all. `alone`: in no folder, whatever they say.
ClusterMetrics Compare(const std::vector<ScoredItem>& items, const std::vector<ScoredItem>& alone,
                       const std::vector<double>& weights) {
  std::vector<int> truth, predicted;
  std::vector<double> seconds;
  for (const std::vector<ScoredItem>* list : {&items, &alone}) {
    for (const ScoredItem& item : *list) {
      truth.push_back(item.true_person);
      predicted.push_back(list == &alone ? -1 : item.person);
      seconds.push_back(item.seconds * weights[static_cast<size_t>(item.source)]);
    }
  }
  return CompareClusterings(truth, predicted, seconds);
}

CoverageShare ShareOf(const SourceTally::Covered& covered) {
  if (covered.all <= 0) return {};
  return {covered.by_any_track / covered.all, covered.by_assigned_track / covered.all};
}

void Add(const SourceTally::Covered& one, double weight, SourceTally::Covered* sum) {
  sum->all += weight * one.all;
  sum->by_any_track += weight * one.by_any_track;
  sum->by_assigned_track += weight * one.by_assigned_track;
}

SourceTally Total(const ScoreSheet& sheet, const std::vector<double>& weights) {
  SourceTally sum;
  for (size_t i = 0; i < sheet.tallies.size(); ++i) {
    const SourceTally& one = sheet.tallies[i];
    Add(one.covered, weights[i], &sum.covered);
    Add(one.detectable, weights[i], &sum.detectable);
    sum.right += weights[i] * one.right;
    sum.predicted += weights[i] * one.predicted;
    sum.found += weights[i] * one.found;
    sum.clear += weights[i] * one.clear;
  }
  return sum;
}

// A number below `count`, each as likely. The standard library's own distribution differs between libraries;
// the generator does not.
size_t DrawBelow(size_t count, std::mt19937_64* random) {
  const uint64_t whole = std::mt19937_64::max() - std::mt19937_64::max() % count;
  uint64_t drawn = (*random)();
  while (drawn >= whole) drawn = (*random)();
  return static_cast<size_t>(drawn % count);
}

// Between the two nearest of the sorted values, in proportion (type 7 of Hyndman & Fan 1996).
double Percentile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

void NameScore(const PrecisionRecall& score, const std::string& place, std::map<std::string, double>* named) {
  (*named)[place + "/precision"] = score.precision;
  (*named)[place + "/recall"] = score.recall;
  (*named)[place + "/f"] = score.F();
}

void NameMetrics(const ClusterMetrics& metrics, const std::string& place,
                 std::map<std::string, double>* named) {
  NameScore(metrics.pairwise, place + "/pairwise", named);
  NameScore(metrics.bcubed, place + "/bcubed", named);
  (*named)[place + "/nmi"] = metrics.nmi;
  (*named)[place + "/purity"] = metrics.purity;
}

void NameShare(const CoverageShare& share, const std::string& place, std::map<std::string, double>* named) {
  (*named)[place + "/by_any_track"] = share.by_any_track;
  (*named)[place + "/by_assigned_track"] = share.by_assigned_track;
}

OperatorClicks CountClicks(const std::vector<ScoredItem>& tracks) {
  std::map<int, std::map<int, int>> groups;  // person -> true person -> tracks
  std::set<int> true_persons;
  OperatorClicks clicks{.most = static_cast<int>(tracks.size())};
  for (const ScoredItem& track : tracks) {
    true_persons.insert(track.true_person);
    if (track.person < 0) {
      ++clicks.needed;
    } else {
      ++groups[track.person][track.true_person];
    }
  }
  for (const auto& [person, parts] : groups) {
    int all = 0, largest = 0;
    for (const auto& [true_person, count] : parts) {
      all += count;
      largest = std::max(largest, count);
    }
    clicks.needed += 1 + all - largest;
  }
  clicks.least = static_cast<int>(true_persons.size());
  return clicks;
}

}  // namespace

std::map<std::string, double> NamedScores(const EvaluationScores& scores) {
  std::map<std::string, double> named;
  NameMetrics(scores.main(), "", &named);
  NameMetrics(scores.tracks, "/by_track", &named);
  if (scores.end_to_end) NameMetrics(*scores.end_to_end, "/end_to_end", &named);
  NameShare(scores.coverage, "/coverage", &named);
  if (scores.detectable_coverage) NameShare(*scores.detectable_coverage, "/detectable_coverage", &named);
  if (scores.time) NameScore(*scores.time, "/time", &named);
  for (auto& [name, value] : named) value = std::clamp(value, 0.0, 1.0);  // sums of parts are a little off
  return named;
}

EvaluationScores ComputeScores(const ScoreSheet& sheet, const std::vector<double>& weights) {
  EvaluationScores scores;
  scores.tracks = Compare(sheet.tracks, {}, weights);
  const SourceTally sum = Total(sheet, weights);
  scores.coverage = ShareOf(sum.covered);
  if (sheet.kind == Truth::Kind::kBoxes) {
    scores.samples = Compare(sheet.samples, {}, weights);
    scores.end_to_end = Compare(sheet.samples, sheet.missed_samples, weights);
    scores.detectable_coverage = ShareOf(sum.detectable);
  } else {
    scores.time = PrecisionRecall{sum.predicted > 0 ? sum.right / sum.predicted : 1,
                                  sum.clear > 0 ? sum.found / sum.clear : 1};
  }
  return scores;
}

Confidence Bootstrap(const ScoreSheet& sheet, int resamples) {
  Confidence confidence{.sources = static_cast<int>(sheet.scored_sources.size())};
  if (confidence.sources < 2 || resamples < 1) return confidence;
  confidence.resamples = resamples;
  std::mt19937_64 random(kBootstrapSeed);
  std::map<std::string, std::vector<double>> values;
  for (int resample = 0; resample < resamples; ++resample) {
    std::vector<double> weights(sheet.tallies.size(), 0);
    for (size_t draw = 0; draw < sheet.scored_sources.size(); ++draw) {
      const size_t drawn = DrawBelow(sheet.scored_sources.size(), &random);
      ++weights[static_cast<size_t>(sheet.scored_sources[drawn])];
    }
    for (const auto& [name, value] : NamedScores(ComputeScores(sheet, weights)))
      values[name].push_back(value);
  }
  for (auto& [name, list] : values) {
    std::sort(list.begin(), list.end());
    confidence.of[name] = {Percentile(list, 0.025), Percentile(list, 0.975)};
  }
  return confidence;
}

void Score(const ScoreSheet& sheet, int resamples, Evaluation* evaluation) {
  static_cast<EvaluationScores&>(*evaluation) =
      ComputeScores(sheet, std::vector<double>(sheet.tallies.size(), 1));
  evaluation->confidence = Bootstrap(sheet, resamples);
}

void CountTracks(const EvaluatedCase& found, const std::vector<TrackLabel>& labels, ScoreSheet* sheet,
                 Evaluation* evaluation) {
  std::set<int> with_tracks, with_truth;
  for (size_t i = 0; i < labels.size(); ++i) {
    const EvaluatedTrack& track = found.tracks[i];
    if (track.person >= 0) with_tracks.insert(track.person);
    evaluation->tracks_unlabelled += labels[i].kind == TrackLabel::Kind::kUnlabelled;
    evaluation->tracks_ignored += labels[i].kind == TrackLabel::Kind::kIgnored;
    evaluation->tracks_false += labels[i].kind == TrackLabel::Kind::kFalse;
    if (labels[i].kind != TrackLabel::Kind::kPerson) continue;
    ++evaluation->tracks_labelled;
    sheet->tracks.push_back({track.source, labels[i].true_person, track.person, labels[i].seconds});
    if (track.person >= 0) with_truth.insert(track.person);
  }
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool unlabelled = labels[i].kind == TrackLabel::Kind::kUnlabelled;
    if (unlabelled && with_truth.count(found.tracks[i].person)) ++evaluation->unlabelled_with_labelled;
  }
  evaluation->predicted_persons = static_cast<int>(with_tracks.size());
  evaluation->clicks = CountClicks(sheet->tracks);
}

}  // namespace crossface
