#include "crossface/export/log_update.h"

#include <gtest/gtest.h>

#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"

namespace crossface {
namespace {

class LogUpdateTest : public ::testing::Test {
 protected:
  // Gives the log after the update; nothing where it is refused.
  std::optional<std::string> Update(const std::string& log, const RowsByTrack& rows) {
    EXPECT_TRUE(directory_.Write("log.csv", log).ok());
    StreamedFile made(directory_, "log.csv");
    const auto read = UpdateLog(directory_, "log.csv", rows, &made);
    EXPECT_TRUE(read.ok()) << read.status().message();
    if (!*read) return std::nullopt;
    EXPECT_EQ(**read, Sha256Hex(log));
    EXPECT_TRUE(made.Finish().ok());
    EXPECT_EQ(made.HexDigest(), Sha256Hex(*directory_.Read("log.csv")));
    return *directory_.Read("log.csv");
  }
  static std::string Row(const std::string& person, const std::string& source, int64_t track,
                         const std::string& rest) {
    const std::vector<std::string> fields = {person, source, std::to_string(track), rest};
    return CsvRow(fields);
  }

  testing::ScratchFolder scratch_;
  const Directory directory_ = *Directory::Open(scratch_.path());
};

TEST_F(LogUpdateTest, ReplacesRowsOfTracksAndCopiesTheOthers) {
  const std::string odd = "a \"b\",\r\nc", header = "person,source,track,x\r\n";
  const std::string log = header + Row("Ada", "x", 1, "1") + Row("Ada", "x", 1, "2") +
                          Row("Bo", "x", 2, "3") + Row(odd, odd, 1, odd) + Row("", odd, 11, "5");
  EXPECT_EQ(*Update(log, {}), log);
  EXPECT_EQ(*Update(log, {{LogKey("x", 1), Row("Cy", "x", 1, "9")}, {LogKey(odd, 11), "11\r\n"}}),
            header + Row("Cy", "x", 1, "9") + Row("Bo", "x", 2, "3") + Row(odd, odd, 1, odd) + "11\r\n");
  EXPECT_EQ(*Update(log, {{LogKey(odd, 1), Row("Dee", odd, 1, odd)}}),
            header + Row("Ada", "x", 1, "1") + Row("Ada", "x", 1, "2") + Row("Bo", "x", 2, "3") +
                Row("Dee", odd, 1, odd) + Row("", odd, 11, "5"));
}

TEST_F(LogUpdateTest, RefusesALogWithoutTheTrackOrCutShort) {
  const std::string log = "person,source,track,x\r\n" + Row("Ada", "x", 1, "1");
  EXPECT_FALSE(Update(log, {{LogKey("x", 2), "y\r\n"}}));
  EXPECT_FALSE(Update(log.substr(0, log.size() - 1), {{LogKey("x", 1), "y\r\n"}}));
}

// Rows and blocks of reading end anywhere.
TEST_F(LogUpdateTest, KeepsEveryByteOfALargeLog) {
  std::string log = "person,source,track,x\r\n", wanted = log;
  RowsByTrack rows;
  for (int i = 0; i < 30'000; ++i) {
    const std::string source = i % 7 == 0 ? "with, comma" : "plain";
    const std::string row = Row("P", source, i, std::string(static_cast<size_t>(i % 50), 'x'));
    log += row;
    if (i % 1000 == 0) rows[LogKey(source, i)] = Row("Q", source, i, "new");
    wanted += i % 1000 == 0 ? Row("Q", source, i, "new") : row;
  }
  EXPECT_EQ(*Update(log, rows), wanted);
}

TEST_F(LogUpdateTest, AFileThatIsNotFinishedChangesNothing) {
  ASSERT_TRUE(directory_.Write("a.csv", "old").ok());
  {
    StreamedFile file(directory_, "a.csv");
    ASSERT_TRUE(file.Append(std::string(1 << 20, 'x')).ok());
  }
  EXPECT_EQ(*directory_.Read("a.csv"), "old");
  EXPECT_EQ(directory_.List("")->size(), 1u);
}

TEST_F(LogUpdateTest, AStreamedFileIsWrittenOnlyWhereItDiffers) {
  const std::string large(1'000'000, 'x');
  for (const std::string& before : {std::string(), large, large + "y", large.substr(1) + "z"}) {
    ASSERT_TRUE(directory_.Write("a.csv", before).ok());
    StreamedFile file(directory_, "a.csv");
    for (size_t at = 0; at < large.size(); at += 999) ASSERT_TRUE(file.Append(large.substr(at, 999)).ok());
    EXPECT_EQ(*file.Finish(), before != large);
    EXPECT_EQ(*directory_.Read("a.csv"), large);
    EXPECT_EQ(file.HexDigest(), Sha256Hex(large));
  }
}

TEST(RowsByNumber, FindsRowsBehindLineBreaksInQuotes) {
  const auto rows = RowsByNumber("rank,x\r\n1,\"a\r\n2,b\"\r\n3,c\r\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows.at(1), "1,\"a\r\n2,b\"\r\n");
  EXPECT_EQ(rows.at(3), "3,c\r\n");
}

}  // namespace
}  // namespace crossface
