#include "crossface/scan/further_parts.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

SourceRecord Source(const std::string& name, const std::string& part, const std::string& sha256 = "h",
                    const std::string& path = "/v/a.mp4") {
  SourceRecord source{.name = name, .path = path, .sha256 = sha256};
  source.info.part = part;
  return source;
}

std::vector<std::string> Told(const std::vector<SourceFile>& files) {
  std::vector<std::string> told;
  for (const SourceFile& file : files) told.push_back(file.path.string() + " " + file.name + " " + file.part);
  return told;
}
using Strings = std::vector<std::string>;

TEST(FurtherParts, AreNumberedFromTwo) {
  const SourceFile file{"/v/a.mp4", "a.mp4"};
  EXPECT_EQ(Told(NameParts({{file, {"stream 1", "byte 9"}}}, {}, {file})),
            (Strings{"/v/a.mp4 a.mp4#2 stream 1", "/v/a.mp4 a.mp4#3 byte 9"}));
  EXPECT_TRUE(NameParts({{file, {}}}, {}, {file}).empty());
}

TEST(FurtherParts, KeepTheirNamesAndTakeNobodyElses) {
  const SourceFile file{"/v/a.mp4", "a.mp4"}, called_so{"/v/a.mp4#2", "a.mp4#2"};
  EXPECT_EQ(Told(NameParts({{file, {"stream 1"}}}, {}, {file, called_so})),
            (Strings{"/v/a.mp4 a.mp4#3 stream 1"}));
  const std::vector<SourceRecord> known = {Source("a.mp4", ""), Source("a.mp4#5", "stream 1"),
                                           Source("a.mp4#3", "")};
  EXPECT_EQ(Told(NameParts({{file, {"stream 1", "byte 9"}}}, known, {file})),
            (Strings{"/v/a.mp4 a.mp4#5 stream 1", "/v/a.mp4 a.mp4#4 byte 9"}));
  // What an appended film leads to goes on with the file's numbers.
  const SourceFile film{"/v/a.mp4", "a.mp4#2", "byte 9"};
  EXPECT_EQ(Told(NameParts({{film, {"byte 9 stream 1"}}}, {Source("a.mp4#2", "byte 9")}, {file})),
            (Strings{"/v/a.mp4 a.mp4#3 byte 9 stream 1"}));
}

TEST(FurtherParts, AreKnownByContentAndPlace) {
  const SourceFile file{"/v/a.mp4", "a.mp4"};
  const std::vector<SourceRecord> known = {Source("a.mp4", ""),
                                           Source("a.mp4#2", "stream 1"),
                                           Source("a.mp4#3", "byte 9"),
                                           Source("a.mp4#4", "byte 9 stream 1"),
                                           Source("b.mp4#2", "stream 1", "h", "/v/b.mp4"),
                                           Source("c.mp4#2", "stream 1", "other", "/v/a.mp4")};
  EXPECT_EQ(Told(KnownParts(file, known[0], known)),
            (Strings{"/v/a.mp4 a.mp4#2 stream 1", "/v/a.mp4 a.mp4#3 byte 9"}));
  const SourceFile film{"/v/a.mp4", "a.mp4#3", "byte 9"};
  EXPECT_EQ(Told(KnownParts(film, known[2], known)), (Strings{"/v/a.mp4 a.mp4#4 byte 9 stream 1"}));
  const SourceFile moved{"/w/a.mp4", "a.mp4"};
  EXPECT_EQ(Told(KnownParts(moved, Source("a.mp4", "", "other", "/w/a.mp4"), known)),
            (Strings{"/w/a.mp4 c.mp4#2 stream 1"}));
}

}  // namespace
}  // namespace crossface
