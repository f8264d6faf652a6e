// Corrections of who is who: what each would change, and doing it. A plan holds everything that carrying it
// out will do, so a dry run can show it.
//
// Every person that a correction touches is held to its best track (an anchor), so that its id and name
// outlive any new grouping.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "crossface/curation/curation_state.h"

namespace crossface {

struct CurationPlan {
  CurationEvent event;  // with id and told; the time is set when it is carried out
  GroupingChange change;
  std::vector<std::string> notes;  // what the user should know
};

// Immutable. Errors of all plans: kInvalidArgument for what makes no sense, and for what contradicts an
// earlier correction or two faces in one frame, naming it, with what to do. `override_earlier` lets the new
// correction win over earlier ones, and over what is on the screen (a mirror shows one person twice).
class CurationPlanner {
 public:
  CurationPlanner(const CurationState& state, bool override_earlier);

  Result<CurationPlan> Rename(int64_t person, const std::string& name) const;
  // The first of `persons` stays, with its id; its name stays unless it has none of its own and another has.
  Result<CurationPlan> Merge(const std::vector<int64_t>& persons) const;
  // Tracks of one person become a new one; `name` may be empty.
  Result<CurationPlan> Split(int64_t person, const std::vector<size_t>& tracks,
                             const std::string& name) const;
  // Tracks of anybody; `person` 0: they are nobody's, and stay so.
  Result<CurationPlan> Move(const std::vector<size_t>& tracks, int64_t person) const;
  // Two persons are never joined.
  Result<CurationPlan> NotSame(int64_t person, int64_t other) const;
  // Tracks of the person are not the person's; the next clustering finds whose they are.
  Result<CurationPlan> NotThisPerson(int64_t person, const std::vector<size_t>& tracks) const;
  // These tracks, or all, are the person's for certain.
  Result<CurationPlan> Confirm(int64_t person, const std::vector<size_t>& tracks) const;
  Result<CurationPlan> Ignore(int64_t person, bool ignored) const;
  // The last `count` corrections in force; the last `count` that were undone.
  Result<CurationPlan> Undo(size_t count) const;
  Result<CurationPlan> Redo(size_t count) const;

 private:
  const CurationState& state_;
  const bool override_earlier_;
};

// Carries the plan out in one transaction.
Status CarryOut(Gallery& gallery, const CurationPlan& plan);

// The name that crossface gives to a person who has none.
bool HasOwnName(int64_t person, const std::string& name);

}  // namespace crossface
