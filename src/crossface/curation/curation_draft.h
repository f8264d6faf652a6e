// A correction while it is being planned: the case as it shall be, changed step by step, and what the
// correction asks of later runs. Used by curation_plan.h alone. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "crossface/curation/curation_plan.h"

namespace crossface {

class CurationDraft {
 public:
  // Keeps a reference to the state.
  CurationDraft(const CurationState& state, std::string verb);

  const std::string& NameOf(int64_t person) const { return persons_.at(person).name; }
  PersonFacts& Facts(int64_t person) { return persons_[person]; }  // adds the person when it is not there
  void Remove(int64_t person) { persons_.erase(person); }
  // Persons who had tracks, or are new, and have none.
  void RemoveEmptyPersons();

  const std::vector<CurationState::Owner>& owner() const { return owner_; }
  // `reason`: kNone unless `person` is 0 and it is known why.
  void Own(size_t track, int64_t person, float confidence, UnassignedReason reason = UnassignedReason::kNone);
  // The track is the person's from now on, in every run.
  void Pin(size_t track, int64_t person);
  // No track of `some` is ever together with one of `others`.
  void Part(const std::vector<size_t>& some, const std::vector<size_t>& others);
  // The person is to outlive new groupings: it gets an anchor in the end.
  void Touch(int64_t person) { touched_.push_back(person); }
  // Anchors the person to the best of the tracks that it has now, unless one is pinned to it already.
  void Anchor(int64_t person);

  void Note(std::string note) { notes_.push_back(std::move(note)); }
  void TakeBack(int64_t correction) { event_.of.push_back(correction); }

  // The plan, once it has been held against the screen, earlier corrections and taken names.
  Result<CurationPlan> Finish(std::string told, bool override_earlier);
  // The plan of an undo or redo, which asks nothing new of later runs: only names are checked.
  Result<CurationPlan> Close(std::string told);

 private:
  int Reference(size_t track);
  Status CheckNames() const;
  Status CheckScreen(bool override_earlier);
  std::set<int64_t> Contradicted() const;
  Status CheckEarlier(const std::string& told, bool override_earlier);

  const CurationState& state_;
  CurationEvent event_;
  std::vector<CurationState::Owner> owner_;
  std::map<int64_t, PersonFacts> persons_;
  std::map<size_t, int64_t> pinned_;
  std::vector<int64_t> touched_;
  std::unordered_map<size_t, int> references_;
  std::vector<std::string> notes_;
};

}  // namespace crossface
