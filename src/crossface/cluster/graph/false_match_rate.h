// How often two different people may be taken for one, per pair of tracks: what a profile means, and where
// every method's thresholds come from. Pure, thread-safe.
//
// The number of pairs of people grows with the square of the case, so a fixed score that is pure among 40
// people mixes many of 500. What a profile fixes is the expected number of wrong links per person of the
// case: 1 in 1,000 (strict), in 100 (balanced), in 10 (loose), counted as if everybody were seen once; means
// over several tracks go wrong less often.
#pragma once

#include "crossface/cluster/graph/cluster_problem.h"

namespace crossface {

// A case of fewer people is judged like one of so many: with three tracks the budget alone would link
// anybody. Mean BCubed precision / recall on make_synth's seeds 1, 101 to 103, 211 to 213 and 301 to 304 (40
// people each), two ArcFaces, without step 3 of find_persons.h: .9949 / .972 with 200, .9974 / .966 with
// 300, .9974 / .965 with 400; two look-alikes are mixed with 200. Seeds that chose nothing: docs/accuracy.md.
inline constexpr int kFewestPeople = 300;

// For a case of about that many people; off by half, the threshold moves by some five per cent.
double FalseMatchRate(Profile profile, int persons);

// For joining two tracks that stand alone: all that speaks for it is one pair of pictures, and look-alikes
// are commoner than the tail of the scores says. kLonePairShare of the profile's number, which tells in cases
// of more than kFewestPeople * kLonePairShare people.
inline constexpr double kLonePairShare = 0.3;
double LonePairRate(Profile profile, int persons);

// For taking tracks that stayed alone into persons: each of so many is compared with every person, and again
// the profile's number of wrong links per person is expected. With few alone it is higher than the other
// rate; where most people are seen once, it is lower, and a track that is like somebody is rarely that
// person. On LFW photos of 230 people of whom 70 % have one photo (ten draws, two ArcFaces) it raises
// pairwise precision from .981 to .996, recall is .986 instead of .987; on tracks of make_synth's seeds (see
// kTemper) recall is the same within .001.
double LoneMatchRate(Profile profile, int lone);

}  // namespace crossface
