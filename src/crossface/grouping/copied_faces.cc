#include "crossface/grouping/copied_faces.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "crossface/cluster/graph/constraints.h"
#include "crossface/cluster/graph/ground.h"
#include "crossface/cluster/graph/pair_scores.h"
#include "crossface/cluster/graph/union_find.h"

namespace crossface {
namespace {

// Copies are laid onto each other to a quarter of a second (copies/fingerprint.h), and faces of films are
// looked for five times a second.
constexpr int64_t kSameMomentUs = 250'000;
// Two tracks are there together where most faces of either have one of the other at their moment; how far
// their boxes then overlap, on average, as shares of the pictures. bench/duplicates/copied_faces.py: of
// make_synth 961 and four copies of each film, which chose, 656 pairs of one person overlap by .88 and more,
// 468 of two people by 0; of 951 in 640x360, which chose nothing, 718 of 734 by .8 and more, and 728 by 0.
constexpr float kSamePlace = 0.8f, kMostOfThem = 0.5f;

using Links = std::vector<std::pair<int, int>>;

struct CopiedFace {
  int64_t time_us = 0;
  cv::Rect2f place;  // as shares of the picture
};

// A track of a source that has copies.
struct CopiedTrack {
  int item = 0;
  std::vector<CopiedFace> faces;  // in time order, at least one
  int64_t first_us() const { return faces.front().time_us; }
  int64_t last_us() const { return faces.back().time_us; }
};

CopiedTrack CopiedOf(int item, const TrackRecord& track, const cv::Size2f& picture) {
  CopiedTrack copied{.item = item, .faces = {}};
  for (const FaceRecord& face : track.faces) {
    const cv::Rect2f& box = face.detection.box;
    copied.faces.push_back({face.time_us,
                            {box.x / picture.width, box.y / picture.height, box.width / picture.width,
                             box.height / picture.height}});
  }
  return copied;
}

cv::Rect2f Mirrored(const cv::Rect2f& place) {
  return {1 - place.x - place.width, place.y, place.width, place.height};
}

float Overlap(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float common = (a & b).area();
  return common / std::max(a.area() + b.area() - common, 1e-9f);
}

int64_t CountWithin(const std::vector<CopiedFace>& faces, int64_t start_us, int64_t length_us) {
  return std::count_if(faces.begin(), faces.end(), [&](const CopiedFace& face) {
    return face.time_us >= start_us && face.time_us <= start_us + length_us;
  });
}

const CopiedFace& NearestTo(int64_t time_us, const std::vector<CopiedFace>& faces) {
  const auto after =
      std::lower_bound(faces.begin(), faces.end(), time_us,
                       [](const CopiedFace& face, int64_t time) { return face.time_us < time; });
  if (after == faces.begin()) return faces.front();
  if (after == faces.end()) return faces.back();
  const auto before = std::prev(after);
  return time_us - before->time_us <= after->time_us - time_us ? *before : *after;
}

// How far the faces of `one` within the copied part and those of `other` at the same moments overlap, on
// average; nothing where most of either's have none of the other's at their moment: these are neighbours in
// time, before and after a cut.
std::optional<float> SamePlace(const CopyRecord& copy, const CopiedTrack& one, const CopiedTrack& other) {
  const int64_t shift = copy.other_start_us - copy.start_us;
  double sum = 0;
  int64_t moments = 0;
  for (const CopiedFace& face : one.faces) {
    if (face.time_us < copy.start_us || face.time_us > copy.start_us + copy.length_us) continue;
    const CopiedFace& then = NearestTo(face.time_us + shift, other.faces);
    if (std::abs(then.time_us - face.time_us - shift) > kSameMomentUs) continue;
    sum += Overlap(copy.mirrored ? Mirrored(face.place) : face.place, then.place);
    ++moments;
  }
  const int64_t longer = std::max(CountWithin(one.faces, copy.start_us, copy.length_us),
                                  CountWithin(other.faces, copy.other_start_us, copy.length_us));
  if (moments == 0 || static_cast<float>(moments) < kMostOfThem * static_cast<float>(longer))
    return std::nullopt;
  return static_cast<float>(sum / static_cast<double>(moments));
}

CopyRecord Reversed(CopyRecord copy) {
  std::swap(copy.source_id, copy.other_id);
  std::swap(copy.start_us, copy.other_start_us);
  return copy;
}

// Pairs that are each the other's nearest.
void LinkWithin(const CopyRecord& copy, const std::vector<CopiedTrack>& ones,
                const std::vector<CopiedTrack>& others, Links* links) {
  const int64_t shift = copy.other_start_us - copy.start_us;
  std::map<int, std::pair<float, int>> best_of_one, best_of_other;
  for (const CopiedTrack& one : ones) {
    for (const CopiedTrack& other : others) {
      if (other.first_us() > one.last_us() + shift + kSameMomentUs) break;
      if (other.last_us() < one.first_us() + shift - kSameMomentUs) continue;
      const auto place = SamePlace(copy, one, other);
      if (!place || *place < kSamePlace) continue;
      auto& of_one = best_of_one[one.item];
      auto& of_other = best_of_other[other.item];
      of_one = std::max(of_one, std::pair(*place, other.item));
      of_other = std::max(of_other, std::pair(*place, one.item));
    }
  }
  for (const auto& [one, best] : best_of_one)
    if (best_of_other.at(best.second).second == one) links->emplace_back(std::minmax(one, best.second));
}

// By source, those of each in the order of their first faces.
using CopiedTracks = std::map<int64_t, std::vector<CopiedTrack>>;

Result<CopiedTracks> ReadCopied(const Gallery& gallery, const std::vector<CopyRecord>& copies,
                                const std::vector<TrackRecord>& tracks) {
  std::set<int64_t> wanted;
  for (const CopyRecord& copy : copies) wanted.insert({copy.source_id, copy.other_id});
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SourceRecord> sources, gallery.ReadSources());
  std::map<int64_t, int> item_of;
  for (size_t i = 0; i < tracks.size(); ++i) item_of[tracks[i].id] = static_cast<int>(i);
  CopiedTracks copied;
  for (const SourceRecord& source : sources) {
    const cv::Size2f picture(static_cast<float>(source.info.width), static_cast<float>(source.info.height));
    if (!wanted.contains(source.id) || picture.empty()) continue;
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, gallery.TracksOfSources({source.id}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> read, gallery.ReadTracks({.faces = true}, ids));
    std::vector<CopiedTrack>& of_source = copied[source.id];
    for (const TrackRecord& track : read) {
      const auto item = item_of.find(track.id);
      if (item != item_of.end() && !track.faces.empty())
        of_source.push_back(CopiedOf(item->second, track, picture));
    }
    std::sort(of_source.begin(), of_source.end(), [](const CopiedTrack& a, const CopiedTrack& b) {
      return std::pair(a.first_us(), a.item) < std::pair(b.first_us(), b.item);
    });
  }
  return copied;
}

// Without those that join, directly or by way of others, whom the problem keeps apart.
Result<Links> WithoutContradictions(const Links& links, const ClusterProblem& problem) {
  CROSSFACE_ASSIGN_OR_RETURN(
      const ConstraintGroups groups,
      ConstraintGroups::Create(problem.items, problem.must_links, problem.cannot_links, problem.partings));
  UnionFind joined(groups.count());
  for (const auto& [a, b] : links) joined.Join(groups.group_of(a), groups.group_of(b));
  std::map<int, std::set<int>> members;
  for (const auto& [a, b] : links)
    members[joined.Find(groups.group_of(a))].insert({groups.group_of(a), groups.group_of(b)});
  std::set<int> contradicted;
  for (const auto& [root, of_root] : members) {
    for (auto one = of_root.begin(); one != of_root.end(); ++one)
      if (std::any_of(std::next(one), of_root.end(), [&](int other) { return !groups.MayJoin(*one, other); }))
        contradicted.insert(root);
  }
  Links kept;
  for (const auto& link : links)
    if (!contradicted.contains(joined.Find(groups.group_of(link.first)))) kept.push_back(link);
  return kept;
}

// Persons of an answer become one: numbers, cohesion and suggestions follow.
void JoinPersons(const std::vector<int>& into, ClusterAnswer* answer) {
  std::vector<int> number(into.size(), -1);
  std::vector<float> cohesion;
  int persons = 0;
  for (size_t person = 0; person < into.size(); ++person) {
    if (into[person] != static_cast<int>(person)) continue;
    number[person] = persons++;
    if (!answer->cohesion.empty()) cohesion.push_back(answer->cohesion[person]);
  }
  const auto now = [&](int person) {
    return person < 0 ? person : number[static_cast<size_t>(into[static_cast<size_t>(person)])];
  };
  for (int& person : answer->person_of) person = now(person);
  for (ClusterSuggestion& suggestion : answer->suggestions) {
    suggestion.person = now(suggestion.person);
    if (suggestion.kind == ClusterSuggestion::Kind::kMerge) suggestion.other = now(suggestion.other);
  }
  std::erase_if(answer->suggestions, [](const ClusterSuggestion& suggestion) {
    return suggestion.kind == ClusterSuggestion::Kind::kMerge && suggestion.person == suggestion.other;
  });
  answer->cohesion = std::move(cohesion);
  answer->persons = persons;
}

}  // namespace

Result<CopiedFaces> FindCopiedFaces(const Gallery& gallery, const std::vector<TrackRecord>& tracks,
                                    const ClusterProblem& problem, const PairScorer& scorer) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<CopyRecord> copies, gallery.ReadCopies());
  std::erase_if(copies, [](const CopyRecord& copy) {
    return copy.cut_out != CopyRecord::CutOut::kNone || copy.kind == CopyRecord::Kind::kStill;
  });
  if (copies.empty()) return CopiedFaces();
  CROSSFACE_ASSIGN_OR_RETURN(auto copied, ReadCopied(gallery, copies, tracks));
  Links links;
  for (const CopyRecord& copy : copies) {
    const auto& ones = copied[copy.source_id];
    const auto& others = copied[copy.other_id];
    // Which of the two a copy is said to be of depends on which was scanned first; what follows must not.
    if (ones.empty() || others.empty()) continue;
    if (ones.front().item < others.front().item)
      LinkWithin(copy, ones, others, &links);
    else
      LinkWithin(Reversed(copy), others, ones, &links);
  }
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  const ScoreRule rule = RuleOf(scorer);
  const PairScores scores(problem, rule);
  std::erase_if(links, [&](const auto& link) { return scores.Pair(link.first, link.second) <= 0; });
  CROSSFACE_ASSIGN_OR_RETURN(links, WithoutContradictions(links, problem));
  UnionFind joined(problem.items);
  for (const auto& [a, b] : links) joined.Join(a, b);
  std::map<int, std::vector<int>> groups;
  for (int item = 0; item < problem.items; ++item) groups[joined.Find(item)].push_back(item);
  CopiedFaces faces;
  for (auto& [root, group] : groups)
    if (group.size() > 1) faces.push_back(std::move(group));
  std::sort(faces.begin(), faces.end());
  return faces;
}

int64_t CountCopied(const CopiedFaces& faces) {
  int64_t copied = 0;
  for (const std::vector<int>& face : faces) copied += static_cast<int64_t>(face.size()) - 1;
  return copied;
}

Status FollowCopies(const CopiedFaces& faces, const ClusterProblem& problem, ClusterAnswer* answer) {
  if (faces.empty()) return Status();
  CROSSFACE_ASSIGN_OR_RETURN(
      const ConstraintGroups groups,
      ConstraintGroups::Create(problem.items, problem.must_links, problem.cannot_links, problem.partings));
  std::vector<std::vector<int>> members(static_cast<size_t>(answer->persons));
  for (int item = 0; item < problem.items; ++item) {
    const int person = answer->person_of[static_cast<size_t>(item)];
    if (person >= 0) members[static_cast<size_t>(person)].push_back(item);
  }
  std::vector<int> into(members.size());
  std::iota(into.begin(), into.end(), 0);
  for (const std::vector<int>& face : faces) {
    std::map<int, int> held;  // person: how many of the copies
    for (const int item : face)
      if (const int person = answer->person_of[static_cast<size_t>(item)]; person >= 0) ++held[person];
    if (held.empty()) continue;
    const bool nobody_else = std::all_of(held.begin(), held.end(), [&](const auto& each) {
      return static_cast<size_t>(each.second) == members[static_cast<size_t>(each.first)].size();
    });
    if (held.size() > 1 && !nobody_else) continue;  // copies that disagree
    const auto person = static_cast<size_t>(held.begin()->first);
    for (const auto& [other, count] : held) into[static_cast<size_t>(other)] = static_cast<int>(person);
    const auto may_join = [&](int item) {
      return std::all_of(members[person].begin(), members[person].end(), [&](int member) {
        return groups.group_of(item) == groups.group_of(member) ||
               groups.MayJoin(groups.group_of(item), groups.group_of(member));
      });
    };
    const int known = *std::max_element(face.begin(), face.end(), [&](int a, int b) {
      return answer->confidence[static_cast<size_t>(a)] < answer->confidence[static_cast<size_t>(b)];
    });
    for (const int item : face) {
      const auto at = static_cast<size_t>(item);
      if (answer->person_of[at] >= 0 || !HasTemplate(problem, item) || !may_join(item)) continue;
      answer->person_of[at] = static_cast<int>(person);
      answer->confidence[at] = answer->confidence[static_cast<size_t>(known)];
      answer->reason[at] = UnassignedReason::kNone;
      members[person].push_back(item);
    }
  }
  JoinPersons(into, answer);
  return Status();
}

}  // namespace crossface
