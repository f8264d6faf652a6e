// A small case with the corrections that tests make in it.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crossface/curation/curation_names.h"
#include "crossface/curation/curation_plan.h"
#include "crossface/grouping/cluster_case.h"
#include "crossface/testing/curation_case.h"

namespace crossface {

// Everything that corrections may change, by what the user sees.
struct Snapshot {
  std::map<int64_t, PersonFacts> persons;
  struct Owner {
    int64_t person = 0;
    float confidence = 0;
    UnassignedReason reason = UnassignedReason::kNone;
    bool operator==(const Owner&) const = default;
  };
  std::map<std::string, Owner> owner;  // by track
  bool operator==(const Snapshot&) const = default;
};

// Makes a correction, as `make_plan` plans it with a CurationPlanner.
template <typename Plan>
void CorrectCase(Gallery& gallery, Plan make_plan) {
  const CurationState state = *CurationState::Read(gallery);
  const auto plan = make_plan(CurationPlanner(state, false));
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  ASSERT_TRUE(CarryOut(gallery, *plan).ok());
}

class CurationCase : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate));
    AddThreePeople(*gallery_);
    Cluster();
  }
  void Cluster(const std::string& method = "agglomerative") {
    const auto summary = ClusterCase(*gallery_, method, {});
    ASSERT_TRUE(summary.ok()) << summary.status().message();
    warnings_ = summary->warnings;
  }
  CurationState State() { return *CurationState::Read(*gallery_); }
  Snapshot See() {
    const CurationState state = State();
    Snapshot seen{.persons = state.persons};
    for (size_t i = 0; i < state.tracks.size(); ++i)
      seen.owner[state.TrackName(i)] = {state.owner[i].person, state.owner[i].confidence,
                                        state.owner[i].reason};
    return seen;
  }
  int64_t OwnerOf(const std::string& track) { return See().owner.at(track).person; }
  UnassignedReason ReasonOf(const std::string& track) { return See().owner.at(track).reason; }
  template <typename Plan>
  Status Do(Plan make_plan, bool override_earlier = false) {
    const CurationState state = State();
    const auto plan = make_plan(state, CurationPlanner(state, override_earlier));
    if (!plan.ok()) return plan.status();
    notes_ = plan->notes;
    return CarryOut(*gallery_, *plan);
  }
  Status Rename(int64_t person, const std::string& name) {
    return Do([&](const auto&, const auto& planner) { return planner.Rename(person, name); });
  }
  Status Merge(const std::vector<int64_t>& persons, bool override_earlier = false) {
    return Do([&](const auto&, const auto& planner) { return planner.Merge(persons); }, override_earlier);
  }
  Status Split(int64_t person, const std::vector<std::string>& tracks, const std::string& name = "",
               bool override_earlier = false) {
    return Do([&](const auto& state,
                  const auto& planner) { return planner.Split(person, *FindTracks(state, tracks), name); },
              override_earlier);
  }
  Status Move(const std::vector<std::string>& tracks, int64_t person, bool override_earlier = false) {
    return Do([&](const auto& state,
                  const auto& planner) { return planner.Move(*FindTracks(state, tracks), person); },
              override_earlier);
  }
  Status NotSame(int64_t person, int64_t other) {
    return Do([&](const auto&, const auto& planner) { return planner.NotSame(person, other); });
  }
  Status Undo(size_t count = 1) {
    return Do([&](const auto&, const auto& planner) { return planner.Undo(count); });
  }
  Status Redo(size_t count = 1) {
    return Do([&](const auto&, const auto& planner) { return planner.Redo(count); });
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
  std::vector<std::string> warnings_, notes_;
};

}  // namespace crossface
