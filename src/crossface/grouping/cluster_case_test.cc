#include "crossface/grouping/cluster_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/curation/curation_case_for_test.h"
#include "crossface/grouping/reference_photo_for_test.h"
#include "crossface/testing/curation_case.h"

namespace crossface {
namespace {

constexpr char kMethod[] = "hybrid";

class ClusterWhatIsNewTest : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate));
    AddThreePeople(*gallery_);
    AddSource(*gallery_, "c.mp4", {{1, 8, -1, 10, UnassignedReason::kCovered}});
    Cluster();
  }
  ClusterSummary Cluster(const ClusterOptions& options = {}) {
    const auto summary = ClusterWhatIsNew(*gallery_, kMethod, options);
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    return *summary;
  }
  int64_t Groupings() const { return gallery_->ReadTide()->grouping; }
  // Whether it grouped; and it does not once more.
  bool Groups(const ClusterOptions& options = {}) {
    const int64_t before = Groupings();
    Cluster(options);
    const int64_t after = Groupings();
    Cluster(options);
    EXPECT_EQ(Groupings(), after);
    return after > before;
  }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(ClusterWhatIsNewTest, TellsOfAGroupingThatStandsWhatGroupingToldOfIt) {
  const ClusterSummary grouped = *ClusterCase(*gallery_, kMethod, {});
  ASSERT_TRUE(gallery_->WriteExportedLogs({{"faces.csv", "digest"}}).ok());
  const int64_t groupings = Groupings();
  const ClusterSummary kept = Cluster();
  EXPECT_EQ(Groupings(), groupings);
  EXPECT_EQ(gallery_->ReadExportedLogs()->size(), 1u) << "nothing was written that an export would show";
  EXPECT_EQ(kept.persons, 3);
  EXPECT_EQ(kept.persons, grouped.persons);
  EXPECT_EQ(kept.tracks, grouped.tracks);
  EXPECT_EQ(kept.unassigned, 1);
  EXPECT_EQ(kept.unassigned, grouped.unassigned);
  EXPECT_EQ(kept.unassigned_by_reason, grouped.unassigned_by_reason);
  EXPECT_EQ(kept.must_links, grouped.must_links);
  EXPECT_EQ(kept.cannot_links, grouped.cannot_links);
  EXPECT_EQ(kept.models, grouped.models);
  EXPECT_EQ(kept.warnings, grouped.warnings);
  EXPECT_EQ(kept.method, grouped.method);
}

TEST_F(ClusterWhatIsNewTest, GroupsAfterWhateverChangesAGrouping) {
  EXPECT_FALSE(Groups());
  AddSource(*gallery_, "d.mp4", {{1, 1}, {2, 5}});
  EXPECT_TRUE(Groups()) << "another source";
  const auto tracks = *gallery_->ReadTracks({.faces = true, .templates = true});
  ASSERT_TRUE(gallery_->WriteVectors(tracks[0].source_id, {tracks[0]}, "{}").ok());
  EXPECT_TRUE(Groups()) << "other vectors";
  CorrectCase(*gallery_, [](const CurationPlanner& planner) { return planner.Rename(1, "Ada"); });
  EXPECT_TRUE(Groups()) << "a correction";
  CorrectCase(*gallery_, [](const CurationPlanner& planner) { return planner.Undo(1); });
  EXPECT_TRUE(Groups()) << "a correction that was taken back";
  EXPECT_TRUE(Groups({.profile = Profile::kStrict})) << "another profile";
  EXPECT_TRUE(Groups()) << "and the usual one again";
  ASSERT_TRUE(ClusterSoFar(*gallery_, kMethod, {})->has_value());
  EXPECT_TRUE(Groups()) << "a grouping of what there was in the middle of a scan";
}

// What photos say is told with every grouping, and taken back once they are gone.
TEST_F(ClusterWhatIsNewTest, AlwaysGroupsWithEnrolledPhotos) {
  ASSERT_TRUE(gallery_->AddReferences({PhotoOf("Ada", 2)}).ok());
  for (int time = 0; time < 2; ++time) {
    const int64_t before = Groupings();
    Cluster();
    EXPECT_GT(Groupings(), before);
    EXPECT_EQ(gallery_->ReadPersons()->at(1).name, "Ada (by reference)");
  }
  ASSERT_TRUE(gallery_->RemoveReferences("Ada").ok());
  EXPECT_TRUE(Groups());
  EXPECT_EQ(gallery_->ReadPersons()->at(1).name, "person-0002");
}

}  // namespace
}  // namespace crossface
