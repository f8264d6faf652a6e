// Names persons after the enrolled faces of known people that they are like. A reference never joins tracks:
// it only says what a person that the tracks made may be called, until the user confirms it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "crossface/cluster/graph/cluster_problem.h"
#include "crossface/cluster/graph/pair_scores.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

// A person gets the name of the references that average linkage would take for the same person under the
// profile, among as many people as there are persons and names (cluster/methods/average_linkage.h), the best
// pair first. Of further persons who are like them it is suggested that they are one with the named. Whom the
// user has named keeps the name.
//
// Nothing in it was chosen for it. bench/identity_evidence/references.py, 464 people of lfw_small enrolled by
// one photo each, 243 of them in the footage (1,059 photos of 295 people): strict 220 named, 1 wrongly;
// balanced 230, 1; loose 232, 4.
class ReferenceNaming {
 public:
  // `models`: name and SHA-256 of the problem's, in its order; vectors of others say nothing.
  ReferenceNaming(const std::vector<ReferenceFace>& references,
                  const std::vector<std::pair<std::string, std::string>>& models);

  // `person_of`: per item of the problem, -1 for nobody's; numbers of `persons`, whose names change and which
  // hold names by reference of an earlier grouping, which go. `suggestions` are added to, and stay sorted by
  // gain. Returns what the user should know.
  std::vector<std::string> Name(const ClusterProblem& problem, const ScoreRule& rule, Profile profile,
                                const std::vector<int>& person_of, std::vector<PersonRecord>* persons,
                                std::vector<Gallery::NewSuggestion>* suggestions) const;

 private:
  struct Match {
    double score = 0, probability = 0;
    int name = 0, person = 0;
  };
  std::vector<Match> MatchesOf(const ClusterProblem& problem, const ScoreRule& rule, Profile profile,
                               const std::vector<std::vector<int>>& tracks_of) const;

  std::vector<std::string> names_;          // each once, as first enrolled
  std::vector<std::vector<int>> faces_of_;  // per name: items of faces_
  ClusterProblem faces_;
};

}  // namespace crossface
