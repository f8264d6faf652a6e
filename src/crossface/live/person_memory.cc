#include "crossface/live/person_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "crossface/cluster/graph/cohort.h"
#include "crossface/cluster/graph/false_match_rate.h"
#include "crossface/cluster/graph/problem_items.h"
#include "crossface/embed/unassigned_reason.h"
#include "crossface/gallery/file_name.h"
#include "crossface/search/search_case.h"

namespace crossface {
namespace {

constexpr int64_t kFirstReference = int64_t{1} << 40;

// Of those known, so many are asked how like a stranger's a face is: more tell hardly more, and they are
// asked at every look.
constexpr size_t kMostInCohort = 256;
// So many looks that leave in doubt whether a face is somebody known make it somebody new.
constexpr int kMostDoubts = 3;
// A track that may be somebody known, yet not surely enough to say so, is in doubt from here on: likelier so
// than not, were one of those known expected.
constexpr double kDoubtful = 0.5;

ClusterProblem EmptyProblem(const SearchEnsemble& ensemble) {
  ClusterProblem problem;
  for (const SearchEnsemble::Model& model : ensemble.models())
    problem.templates.push_back({.model = model.name, .dimensions = model.dimensions});
  return problem;
}

}  // namespace

// Of one template with everybody known: the best of each person's.
struct PersonMemory::Scores {
  std::map<Key, float> best;  // log-odds
  double compared = 0;
  std::optional<Key> likely;
  double confidence = 0;  // of the likely one
  double nearest = 0;     // of whoever is most likely, likely enough or not
  bool in_doubt = false;  // nobody is, and it may be somebody known
};

Result<std::unique_ptr<PersonMemory>> PersonMemory::Of(std::span<const std::unique_ptr<Embedder>> embedders,
                                                       const PersonMemoryOptions& options) {
  std::vector<SearchEnsemble::Model> models;
  for (const auto& embedder : embedders)
    models.push_back({embedder->name(), embedder->sha256(), embedder->dimensions()});
  CROSSFACE_ASSIGN_OR_RETURN(SearchEnsemble ensemble, SearchEnsemble::Of(std::move(models)));
  return std::unique_ptr<PersonMemory>(new PersonMemory(std::move(ensemble), options));
}

Status PersonMemory::Load(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({}));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments());
  std::unordered_map<int64_t, int64_t> person_of;
  for (const Assignment& assignment : assignments)
    if (assignment.person_id != 0) person_of[assignment.track_id] = assignment.person_id;
  std::sort(tracks.begin(), tracks.end(),
            [](const TrackRecord& a, const TrackRecord& b) { return a.quality > b.quality; });
  std::map<int64_t, size_t> taken;
  std::vector<int64_t> ids;
  for (const TrackRecord& track : tracks) {
    const auto person = person_of.find(track.id);
    if (person == person_of.end() || !track.may_form || taken[person->second] >= options_.templates) continue;
    ++taken[person->second];
    ids.push_back(track.id);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> best,
                             gallery.ReadTracks({.templates = true}, ids));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<ReferenceFace> references, gallery.ReadReferences());

  MutexLock lock(mutex_);
  std::map<Key, Known> now;
  for (const PersonRecord& person : persons)
    now[person.id] = {.name = person.name, .ignored = person.ignored};
  for (const auto& [key, known] : persons_)
    if (key < 0) now[key] = known;
  persons_ = std::move(now);
  std::erase_if(templates_, [](const Template& one) { return one.track == 0; });
  Enrol(references);
  std::erase_if(templates_, [&](const Template& one)
                                CROSSFACE_REQUIRES(mutex_) { return !persons_.contains(one.person); });
  std::erase_if(said_,
                [&](const auto& said) CROSSFACE_REQUIRES(mutex_) { return !persons_.contains(said.second); });
  for (const TrackRecord& track : best)
    templates_.push_back({.person = person_of.at(track.id),
                          .vectors = ensemble_.VectorsOf(track.templates),
                          .facts = {track.quality, LeastCohort(track.evidence)},
                          .evidence = track.evidence});
  MeasureCaseCohorts();
  return Status();
}

void PersonMemory::Enrol(const std::vector<ReferenceFace>& references) {
  std::map<std::string, Key> of_case;
  for (const auto& [key, known] : persons_)
    if (key > 0) of_case[CaseFolded(WithoutReferenceMark(known.name))] = key;
  std::map<Key, size_t> taken;
  for (const ReferenceFace& face : references) {
    const std::string folded = CaseFolded(face.name);
    const auto known = of_case.find(folded);
    const Key key =
        known != of_case.end()
            ? known->second
            : references_.try_emplace(folded, kFirstReference + static_cast<Key>(references_.size()))
                  .first->second;
    persons_.try_emplace(key, Known{.name = WithReferenceMark(face.name)});
    if (++taken[key] > options_.templates) continue;
    templates_.push_back({.person = key,
                          .vectors = ensemble_.VectorsOf(face.vectors),
                          .facts = {face.quality, LeastCohort(face.evidence)},
                          .evidence = face.evidence});
  }
}

void PersonMemory::MeasureCaseCohorts() {
  ClusterProblem problem = EmptyProblem(ensemble_);
  std::vector<size_t> of_case;
  std::map<Key, int> first;
  for (size_t i = 0; i < templates_.size(); ++i) {
    if (templates_[i].track != 0) continue;
    const auto [same, added] = first.try_emplace(templates_[i].person, problem.items);
    if (!added) problem.must_links.emplace_back(same->second, problem.items);
    AddItem(templates_[i].vectors, templates_[i].facts.quality, templates_[i].evidence, &problem);
    of_case.push_back(i);
  }
  if (of_case.empty()) return;
  const auto cohorts = MeasureCohorts(problem, RuleOf(ensemble_.scorer()), {});
  if (!cohorts.ok()) return;  // links of one kind contradict nothing; what is known without a case stays
  for (size_t i = 0; i < of_case.size(); ++i) templates_[of_case[i]].facts.cohort = (*cohorts)[i];
}

CohortScore PersonMemory::CohortOf(const Template& asked) const {
  std::vector<const Template*> others;
  std::set<Key> taken;
  for (const Template& one : templates_)
    if (one.track != asked.track && taken.insert(one.person).second) others.push_back(&one);
  ClusterProblem problem = EmptyProblem(ensemble_);
  const size_t most = std::min(others.size(), kMostInCohort);
  for (size_t i = 0; i < most; ++i) {
    const Template& one = *others[i * others.size() / most];
    AddItem(one.vectors, one.facts.quality, one.evidence, &problem);
  }
  AddItem(asked.vectors, asked.facts.quality, asked.evidence, &problem);
  const auto cohorts = MeasureCohorts(problem, RuleOf(ensemble_.scorer()), {});
  return cohorts.ok() ? cohorts->back() : LeastCohort(asked.evidence);
}

PersonMemory::Scores PersonMemory::Compare(const Template& asked, const std::set<Key>& not_these) const {
  Scores scores;
  for (const Template& one : templates_) {
    if (one.track != 0 && one.track == asked.track) continue;
    ++scores.compared;
    if (not_these.contains(one.person)) continue;
    const float log_odds = ensemble_.LogOdds(asked.vectors, asked.facts, one.vectors, one.facts);
    if (std::isnan(log_odds)) continue;
    const auto [best, added] = scores.best.try_emplace(one.person, log_odds);
    if (!added) best->second = std::max(best->second, log_odds);
  }
  scores.compared = std::max<double>(scores.compared, kFewestPeople);
  const auto ratio = [](float log_odds) { return std::exp(std::min(80.0, static_cast<double>(log_odds))); };
  double of_case = 0;
  for (const auto& [key, log_odds] : scores.best)
    if (key > 0) of_case += ratio(log_odds);
  bool case_reaches = false;
  for (const bool is_new : {false, true}) {
    const auto& best = scores.best;
    auto chosen = best.end();
    for (auto one = best.begin(); one != best.end(); ++one)
      if ((one->first < 0) == is_new && (chosen == best.end() || one->second > chosen->second)) chosen = one;
    if (chosen == best.end()) continue;
    const double own = ratio(chosen->second);
    // Several new ones that a face is like may be one person whom this watch took for several; the case's
    // are different people.
    const double probability = own / (scores.compared + (is_new ? own : of_case));
    const bool reaches =
        scores.compared * ensemble_.scorer().FalseMatchRateAt(chosen->second) <= kLikelyStrangers;
    scores.nearest = std::max(scores.nearest, probability);
    const bool likely = reaches && probability >= kDoubtful && !(is_new && case_reaches);
    if (likely && !scores.likely) {
      scores.likely = chosen->first;
      scores.confidence = probability;
    }
    case_reaches |= reaches;
  }
  scores.in_doubt = !scores.likely && (case_reaches || scores.nearest >= kDoubtful);
  return scores;
}

LivePerson PersonMemory::Judge(int64_t track, const TrackRecord& look, const std::set<int64_t>& with,
                               bool last) {
  MutexLock lock(mutex_);
  ++judgements_;
  std::set<Key> not_these;
  for (const int64_t other : with)
    if (const auto said = said_.find(other); said != said_.end()) not_these.insert(said->second);
  std::optional<Key> before;
  if (const auto said = said_.find(track); said != said_.end() && !not_these.contains(said->second))
    before = said->second;

  Template asked{.track = track, .vectors = ensemble_.VectorsOf(look.templates), .evidence = look.evidence};
  const bool tells = look.may_form && std::any_of(asked.vectors.begin(), asked.vectors.end(),
                                                  [](const auto& vector) { return !vector.empty(); });
  if (!tells) {
    if (before) return Named(*before, 0);
    return {.reason = std::string(UnassignedReasonName(look.reason))};
  }
  asked.facts = {look.quality, LeastCohort(look.evidence)};
  asked.facts.cohort = CohortOf(asked);
  const Scores scores = Compare(asked, not_these);

  double confidence = scores.confidence;
  if (scores.likely) {
    asked.person = *scores.likely;
  } else {
    const auto own = before ? scores.best.find(*before) : scores.best.end();
    const bool still = before && (own != scores.best.end() ? own->second > 0 : *before < 0);
    if (!still && scores.in_doubt && !last && ++doubts_[track] < kMostDoubts) {
      Leave(track);
      return {.reason = std::string(UnassignedReasonName(UnassignedReason::kInDoubt))};
    }
    asked.person = still ? *before : Found();
    confidence = still && own != scores.best.end()
                     ? PairScorer::Probability(own->second - static_cast<float>(std::log(scores.compared)))
                     : 1 - scores.nearest;
  }
  const Key person = asked.person;
  Leave(track);
  said_[track] = person;
  seen_.insert(person);
  Remember(std::move(asked));
  return Named(person, confidence);
}

PersonMemory::Key PersonMemory::Found() {
  ++founded_;
  persons_[-founded_] = {.name = fmt::format("new-{:04}", founded_)};
  ForgetOldest();
  return -founded_;
}

// What the track told until now is told better, or was wrong. A new person whom nobody else is like goes too.
void PersonMemory::Leave(int64_t track) {
  std::erase_if(templates_, [track](const Template& one) { return one.track == track; });
  said_.erase(track);
}

void PersonMemory::Remember(Template made) {
  Known& known = persons_[made.person];
  known.seen = judgements_;
  std::vector<size_t> own;
  for (size_t i = 0; i < templates_.size(); ++i)
    if (templates_[i].person == made.person && templates_[i].track != 0) own.push_back(i);
  if (own.size() >= options_.templates) {
    const size_t worst =
        *std::min_element(own.begin(), own.end(), [&](size_t a, size_t b) CROSSFACE_REQUIRES(mutex_) {
          return templates_[a].facts.quality < templates_[b].facts.quality;
        });
    if (templates_[worst].facts.quality >= made.facts.quality) return;
    templates_.erase(templates_.begin() + static_cast<ptrdiff_t>(worst));
  }
  templates_.push_back(std::move(made));
}

void PersonMemory::ForgetOldest() {
  std::set<Key> open = {-founded_};
  for (const auto& [track, key] : said_) open.insert(key);
  size_t count = 0;
  std::optional<Key> oldest;
  for (const auto& [key, known] : persons_) {
    if (key > 0) continue;
    ++count;
    if (!open.contains(key) && (!oldest || known.seen < persons_.at(*oldest).seen)) oldest = key;
  }
  if (count <= options_.new_persons || !oldest) return;
  persons_.erase(*oldest);
  std::erase_if(templates_, [&](const Template& one) { return one.person == *oldest; });
}

LivePerson PersonMemory::Named(Key key, double confidence) const {
  const Known& known = persons_.at(key);
  return {.id = key >= kFirstReference ? 0 : std::max<Key>(key, 0),
          .name = known.name,
          .is_new = key < 0,
          .ignored = known.ignored,
          .confidence = std::clamp(confidence, 0.0, 1.0)};
}

void PersonMemory::GoOn(int64_t track, int64_t next) {
  MutexLock lock(mutex_);
  if (const auto said = said_.find(track); said != said_.end()) said_[next] = said->second;
}

void PersonMemory::Close(int64_t track) {
  MutexLock lock(mutex_);
  said_.erase(track);
  doubts_.erase(track);
}

int64_t PersonMemory::people_seen() const {
  MutexLock lock(mutex_);
  std::set<Key> told;
  for (const Template& one : templates_)
    if (one.track != 0) told.insert(one.person);
  for (const Key key : seen_)
    if (key > 0) told.insert(key);
  return static_cast<int64_t>(told.size());
}

}  // namespace crossface
