// Search by face: ranks the tracks of a case, those in no person's folder included, by how surely they show
// the person of a photo.
//
// What is printed of a track, and what it rests on:
// - log_odds: the natural logarithm of the likelihood ratio of the calibrated ensemble (embed/pair_scorer.h):
// how
//   many times likelier such a likeness is if both show one person than if they show two. It is what an
//   expert reports (ENFSI, Guideline for evaluative reporting in forensic science, 2015); priors are the
//   court's.
// - probability: with the prior odds of 1 to N, N being the number of tracks compared: as if one of them were
//   expected to show the person, and each as likely as the other. A search among many is no even bet, and the
//   same likeness proves less in a larger case. Where it is known otherwise whether the person is in the
//   footage, the likelihood ratio goes with that prior instead.
// - expected_strangers: how many of N tracks would score as high if all of them showed strangers
//   (PairScorer::FalseMatchRateAt). It needs no prior. Relatives and look-alikes are no chance strangers.
//
// Immutable after Open but for the gallery, whose rules for threads apply; it must outlive the object.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/detect/detection.h"
#include "crossface/search/photo_faces.h"
#include "crossface/search/search_hit.h"
#include "crossface/search/search_index.h"

namespace crossface {

// Up to so many tracks every one of them is compared: bench_search, 512 numbers a vector, two shared cores,
// needs 23 ms for 100,000 exactly, and grows with the number.
inline constexpr int64_t kExactTracks = 100'000;

// A hit is called likely when it has at least even odds in the end and at most so many strangers are expected
// to reach its score. bench_likely_hits, LFW, one half of the people in the case (237 and 171 tracks). In the
// half that chose it, with .0002 / .001 / .005 / .05: .956 / .972 / .983 / .994 of 180 photos find their
// person, 0 / 0 / 0 / .011 somebody else too, and .019 / .019 / .019 / .051 of 430 photos of strangers find
// anybody. In the other half, which chose nothing: .971 / .986 / .986 / .986 of 140, 0 / 0 / .021 / .107, and
// .006 / .008 / .012 / .055 of 510. Pictures show bystanders, too, and some of the strangers may be among
// them.
inline constexpr double kLikelyStrangers = 0.001;

// How many tracks the index proposes. The quality of a track, which the index does not know, moves it in the
// ranking: the more are proposed, the less that matters.
inline constexpr size_t kSearchCandidates = 400;

struct SearchOptions {
  bool exact = false;  // compare with every track, however many
  int64_t exact_tracks = kExactTracks;
  std::stop_token stop;
  std::function<void(int64_t)> building;  // told how many tracks are about to be added to the index
};

class CaseSearcher {
 public:
  // Loads what all searches need. Errors: those of SearchEnsemble::Of; the gallery's; kInterrupted.
  static Result<CaseSearcher> Open(const Gallery& gallery, const SearchOptions& options);

  const SearchEnsemble& ensemble() const { return *ensemble_; }
  int64_t compared_tracks() const { return compared_; }
  int64_t other_tracks() const { return others_; }  // without a vector that could be compared
  // False when the index proposes candidates, which are then compared exactly: a track that is not proposed
  // is not found, see bench_search for how often that is.
  bool exact() const { return index_.index == nullptr; }
  SearchIndex::State index_state() const { return index_.state; }
  const std::vector<std::string>& warnings() const { return index_.warnings; }

  // The `limit` best, best first; of equals the first by source and number. Errors: the gallery's;
  // kInterrupted.
  Result<std::vector<SearchHit>> Search(const PhotoFace& face, size_t limit) const;

  // The numbers of a hit with this score in this case.
  SearchHit Judge(float log_odds) const;

 private:
  struct Compared {
    int64_t id = 0;
    TemplateFacts facts;
    SearchEnsemble::Vectors vectors;
  };
  CaseSearcher() = default;
  Status LoadAll();
  Result<std::vector<Compared>> Candidates(const PhotoFace& face) const;
  std::vector<Compared> ToCompare(const std::vector<TrackRecord>& tracks) const;
  Result<std::vector<SearchHit>> Describe(const std::vector<std::pair<float, int64_t>>& ranked) const;

  const Gallery* gallery_ = nullptr;
  SearchOptions options_;
  std::shared_ptr<const SearchEnsemble> ensemble_;
  int64_t compared_ = 0, others_ = 0;
  std::vector<Compared> all_;     // when there is no index
  std::vector<int64_t> partial_;  // tracks that lack a model: in no index
  SearchIndex index_;
};

}  // namespace crossface
