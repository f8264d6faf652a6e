#include "crossface/io/s3_place.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>

namespace crossface::io {
namespace {

TEST(S3Place, KeysAreWrittenAsTheyAre) {
  for (const char* key :
       {"a.mp4", "a b/c.mp4", "é/ü.mp4", "a+b", "100%.mp4", "100%25.mp4", "a%2Fb", "a#b?c", "%x", "a%"}) {
    const auto parsed = ParseS3Place(std::string("s3://bucket/") + key);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->bucket, "bucket");
    EXPECT_EQ(parsed->key, key);
    EXPECT_EQ(S3PlaceName(*parsed), std::string("s3://bucket/") + key);
  }
}

TEST(S3Place, WhatAPathCannotHoldIsWrittenOtherwise) {
  const auto name = [](const std::string& key) { return S3PlaceName({"b", key, true}); };
  EXPECT_EQ(name("a//b"), "s3://b/a/%/b");
  EXPECT_EQ(name("/a"), "s3://b/%/a");
  EXPECT_EQ(name("a/"), "s3://b/a/%");
  EXPECT_EQ(name("a/./b/.."), "s3://b/a/%2E/b/%2E%2E");
  EXPECT_EQ(name("%"), "s3://b/%25");
  EXPECT_EQ(name("%2E"), "s3://b/%252E");
  // Pasted from elsewhere.
  EXPECT_EQ(ParseS3Place("s3://b/a//b")->key, "a//b");
  EXPECT_EQ(ParseS3Place("s3://b//a")->key, "/a");
}

TEST(S3Place, FoldersAndBuckets) {
  EXPECT_FALSE(ParseS3Place("s3://b")->has_key);
  EXPECT_FALSE(ParseS3Place("s3://b/")->has_key);
  EXPECT_EQ(S3PlaceName(*ParseS3Place("s3://b/")), "s3://b");
  const auto folder = ParseS3Place("s3://b/a/c/");
  EXPECT_EQ(folder->key, "a/c");
  EXPECT_TRUE(folder->ends_at_slash);
  for (const char* none : {"s3://", "s3:///a", "/a/b", ""})
    EXPECT_EQ(ParseS3Place(none).status().code(), StatusCode::kInvalidArgument) << none;
}

// A place goes through paths, which are taken apart and put together elsewhere.
RC_GTEST_PROP(S3Place, EveryKeyComesBackOutOfAPath, ()) {
  const auto parts =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(rc::gen::weightedOneOf<std::string>(
          {{3, rc::gen::element<std::string>("", ".", "..", "%", "%2E", "%25", "%2525", "%252E%2E", "a", " ",
                                             "+", "#", "é")},
           {1, rc::gen::nonEmpty(
                   rc::gen::container<std::string>(rc::gen::element('%', '2', '5', 'E', '.', 'x', ' ')))}})));
  std::string key;
  for (size_t i = 0; i < parts.size(); ++i) key += (i > 0 ? "/" : "") + parts[i];
  RC_PRE(!key.empty());
  const std::filesystem::path name = S3PlaceName({"bucket", key, true});
  const auto again = ParseS3Place((name.parent_path() / name.filename()).string());
  RC_ASSERT(again.ok());
  RC_ASSERT(again->key == key);
  RC_ASSERT(!again->ends_at_slash);
  RC_ASSERT(PercentDecoded(PercentEncoded(key, false)) == key);
}

}  // namespace
}  // namespace crossface::io
