#include "crossface/custody/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RunLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    gallery_ = std::move(*Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate));
    for (int run = 0; run < 3; ++run) {
      RunLog log(gallery_->case_folder());
      ASSERT_TRUE(log.Write("start", {{"number", run}}).ok());
      ASSERT_TRUE(log.Write("end", {{"text", "é\n\"x\" \xFF"}}).ok());
      ASSERT_TRUE(log.Seal(*gallery_).ok());
    }
  }
  std::filesystem::path path() const { return gallery_->case_folder() / "run.jsonl"; }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::istringstream stream(*ReadFile(path()));
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  void Write(const std::vector<std::string>& lines) {
    std::ofstream file(path());
    for (const std::string& line : lines) file << line << "\n";
  }
  RunLogCheck Check() { return *CheckRunLog(*gallery_); }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(RunLogTest, EveryLineCarriesTheHashOfTheOneBefore) {
  const auto lines = Lines();
  ASSERT_THAT(lines, SizeIs(6));
  std::string before(64, '0');
  for (const std::string& line : lines) {
    EXPECT_EQ(nlohmann::json::parse(line)["prev"], before);
    before = Sha256Hex(line);
  }
  const RunLogCheck check = Check();
  EXPECT_THAT(check.problems, IsEmpty());
  EXPECT_THAT(check.notes, IsEmpty());
  EXPECT_EQ(check.lines, 6);
  EXPECT_EQ(check.head, before);
}

TEST_F(RunLogTest, AnyLineThatIsChangedRemovedAddedOrSwappedShows) {
  const auto whole = Lines();
  for (size_t i = 0; i < whole.size(); ++i) {
    auto lines = whole;
    lines[i].insert(lines[i].size() - 1, " ");
    Write(lines);
    EXPECT_THAT(Check().problems, SizeIs(1)) << "changed " << i;
    lines = whole;
    lines.erase(lines.begin() + static_cast<ptrdiff_t>(i));
    Write(lines);
    EXPECT_FALSE(Check().problems.empty()) << "removed " << i;
    lines = whole;
    lines.insert(lines.begin() + static_cast<ptrdiff_t>(i), whole[i]);
    Write(lines);
    EXPECT_FALSE(Check().problems.empty()) << "doubled " << i;
    lines = whole;
    std::swap(lines[i], lines[(i + 1) % lines.size()]);
    Write(lines);
    EXPECT_FALSE(Check().problems.empty()) << "swapped " << i;
  }
  Write({});
  EXPECT_THAT(Check().problems, ElementsAre(HasSubstr("last 6 lines are missing")));
}

TEST_F(RunLogTest, LineThatACrashCutShortBreaksNothing) {
  std::ofstream(path(), std::ios::app) << "{\"time\":\"2026";
  RunLog log(gallery_->case_folder());
  ASSERT_TRUE(log.Write("start", {}).ok());
  EXPECT_THAT(Check().problems, IsEmpty());
  EXPECT_THAT(Check().notes, ElementsAre(HasSubstr("line 7 is no JSON")));
}

TEST_F(RunLogTest, LinesFromBeforeTheChainAreNoted) {
  gallery_ = std::move(*Gallery::Open(scratch_.path() / "old", Gallery::Mode::kCreate));
  Write({"{\"event\":\"start\"}", "{\"event\":\"end\"}"});
  RunLog log(gallery_->case_folder());
  ASSERT_TRUE(log.Write("start", {}).ok());
  EXPECT_THAT(Check().problems, IsEmpty());
  EXPECT_THAT(Check().notes, ElementsAre("its first 2 lines are older than the chain"));
  auto lines = Lines();
  lines[0] += " ";
  Write(lines);
  EXPECT_THAT(Check().problems, IsEmpty());  // only the last of them is under the first hash
  lines[1] += " ";
  Write(lines);
  EXPECT_THAT(Check().problems, SizeIs(1));
}

}  // namespace
}  // namespace crossface
