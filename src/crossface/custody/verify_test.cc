// Whether the sources of a case are what was scanned, wherever they lie.
#include "crossface/custody/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "crossface/testing/curation_case.h"
#include "crossface/testing/memory_store.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class VerifySourcesTest : public ::testing::Test {
 protected:
  VerifySourcesTest() {
    for (const char* name : {"a.mp4", "b.mp4", "c.mp4", "d.mp4"}) {
      SourceRecord source = SourceOf(name);
      source.path = std::string("memory://films/") + name;
      source.sha256 = Sha256Hex(name);
      EXPECT_TRUE(io::Put(source.path, name).ok());
      EXPECT_TRUE(gallery_->WriteSource(source).ok());
    }
  }
  // What is found of sources, by name.
  std::map<std::string, Finding> Findings(const VerifyOptions& options = {}) const {
    const auto summary = VerifyCase(*gallery_, options);
    EXPECT_TRUE(summary.ok()) << summary.status().message();
    std::map<std::string, Finding> findings;
    if (!summary.ok()) return findings;
    EXPECT_EQ(summary->sources, 4);
    for (const Finding& finding : summary->findings)
      if (finding.what.ends_with(".mp4")) findings[finding.what] = finding;
    return findings;
  }
  testing::ScratchFolder scratch_;
  testing::MemoryPlaces memory_;
  std::unique_ptr<Gallery> gallery_ = *Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
};

TEST_F(VerifySourcesTest, ChangedMissingAndUnreadableOnesAreTold) {
  EXPECT_THAT(Findings(), IsEmpty());
  ASSERT_TRUE(io::Put("memory://films/b.mp4", "something else").ok());
  memory_.store().Remove("memory://films/c.mp4");
  memory_.set_faults({.before_read = [](const std::string& place, int64_t, int64_t) {
    return place.ends_with("d.mp4") ? Status(StatusCode::kIo, place + ": the line is down") : Status();
  }});
  auto findings = Findings();
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_EQ(findings["b.mp4"].kind, Finding::Kind::kChanged);
  EXPECT_EQ(findings["c.mp4"].kind, Finding::Kind::kMissing);
  EXPECT_THAT(findings["d.mp4"].message, HasSubstr("the line is down"));
}

TEST_F(VerifySourcesTest, TheyMayLieElsewhereNow) {
  for (const char* name : {"a.mp4", "b.mp4", "c.mp4", "d.mp4"})
    ASSERT_TRUE(io::Put(std::string("memory://moved/") + name, name).ok());
  ASSERT_TRUE(io::Put("memory://moved/d.mp4", "something else").ok());
  const auto findings = Findings({.sources = "memory://moved"});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.begin()->first, "d.mp4");
}

}  // namespace
}  // namespace crossface
