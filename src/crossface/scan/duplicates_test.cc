#include "crossface/scan/duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crossface/testing/curation_case.h"

namespace crossface {
namespace {

// Galleries before schema 6 have a source for every file; later ones one for every content.
TEST(FindDuplicates, TellsSourcesOfTheSameBytesAsIdentical) {
  const testing::ScratchFolder scratch;
  auto gallery = *Gallery::Open(scratch.path() / "case", Gallery::Mode::kCreate);
  SourceRecord a = SourceOf("a.mp4"), b = SourceOf("b.mp4"), c = SourceOf("c.mp4");
  b.sha256 = a.sha256;
  for (SourceRecord* source : {&b, &a, &c}) {
    source->id = *gallery->WriteSource(*source);
    ASSERT_TRUE(gallery->WriteFingerprint(source->id, source->sha256, {}).ok());
  }
  const auto summary = FindDuplicates(*gallery, {});
  ASSERT_TRUE(summary.ok()) << summary.status().message();
  const auto copies = *gallery->ReadCopies();
  ASSERT_EQ(copies.size(), 1u);
  EXPECT_EQ(copies[0].kind, CopyRecord::Kind::kIdentical);
  EXPECT_EQ(copies[0].source_id, b.id);
  EXPECT_EQ(copies[0].other_id, a.id);
  EXPECT_EQ(copies[0].length_us, 90'000'000);
}

}  // namespace
}  // namespace crossface
