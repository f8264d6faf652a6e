#include "crossface/util/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Row(const std::vector<std::string>& fields) { return CsvRow(fields); }

TEST(CsvRow, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(Row({"person-0001", "a b.mp4", ""}), "person-0001,a b.mp4,\r\n");
  EXPECT_EQ(Row({"a,b", "say \"hi\"", "two\nlines", "\r"}),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"\r\"\r\n");
}

TEST(ParseCsv, ReadsWhatEditorsWrite) {
  const auto table =
      ParseCsv("\xEF\xBB\xBFvideo,person\nclip.mp4,\"O\"\"Neil, A\"\r\n\n\"two\nlines\",\nlast,row");
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_THAT(table->header, ElementsAre("video", "person"));
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("clip.mp4", "O\"Neil, A"), ElementsAre("two\nlines", ""),
                                       ElementsAre("last", "row")));
  EXPECT_EQ(table->Column("person"), 1);
  EXPECT_EQ(table->Column("Person"), -1);
}

TEST(ParseCsv, AnEmptyFileIsATableWithoutColumns) {
  const auto table = ParseCsv("");
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(table->header, IsEmpty());
  EXPECT_THAT(table->rows, IsEmpty());
}

TEST(ParseCsv, NamesTheLineOfAnError) {
  const auto short_row = ParseCsv("a,b\n1,2\n\"x\ny\",2\n3\n");
  EXPECT_EQ(short_row.status().code(), StatusCode::kCorrupt);
  EXPECT_THAT(short_row.status().message(), HasSubstr("line 5"));
  const auto open_quote = ParseCsv("a,b\n1,\"2\n");
  EXPECT_EQ(open_quote.status().code(), StatusCode::kCorrupt);
  EXPECT_THAT(open_quote.status().message(), HasSubstr("quote"));
}

RC_GTEST_PROP(Csv, WhatIsWrittenIsReadBack, (const std::vector<std::string>& values)) {
  const size_t columns = *rc::gen::inRange<size_t>(1, 5);
  std::vector<std::string> header;
  for (size_t i = 0; i < columns; ++i) header.push_back("c" + std::to_string(i));
  std::string text = Row(header);
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i + columns <= values.size(); i += columns) {
    rows.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(i),
                      values.begin() + static_cast<std::ptrdiff_t>(i + columns));
    // A row of one empty field is an empty line, which CSV cannot tell from none.
    if (columns == 1 && rows.back()[0].empty()) rows.back()[0] = ",";
    text += Row(rows.back());
  }
  const auto table = ParseCsv(text);
  RC_ASSERT(table.ok());
  RC_ASSERT(table->header == header);
  RC_ASSERT(table->rows == rows);
}

}  // namespace
}  // namespace crossface
