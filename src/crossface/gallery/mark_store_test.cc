#include "crossface/gallery/mark_store.h"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "crossface/gallery/gallery.h"
#include "crossface/gallery/gallery_case_for_test.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

class MarkStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Gallery> Write() {
    return *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
  }
  SourceRecord Source() {
    SourceRecord source;
    source.name = "film.mp4";
    source.path = "/films/film.mp4";
    return source;
  }

  testing::ScratchFolder scratch_;
};

TEST_F(MarkStoreTest, GrowsWithTheScanAndGoesWithIt) {
  auto gallery = Write();
  const int64_t id = *gallery->BeginScan(Source());
  EXPECT_EQ(*gallery->ReadMarks(id), SourceMarks());
  ASSERT_TRUE(gallery->AppendTracks(id, {}, {}, {.cuts_us = {5}, .dark = {{3, 5}}}).ok());
  ASSERT_TRUE(gallery->AppendTracks(id, {}, {}, {.cuts_us = {9}, .still = {{5, 9}}}).ok());
  const SourceMarks all{.cuts_us = {5, 9}, .dark = {{3, 5}}, .still = {{5, 9}}};
  EXPECT_EQ(*gallery->ReadMarks(id), all);
  ASSERT_EQ(*gallery->BeginScan(Source()), id);
  EXPECT_EQ(*gallery->ReadMarks(id), SourceMarks()) << "they were of a scan that is thrown away";
}

TEST_F(MarkStoreTest, AReplacementBringsItsOwn) {
  auto gallery = Write();
  const int64_t old = *gallery->BeginScan(Source());
  ASSERT_TRUE(gallery->AppendTracks(old, {}, {}, {.cuts_us = {5}}).ok());
  SourceRecord again = Source();
  again.replaces = old;
  const int64_t id = *gallery->BeginScan(again);
  ASSERT_TRUE(gallery->AppendTracks(id, {}, {}, {.cuts_us = {7}}).ok());
  EXPECT_EQ(gallery->ReadMarks(old)->value().cuts_us, std::vector<int64_t>{5});
  ASSERT_TRUE(gallery->CompleteScan(again).ok());
  EXPECT_EQ(gallery->ReadMarks(id)->value().cuts_us, std::vector<int64_t>{7});
  EXPECT_FALSE(gallery->ReadMarks(old)->has_value());
}

// A scan that an older version began, or a source that was never scanned, has some marks at most.
TEST_F(MarkStoreTest, ThereAreNoneWhereTheScanDidNotBeginWithThem) {
  auto gallery = Write();
  const int64_t id = *gallery->WriteSource(Source());
  ASSERT_TRUE(gallery->AppendTracks(id, {}, {}, {.cuts_us = {5}}).ok());
  EXPECT_FALSE(gallery->ReadMarks(id)->has_value());
  EXPECT_FALSE(gallery->ReadMarks(id + 1)->has_value());
}

TEST_F(MarkStoreTest, ImpossibleMarksAreDamage) {
  const int64_t id = *Write()->BeginScan(Source());
  const auto database = scratch_.path() / "case" / "crossface.db";
  for (const char* mark : {"1, 5, 4", "3, 4, 5", "-1, 4, 5"}) {
    SQLite::Database(database.native(), SQLite::OPEN_READWRITE)
        .exec(fmt::format("DELETE FROM source_marks; INSERT INTO source_marks VALUES ({}, {})", id, mark));
    EXPECT_EQ(Write()->ReadMarks(id).status().code(), StatusCode::kCorrupt) << mark;
  }
}

}  // namespace
}  // namespace crossface
