// Every verb on a real case: what --json prints is what docs/schema says, and the schemas refuse anything
// else.
#include "crossface/testing/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;
using Json = nlohmann::json;

fs::path Data(const std::string& name) { return testing::SharedFolder() / "data" / name; }

class JsonSchema : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos/asl_again.mkv");
    CROSSFACE_NEEDS_SHARED("data/stills/lfw");
    CROSSFACE_NEEDS_SHARED("data/media_odd/gps_quicktime.mov");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    CROSSFACE_NEEDS_MODEL("facenet_vggface2");
    fs::create_directories(footage());
    for (const char* video : {"asl_again.mkv", "asl_brother.mkv", "asl_book.mkv"})
      Take(std::string("videos/") + video, video);
    Take("stills/lfw/Tom_Hanks/Tom_Hanks_0002.jpg", "hanks.jpg");
    ASSERT_EQ(testing::RunCommand("ffmpeg -nostdin -v error -i '" + (footage() / "hanks.jpg").string() +
                                  "' -vf scale=200:200 '" + (footage() / "smaller.png").string() + "'"),
              0);
    std::ofstream(footage() / "broken.mp4") << "no video";
    std::ofstream(footage() / ".hidden") << "left out";
  }
  void Take(const std::string& from, const std::string& name) {
    fs::copy_file(Data(from), footage() / name);
    fs::permissions(footage() / name, fs::perms::owner_write, fs::perm_options::add);
  }
  fs::path footage() const { return scratch_.path() / "footage"; }
  std::string Out(const std::string& name) const { return (scratch_.path() / name).string(); }
  std::string folder() const { return Out("case"); }

  Json Run(const std::vector<std::string>& words, int exit_code = 0) {
    return answers_.Run(words, exit_code);
  }
  Json OnCase(std::vector<std::string> words, int exit_code = 0) {
    words.insert(words.end(), {"--case", folder()});
    return Run(words, exit_code);
  }
  Json People(std::vector<std::string> words, int exit_code = 0) {
    words.insert(words.begin(), "people");
    return OnCase(words, exit_code);
  }
  // The person whose the only or first track of the source is.
  std::string PersonIn(const std::string& source) {
    const Json persons = People({"list"})["persons"];
    for (const Json& person : persons) {
      std::string id = std::to_string(person["id"].get<int>());
      const Json shown = People({"show", id});
      for (const Json& appearance : shown["appearances"])
        if (appearance["track"] == source + ":1") return id;
    }
    ADD_FAILURE() << "nobody is in " << source;
    return "";
  }

  void ScanAndGroup();
  void Correct();
  void Enrol();
  void Search();
  void Evaluate();
  void RedactAndProve();
  void Forget();

  testing::ScratchFolder scratch_;
  testing::AnswerCollector answers_;
};

void JsonSchema::ScanAndGroup() {
  const std::vector<std::string> identify = {"identify", footage().string(), "--case", folder()};
  std::vector<std::string> words = identify;
  words.push_back("--json");
  const auto stopped =
      testing::RunProgramAndStop(words, [&] { return fs::exists(fs::path(folder()) / "run.jsonl"); });
  EXPECT_EQ(answers_.Take(words, stopped, 130)["error"]["code"], "interrupted");
  Run(identify, 3);
  Run({"scan", footage().string(), "--case", folder()}, 3);
  OnCase({"duplicates"});
  OnCase({"cluster", "--clustering", "dbscan"});
  EXPECT_FALSE(People({"suggestions"})["suggestions"].empty());
  OnCase({"cluster"});
  OnCase({"export"});
  OnCase({"export", "--format", "csv,jsonl", "--out", Out("formats")});
}

void JsonSchema::Correct() {
  const std::string woman = PersonIn("asl_again.mkv"), man = PersonIn("asl_book.mkv"),
                    actor = PersonIn("hanks.jpg");
  const Json dry = People({"rename", man, "Bob", "--dry-run"});
  Json real = People({"rename", man, "Bob"});
  real["dry_run"] = true;
  EXPECT_EQ(dry, real);
  People({"split", woman, "asl_brother.mkv:1", "--name", "Eve"});
  People({"not-same", "Bob", "Eve"});
  People({"confirm", "Bob"});
  People({"undo"});
  People({"redo"});
  People({"merge", woman, "Eve"}, 2);
  EXPECT_FALSE(People({"merge", woman, "Eve", "--override"})["correction"]["overrides"].empty());
  People({"move", "smaller.png:1", "--to", "nobody"});
  People({"ignore", actor});
  People({"history"});
  People({"show", actor});
}

void JsonSchema::Enrol() {
  const std::string hanks = Data("stills/lfw/Tom_Hanks/Tom_Hanks_0005.jpg");
  EXPECT_EQ(People({"references"})["references"].size(), 0u);
  const Json enrolled = People({"enrol", "Tom Hanks", hanks});
  EXPECT_EQ(enrolled["enrolled"].size(), 1u);
  EXPECT_EQ(enrolled["named"].size(), 1u);
  EXPECT_EQ(enrolled["named"][0]["by_reference"], true);
  EXPECT_FALSE(People({"enrol", "Tom Hanks", hanks})["warnings"].empty());
  EXPECT_EQ(People({"references"})["named"].size(), 1u);
  const std::string named = enrolled["named"][0]["id"].dump();
  EXPECT_EQ(People({"confirm", named})["correction"]["persons"][0]["before"]["by_reference"], true);
  People({"undo"});
  People({"enrol", "Tom Hanks", footage().string() + "/broken.mp4"}, 1);
  EXPECT_EQ(People({"unenrol", "Tom Hanks"})["enrolled"].size(), 1u);
  People({"unenrol", "Tom Hanks"}, 2);
}

void JsonSchema::Search() {
  const std::string known = Data("stills/lfw/Tom_Hanks/Tom_Hanks_0005.jpg"),
                    stranger = Data("stills/lfw/Halle_Berry/Halle_Berry_0001.jpg"),
                    nowhere = Out("nowhere.jpg");
  const Json found = OnCase({"search", known});
  std::set<bool> assigned;
  for (const Json& hit : found["queries"][0]["hits"]) assigned.insert(hit["person"].is_object());
  EXPECT_EQ(assigned.size(), 2u) << "hits of somebody, and of nobody";
  OnCase({"search", stranger, "--exact"}, 4);
  EXPECT_FALSE(OnCase({"search", known, stranger, "--same-person", "--limit", "1"}, 0)["warnings"].empty());
  EXPECT_EQ(OnCase({"search", known, nowhere}, 0)["warnings"].size(), 1u);
  OnCase({"search", known, "--face", "9"}, 2);

  // A case large enough for an index is beyond a test: what its answer has more is put in by hand.
  Json indexed = found;
  indexed["exact"] = false;
  indexed["index"] = "made anew";
  answers_.Add("search", indexed);
}

void JsonSchema::Evaluate() {
  const std::string truth = Out("truth.csv");
  std::ofstream(truth) << "video,person,start_s,end_s,visibility\nasl_again,Ida,0,60,clear\n"
                          "asl_brother,Ida,0,1.5,clear\nasl_book,Ida,0,60,clear\nsmaller,Tom,0,1,clear\n";
  const Json intervals = Run({"evaluate", folder(), "--truth", truth});
  EXPECT_FALSE(intervals["worst"]["split"].empty());
  EXPECT_FALSE(intervals["worst"]["nobody"].empty());
  EXPECT_FALSE(intervals["confidence"]["intervals"].empty());
  std::ofstream(truth) << "video,person,start_ms,end_ms,x,y,w,h\nasl_again,Ida,0,1000,0,0,640,480\n"
                          "asl_brother,Eva,0,1000,0,0,640,480\nhanks,Tom,0,40,0,0,250,250\n"
                          "broken,Gus,0,9,0,0,9,9\n";
  const Json boxes = Run({"evaluate", folder(), "--truth", truth, "--resamples", "10"});
  EXPECT_FALSE(boxes["worst"]["mixed"].empty());
  EXPECT_FALSE(boxes["worst"]["missed"].empty());
  EXPECT_TRUE(boxes["confidence"]["intervals"].contains("end_to_end"));
}

void JsonSchema::RedactAndProve() {
  OnCase({"redact", "hanks.jpg", "--all", "--out", Out("all.png")});
  OnCase({"redact", "hanks.jpg", "--except", "Bob", "--method", "blur", "--strip-metadata", "--out",
          Out("except.jpg")});
  OnCase({"redact", "hanks.jpg", "--all", "--out", Out("all.png")}, 2);
  Run({"verify", folder()});
  fs::create_directories(Out("moved"));
  fs::rename(footage() / "hanks.jpg", fs::path(Out("moved")) / "hanks.jpg");
  EXPECT_EQ(OnCase({"locate", footage().string()}, 3)["missing"], Json({"hanks.jpg"}));
  EXPECT_EQ(OnCase({"locate", Out("moved")})["found"].size(), 1u);
  Run({"verify", folder()});
  fs::rename(fs::path(Out("moved")) / "hanks.jpg", footage() / "hanks.jpg");
  OnCase({"locate", (footage() / "hanks.jpg").string(), "--source", "hanks.jpg"});
  std::ofstream(footage() / "hanks.jpg", std::ios::app) << "changed";
  fs::remove(fs::path(folder()) / "report.html");
  EXPECT_GE(Run({"verify", folder()}, 5)["findings"].size(), 2u);
}

void JsonSchema::Forget() {
  OnCase({"forget", "Bob", "--dry-run"});
  OnCase({"forget", "Bob"}, 2);
  OnCase({"forget", "Bob", "--yes"});
  OnCase({"forget", "smaller.png", "--yes"});
  OnCase({"forget", "--finish"});
  People({"history"});
}

TEST_F(JsonSchema, EveryAnswerOnACaseIsAsItsSchemaSaysAndNoOtherIs) {
  ScanAndGroup();
  Correct();
  Enrol();
  Search();
  Evaluate();
  RedactAndProve();
  const Json reembedded = OnCase({"reembed", "--embedders", "facenet_vggface2"});
  EXPECT_EQ(reembedded["reembed"]["from_pictures"], Json({"hanks.jpg"}));
  Forget();
  Run({"metadata", footage().string(), Data("media_odd/gps_quicktime.mov")}, 3);

  EXPECT_THAT(testing::AskSchemas("errors", answers_.answers()).get<std::vector<std::string>>(), IsEmpty());
  for (const auto& [verb, schema] : testing::SchemasOfVerbs())
    EXPECT_TRUE(answers_.Answered(verb, false) || verb.starts_with("models ") || verb == "doctor" ||
                verb == "serve" || verb.starts_with("users ") || verb == "calibrate" ||  // calibrate_test.cc
                verb == "live")                                                          // live_test.cc
        << verb;

  // Every field of these answers taken away, and a foreign one put into each of their objects.
  const Json mutants = testing::AskSchemas("mutants", answers_.answers());
  EXPECT_GT(mutants["refused"].get<int>(), 1000);
  for (const std::string accepted : mutants["accepted"]) {
    // What of a look or a model took no part is left out, and models have any name.
    const bool is_cost = accepted.find("/cpu_seconds/looks/") != std::string::npos ||
                         accepted.find("/cpu_seconds/embedders/") != std::string::npos;
    EXPECT_TRUE(is_cost || accepted == "search/warnings" ||
                accepted.starts_with("redact/redact/detectors/") ||
                accepted.ends_with("/export/sha256/duplicates.csv") || accepted.ends_with("/error/remedy"))
        << accepted;
  }
}

}  // namespace
}  // namespace crossface
