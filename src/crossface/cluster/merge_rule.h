// When two clusters of tracks are one person: the stop rule of agglomerative clustering. Immutable,
// thread-safe.
//
// Two tests, both on pair scores (log-odds), no vectors are mixed:
//
// 1. Average linkage (Sokal & Michener 1958): the mean score between the clusters reaches a threshold. The
// threshold is not
//    a cosine but a false-match rate, (expected wrong links in the case) / (pairs of clusters that could be
//    linked wrongly). A mean over a x b pairs of different people spreads less than one pair, but not by
//    sqrt(ab): the pairs share their people. Its variance, relative to one pair's, is modelled as
//        v(a,b) = kPeople + kItem (1/a + 1/b) + kPair / (ab),
//    and because a tail's log rate grows as the square of its distance, the mean of a x b pairs passes the
//    threshold of rate^v as often as one pair passes that of `rate`. Measured v on LFW photos (114 people,
//    sum of four fitted log-odds, either half of the people) and on FaceNet 128-d vectors of 353 people:
//    (1,1) 1.00 .92 .98; (1,8) .83 .76 .81; (2,2) .79 .79 .78; (8,8) .70 .68 .67; (20,20) .68 .66 .66.
// 2. Ward's cost in the score's kernel (Ward 1963): n_a n_b / (n_a + n_b) times the squared distance of the
// cluster means,
//    self(A) + self(B) - 2 mean(A,B), in units in which two orthogonal templates are sqrt(2) apart. It
//    decides the order of merges and has a limit. Two tight clusters that are alike on average are two people
//    who look alike; one loose cluster and its outlier are one person. n = a / (1 + (a - 1) / kLargestSample)
//    is the effective sample size (Kish 1965): a person's tracks from one scene repeat each other, so many of
//    them do not tell more apart than a dozen independent ones. Chosen on FaceNet 128-d (353 people); checked
//    on the LFW photos: pairwise precision of average linkage alone .921 -> 1.000 at recall .957 -> .962 on
//    one half of the people, 1.000 at .993 -> .997 on the other. Without the cap a person whose ten photos
//    were copied sixfold with noise fell apart (recall .31); with it, recall .9645 against .9477 by average
//    linkage alone.
#pragma once

#include <array>

#include "crossface/cluster/pair_scores.h"

namespace crossface {

class MergeRule {
 public:
  static constexpr double kPeople = 0.70, kItem = 0.11,
                          kPair = 0.08;  // rounded up: the sum is 1, the errors are on the strict side
  static constexpr double kLargestSample = 12;
  static constexpr double kLargestCost = 2.0;
  // Never more lenient than this per pair, however small the case: with three tracks the budget alone would
  // link anybody. At this rate both halves of the LFW photos keep precision 1.000.
  static constexpr double kLargestRate = 1e-4;

  // What a cluster is to the rule. `within` is the sum of scores over its own pairs of items.
  struct Shape {
    double size = 1, within = 0;
    double self = 0,
           sample = 1;  // derived: mean score with itself, self-pairs included; effective sample size
  };

  // `models`: how many cosines the rule's log_odds takes.
  MergeRule(const ScoreRule& rule, size_t models, double false_match_rate);

  Shape MakeShape(double size, double within) const;
  // The larger, the sooner to merge; negative: not one person.
  double Gain(const Shape& a, const Shape& b, double mean_score) const;
  double ThresholdFor(double size_a, double size_b) const;
  double SingleThreshold() const { return thresholds_.back(); }   // one track against one
  double LowestThreshold() const { return thresholds_.front(); }  // between large clusters

 private:
  std::array<double, 65> thresholds_;  // at v from kPeople to 1, evenly
  double self_score_, scale_;
};

}  // namespace crossface
