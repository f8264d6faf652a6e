#include "crossface/copies/copy_finder.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <new>
#include <tuple>
#include <unordered_map>

#include "crossface/copies/code_index.h"

namespace crossface {
namespace {

// Codes of 63 bits that differ by more are not looked at: three quarters of a copy's moments differ by less.
constexpr int kChangeRadius = 14;
constexpr int kStillRadius = 16;
// Moments of two sources that agree about the distance in time before the two are compared.
constexpr int kFewestAgreeing = 2;
// A copy's moments may stand so many ticks beside the original's: sampling times and frame rates differ.
constexpr int64_t kJitter = 1;
// Places of one source in another that are compared, those with most agreeing moments first.
constexpr size_t kMostPlaces = 64;
// Moments looked up at once: bounds the memory of what is found.
constexpr size_t kBatch = 16384;
// A change that so many moments share tells nothing: a title or a lamp that is everywhere.
constexpr size_t kTooCommon = 5000;

struct Moment {
  uint32_t source = 0, tick = 0;
  uint8_t view = 0;
};

// Where a source's moments were found: how often which placement of the other was voted for.
using Ballot = std::map<std::tuple<uint32_t, bool, uint8_t>, std::unordered_map<int64_t, int>>;

class VideoFinder {
 public:
  VideoFinder(const std::vector<const Fingerprint*>& fingerprints, const CopyFinderOptions& options)
      : fingerprints_(fingerprints), options_(options) {}

  Status Run(std::vector<CopyPair>* pairs) {
    AddAll();
    for (size_t source = 0; source < fingerprints_.size(); ++source) {
      CROSSFACE_ASSIGN_OR_RETURN(const Ballot ballot, LookUp(source));
      for (const auto& [key, offsets] : ballot) Compare(source, key, offsets);
    }
    for (auto& [sources, found] : found_) {
      KeepBest(&found);
      pairs->insert(pairs->end(), found.begin(), found.end());
    }
    return Status();
  }

 private:
  void AddAll() {
    std::vector<uint64_t> codes;
    for (size_t source = 0; source < fingerprints_.size(); ++source) {
      total_ += static_cast<int64_t>(fingerprints_[source]->changes.size());
      for (const Change& change : fingerprints_[source]->changes) {
        if (change.tick % 2 != 0) continue;  // every moment is looked up: every second is enough to be found
        for (size_t view = 0; view < kViews; ++view) {
          moments_.push_back({static_cast<uint32_t>(source), change.tick, static_cast<uint8_t>(view)});
          codes.push_back(change.views[view].words[0]);
        }
      }
      if (codes.size() < kBatch && source + 1 < fingerprints_.size()) continue;
      index_.Add(codes);
      codes.clear();
    }
  }

  Result<Ballot> LookUp(size_t source) {
    Ballot ballot;
    const std::vector<Change>& changes = fingerprints_[source]->changes;
    std::vector<uint64_t> codes;
    std::vector<int64_t> found;
    for (size_t begin = 0; begin < changes.size(); begin += kBatch) {
      if (options_.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
      const size_t count = std::min(kBatch, changes.size() - begin);
      for (const bool mirrored : {false, true}) {
        codes.clear();
        for (size_t i = begin; i < begin + count; ++i) {
          const ChangeCode& code = changes[i].views[0];
          codes.push_back((mirrored ? Mirrored(code) : code).words[0]);
        }
        size_t query = 0;
        found.clear();
        const auto count_votes = [&] {
          if (found.size() < kTooCommon) Vote(source, changes[begin + query].tick, mirrored, found, &ballot);
          found.clear();
        };
        index_.Search(codes, kChangeRadius, [&](size_t at, int64_t number) {
          if (at != query) count_votes();
          query = at;
          found.push_back(number);
        });
        count_votes();
      }
      done_ += static_cast<int64_t>(count);
      if (options_.progress) options_.progress(done_, total_);
    }
    return ballot;
  }

  void Vote(size_t source, uint32_t tick, bool mirrored, const std::vector<int64_t>& found,
            Ballot* ballot) const {
    for (const int64_t number : found) {
      const Moment& moment = moments_[static_cast<size_t>(number)];
      if (moment.source != source)
        ++(*ballot)[{moment.source, mirrored, moment.view}][static_cast<int64_t>(tick) - moment.tick];
    }
  }

  void Compare(size_t source, const Ballot::key_type& key, const std::unordered_map<int64_t, int>& offsets) {
    const auto [other, mirrored, view] = key;
    std::vector<std::pair<int, int64_t>> places;  // votes with those beside, offset
    for (const auto& [offset, votes] : offsets) {
      int sum = 0;
      for (int64_t near = offset - kJitter; near <= offset + kJitter; ++near) {
        if (const auto beside = offsets.find(near); beside != offsets.end()) sum += beside->second;
      }
      if (sum >= kFewestAgreeing) places.emplace_back(-sum, offset);
    }
    std::sort(places.begin(), places.end());
    places.resize(std::min(places.size(), kMostPlaces));
    for (const auto& [votes, offset] : places) {
      // The other is the one whose view is compared: what is looked up is the whole picture of `source`.
      const Placement placement{mirrored, view, offset};
      for (const SamePart& part :
           FindSameParts(*fingerprints_[other], *fingerprints_[source], placement, options_.align))
        Add(other, source, placement, part);
    }
  }

  void Add(size_t one, size_t other, const Placement& placement, const SamePart& part) {
    const bool turned = one > other;
    CopyPair pair{.a = std::min(one, other), .b = std::max(one, other)};
    // The first change is from a picture that is the same, too.
    const int64_t first = part.first_tick - kLagTicks;
    pair.a_start_us = (first + (turned ? placement.offset : 0)) * kTickUs;
    pair.b_start_us = (first + (turned ? 0 : placement.offset)) * kTickUs;
    pair.length_us = (part.last_tick - first) * kTickUs;
    pair.votes = part.votes;
    pair.alike = 1 - part.difference;
    pair.mirrored = placement.mirrored;
    if (placement.view > 0) pair.cut_out = turned ? CopyPair::CutOut::kA : CopyPair::CutOut::kB;
    found_[{pair.a, pair.b}].push_back(pair);
  }

  // The same part is found by either source, and at distances beside the right one: the best of those that
  // overlap stays.
  static void KeepBest(std::vector<CopyPair>* found) {
    std::sort(found->begin(), found->end(), [](const CopyPair& x, const CopyPair& y) {
      const double of_x = x.votes * (x.alike - 0.5), of_y = y.votes * (y.alike - 0.5);
      return std::tie(of_y, x.a_start_us, x.b_start_us, x.mirrored, x.cut_out) <
             std::tie(of_x, y.a_start_us, y.b_start_us, y.mirrored, y.cut_out);
    });
    std::vector<CopyPair> kept;
    for (const CopyPair& pair : *found) {
      const bool known = std::any_of(kept.begin(), kept.end(), [&](const CopyPair& better) {
        const auto overlap = [](int64_t x, int64_t x_length, int64_t y, int64_t y_length) {
          return x < y + y_length && y < x + x_length;
        };
        return overlap(pair.a_start_us, pair.length_us, better.a_start_us, better.length_us) &&
               overlap(pair.b_start_us, pair.length_us, better.b_start_us, better.length_us);
      });
      if (!known) kept.push_back(pair);
    }
    std::sort(kept.begin(), kept.end(), [](const CopyPair& x, const CopyPair& y) {
      return std::tie(x.a_start_us, x.b_start_us) < std::tie(y.a_start_us, y.b_start_us);
    });
    *found = std::move(kept);
  }

  const std::vector<const Fingerprint*>& fingerprints_;
  const CopyFinderOptions& options_;
  CodeIndex index_;
  std::vector<Moment> moments_;  // by number of the code
  std::map<std::pair<size_t, size_t>, std::vector<CopyPair>> found_;
  int64_t done_ = 0, total_ = 0;
};

// The lowest 8x8 coefficients' signs, as those of ChangeCode are.
uint64_t KeyOf(const StillCode& code) {
  uint64_t key = 0;
  for (size_t row = 0; row < 8; ++row) key |= (code[row / 2] >> (row % 2 * 32) & 0xFF) << (8 * row);
  return key;
}

void FindStills(const std::vector<const Fingerprint*>& fingerprints, const CopyFinderOptions& options,
                std::vector<CopyPair>* pairs) {
  CodeIndex index;
  std::vector<size_t> source_of;
  std::vector<uint64_t> codes;
  for (size_t source = 0; source < fingerprints.size(); ++source) {
    if (!fingerprints[source]->still) continue;
    source_of.push_back(source);
    codes.push_back(KeyOf(*fingerprints[source]->still));
  }
  index.Add(codes);
  std::map<std::pair<size_t, size_t>, CopyPair> best;
  for (const bool mirrored : {false, true}) {
    std::vector<StillCode> wanted;
    for (size_t i = 0; i < codes.size(); ++i) {
      const StillCode& code = *fingerprints[source_of[i]]->still;
      wanted.push_back(mirrored ? Mirrored(code) : code);
      codes[i] = KeyOf(wanted.back());
    }
    index.Search(codes, kStillRadius, [&](size_t query, int64_t number) {
      const size_t a = source_of[query], b = source_of[static_cast<size_t>(number)];
      if (a >= b) return;
      const double difference = Difference(wanted[query], *fingerprints[b]->still);
      CopyPair& pair = best[{a, b}];
      if (difference > options.still_difference || 1 - difference <= pair.alike) return;
      pair = {.a = a, .b = b, .kind = CopyPair::Kind::kStill, .votes = 1, .alike = 1 - difference};
      pair.mirrored = mirrored;
    });
  }
  for (const auto& [sources, pair] : best) {
    if (pair.votes > 0) pairs->push_back(pair);
  }
}

}  // namespace

Result<std::vector<CopyPair>> FindCopies(const std::vector<const Fingerprint*>& fingerprints,
                                         const CopyFinderOptions& options) {
  try {
    std::vector<CopyPair> pairs;
    FindStills(fingerprints, options, &pairs);
    CROSSFACE_RETURN_IF_ERROR(VideoFinder(fingerprints, options).Run(&pairs));
    std::stable_sort(pairs.begin(), pairs.end(), [](const CopyPair& x, const CopyPair& y) {
      return std::tie(x.a, x.b) < std::tie(y.a, y.b);
    });
    return pairs;
  } catch (const std::bad_alloc&) {
    return Status(StatusCode::kOutOfResources, "not enough memory to compare the sources' fingerprints");
  }
}

}  // namespace crossface
