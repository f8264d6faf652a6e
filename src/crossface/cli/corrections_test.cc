// Corrections, other models, verification and forgetting, end to end, through the program itself, on real
// footage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "crossface/export/case_exporter.h"
#include "crossface/gallery/gallery.h"
#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ReadTree;
using testing::RunProgram;
using Json = nlohmann::json;
using Tree = std::map<std::string, std::string>;

class Corrections : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
    CROSSFACE_NEEDS_MODEL("arcface_ms1m");
    CROSSFACE_NEEDS_MODEL("facenet_vggface2");
    CROSSFACE_NEEDS_MODEL("inceptionresnetv1_casia");
  }
  fs::path videos() const { return scratch_.path() / "videos"; }
  fs::path folder() const { return scratch_.path() / "case"; }
  void AddVideos(const std::vector<std::string>& names) {
    fs::create_directories(videos());
    for (const std::string& name : names)
      fs::copy_file(testing::SharedFolder() / "data/videos" / name, videos() / name);
  }
  // Runs a verb on the case and gives the answer of --json.
  Json Run(const std::string& verb, std::vector<std::string> arguments, int exit_code = 0) {
    arguments.insert(arguments.begin(), verb);
    if (verb != "verify") arguments.insert(arguments.end(), {"--case", folder().string()});
    arguments.push_back("--json");
    const auto run = RunProgram(arguments);
    EXPECT_EQ(run.exit_code, exit_code) << verb << ": " << run.err;
    const Json answer = Json::parse(run.out, nullptr, false);
    EXPECT_TRUE(answer.is_object()) << run.out;
    return answer;
  }
  Json Identify() { return Run("identify", {videos().string()}); }
  Json People(const std::vector<std::string>& arguments, int exit_code = 0) {
    return Run("people", arguments, exit_code);
  }
  // A correction, first as a dry run, which tells the same and changes nothing.
  void Correct(std::vector<std::string> arguments) {
    const Tree before = See();
    arguments.push_back("--dry-run");
    Json dry = People(arguments);
    EXPECT_EQ(See(), before);
    arguments.pop_back();
    Json real = People(arguments);
    EXPECT_EQ(dry["dry_run"], true);
    dry["dry_run"] = false;
    EXPECT_EQ(dry, real);
    EXPECT_NE(See(), before);
  }
  // What the user has in hands: logs, pictures, report.
  Tree See() const {
    Tree tree;
    for (const char* ending : {".csv", ".jpg", ".html"}) tree.merge(ReadTree(folder(), ending));
    return tree;
  }
  std::map<std::string, std::set<std::string>> SourcesOf() const {  // by person
    const auto table = *ParseCsv(*ReadFile(folder() / "appearances.csv"));
    std::map<std::string, std::set<std::string>> sources;
    for (const auto& row : table.rows)
      sources[row[static_cast<size_t>(table.Column("person"))]].insert(
          row[static_cast<size_t>(table.Column("source"))]);
    return sources;
  }
  // The four corrections hold.
  void ExpectCorrected(const std::string& when) {
    auto sources = SourcesOf();
    EXPECT_TRUE(sources["Anna"].contains("asl_yes.mkv")) << when;
    EXPECT_TRUE(sources["Anna"].contains("asl_help.mkv")) << when;
    EXPECT_TRUE(sources["Bob B"].contains("asl_book.mkv")) << when;
    EXPECT_EQ(sources["Carol"].count("asl_no.mkv"), 1u) << when;
    EXPECT_EQ(sources["Carol"].count("asl_yes.mkv"), 0u) << when;
    EXPECT_EQ(sources["person-0003"], (std::set<std::string>{"grid_bbaf2n.mpg", "grid_brbk7n.mpg"})) << when;
    EXPECT_FALSE(sources.contains("person-0004")) << when;
    sources.erase("");
    for (const auto& [person, videos] : sources)
      EXPECT_TRUE(fs::is_regular_file(folder() / "people" / person / "portrait.jpg")) << when << person;
    std::map<std::string, int64_t> ids;
    const Json list = People({"list"});
    for (const Json& person : list["persons"]) ids[person["name"]] = person["id"];
    EXPECT_EQ(ids["Anna"], 1) << when;
    EXPECT_EQ(ids["Bob B"], 2) << when;
    EXPECT_EQ(ids["Carol"], 5) << when;
  }

  testing::ScratchFolder scratch_;
};

const std::vector<std::string> kFirstVideos = {"asl_again.mkv",  "asl_book.mkv", "asl_help.mkv",
                                               "asl_no.mkv",     "asl_yes.mkv",  "grid_bbaf2n.mpg",
                                               "grid_brbk7n.mpg"};

TEST_F(Corrections, HoldThroughNewFootageOtherMethodsAndOtherModelsAndAreUndoneToTheByte) {
  AddVideos(kFirstVideos);
  const Json first_run = Identify();
  ASSERT_EQ(first_run["export"]["persons"], 4);
  const Tree first = See();
  Correct({"rename", "1", "Anna"});
  Correct({"rename", "person-0002", "Bob B"});
  Correct({"merge", "3", "4"});
  Correct({"split", "anna", "asl_no.mkv:1", "--name", "Carol"});
  ExpectCorrected("corrected");
  const Tree corrected = See();

  Correct({"undo", "--all"});
  EXPECT_EQ(See(), first);
  Correct({"redo", "--all"});
  EXPECT_EQ(See(), corrected);

  const std::vector<std::string> more = {"asl_learn.mkv", "asl_student.mkv", "pf_single_face.mp4"};
  AddVideos(more);
  EXPECT_EQ(Identify()["scan"]["scanned"], 3);
  ExpectCorrected("with new footage");
  for (const char* method : {"dbscan", "spectral", "kmeans"}) {
    Run("cluster", {"--clustering", method});
    Run("export", {});
    ExpectCorrected(method);
  }
  const Json other = Run("reembed", {"--models", "arcface_foamliu,facenet_vggface2"});
  EXPECT_GT(other["reembed"]["faces"], 10);
  EXPECT_TRUE(other["reembed"]["from_pictures"].empty());
  EXPECT_EQ(other["cluster"]["method"], "kmeans");
  ExpectCorrected("with other models");
  const Json again = Identify();
  EXPECT_EQ(again["scan"]["scanned"], 0);
  EXPECT_EQ(again["cluster"]["models"], other["cluster"]["models"]);
  ExpectCorrected("identified with other models");
  Run("verify", {folder().string()});

  std::string models;
  for (const Json& model : first_run["cluster"]["models"])
    models += (models.empty() ? "" : ",") + model.get<std::string>();
  EXPECT_EQ(Run("reembed", {"--models", models})["reembed"]["faces"], 0);  // they are still there
  ExpectCorrected("with the first models");
  for (const std::string& name : more) Run("forget", {name, "--yes"});
  ExpectCorrected("without the new footage");
  People({"undo", "--all"});
  Run("cluster", {});
  Run("export", {});
  EXPECT_EQ(See(), first);
  Run("verify", {folder().string(), "--sources", videos().string()});
}

TEST_F(Corrections, VectorsFromStoredPicturesStandInForFootageThatIsGone) {
  AddVideos({"asl_again.mkv", "asl_help.mkv", "asl_book.mkv"});
  Identify();
  const auto before = SourcesOf();
  ASSERT_EQ(before.size(), 2u);
  std::ofstream(videos() / "asl_again.mkv", std::ios::app) << "changed";
  fs::remove(videos() / "asl_help.mkv");
  const Json answer = Run("reembed", {"--models", "facenet_vggface2,inceptionresnetv1_casia"});
  EXPECT_EQ(answer["reembed"]["from_pictures"], Json({"asl_again.mkv", "asl_help.mkv"}));
  EXPECT_EQ(SourcesOf(), before);
}

TEST_F(Corrections, VerifyNamesWhatIsMissingChangedOrExtra) {
  AddVideos({"asl_yes.mkv", "asl_help.mkv"});
  Identify();
  const Json sound = Run("verify", {folder().string()});
  EXPECT_EQ(sound["sources"], 2);
  EXPECT_EQ(sound["findings"], Json::array());

  std::ofstream(videos() / "asl_yes.mkv", std::ios::app) << "x";
  fs::remove(videos() / "asl_help.mkv");
  const fs::path person = folder() / "people/person-0001";
  const fs::path picture = fs::directory_iterator(person / "faces")->path();
  std::string bytes = *ReadFile(picture);
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(picture, std::ios::binary) << bytes;
  fs::remove(folder() / "sources.csv");
  std::ofstream(person / "faces/planted.jpg") << "x";
  std::string log = *ReadFile(folder() / "run.jsonl");
  log.replace(log.find("identify"), 8, "evaluate");
  std::ofstream(folder() / "run.jsonl") << log;
  const Json findings = Run("verify", {folder().string()}, 5)["findings"];
  std::set<std::string> told;
  for (const Json& finding : findings)
    told.insert(finding["kind"].get<std::string>() + " " + finding["what"].get<std::string>());
  const std::string picture_name = picture.lexically_relative(folder()).string();
  EXPECT_EQ(told, (std::set<std::string>{"changed asl_yes.mkv", "missing asl_help.mkv",
                                         "changed " + picture_name, "missing sources.csv",
                                         "extra people/person-0001/faces/planted.jpg", "changed run.jsonl"}));
  EXPECT_THAT(findings.dump(), HasSubstr("line 2 does not follow"));
}

TEST_F(Corrections, VerifySeesAGalleryThatWasChangedBehindTheLogAndALogThatWasCutOff) {
  AddVideos({"asl_yes.mkv"});
  Identify();
  {
    auto gallery = *Gallery::Open(folder(), Gallery::Mode::kWrite);
    ASSERT_TRUE(gallery->RenamePerson(1, "Somebody else").ok());
    ASSERT_TRUE(ExportCase(*gallery).ok());
  }
  EXPECT_THAT(Run("verify", {folder().string()}, 5)["findings"].dump(),
              HasSubstr("it gives another appearances.csv"));
  Run("export", {});
  Run("verify", {folder().string()});
  std::string log = *ReadFile(folder() / "run.jsonl");
  log.resize(log.rfind('\n', log.size() - 2) + 1);
  std::ofstream(folder() / "run.jsonl") << log;
  EXPECT_THAT(Run("verify", {folder().string()}, 5)["findings"].dump(),
              HasSubstr("its last 1 line is missing"));
}

TEST_F(Corrections, WhoIsForgottenIsInNoFileAnyMore) {
  AddVideos({"asl_yes.mkv", "asl_help.mkv", "asl_book.mkv", "grid_bbaf2n.mpg"});
  Identify();
  People({"rename", "2", "Maximiliane Q"});
  People({"rename", "1", "Bob B"});
  People({"not-same", "1", "2"});
  const std::string portrait = *ReadFile(folder() / "people/Maximiliane Q/portrait.jpg");
  const Tree before = See();
  EXPECT_THAT(Run("forget", {"Maximiliane Q"}, 2)["error"]["message"].get<std::string>(), HasSubstr("--yes"));
  const Json dry = Run("forget", {"Maximiliane Q", "--dry-run"});
  EXPECT_EQ(See(), before);
  const Json answer = Run("forget", {"Maximiliane Q", "--yes"});
  EXPECT_EQ(answer["forget"], dry["forget"]);
  EXPECT_EQ(answer["forget"]["tracks"], 2);
  EXPECT_GT(answer["forgotten"]["searched_for"], 100);
  EXPECT_EQ(answer["forgotten"]["found_in"], Json::array());
  const std::string piece = portrait.substr(portrait.size() / 2, 40);
  for (const auto& [name, content] : ReadTree(folder(), "")) {
    EXPECT_EQ(content.find("Maximiliane"), std::string::npos) << name;
    EXPECT_EQ(content.find(piece), std::string::npos) << name;
    EXPECT_EQ(name.find("Maximiliane"), std::string::npos);
  }
  EXPECT_THAT(*ReadFile(folder() / "run.jsonl"), HasSubstr("\"event\":\"forgotten\""));
  Run("verify", {folder().string()});
  // It stays so, and what is known of others too.
  EXPECT_EQ(Identify()["scan"]["scanned"], 0);
  EXPECT_EQ(SourcesOf().size(), 2u);
  EXPECT_TRUE(SourcesOf().contains("Bob B"));
  People({"undo", "--all"});
  EXPECT_EQ(SourcesOf().size(), 2u);

  // The search is no formality: a copy that somebody made is found and named.
  std::ofstream(folder() / "copy.bin", std::ios::binary)
      << "x" << *ReadFile(folder() / "people/person-0001/portrait.jpg");
  EXPECT_EQ(Run("forget", {"1", "--yes"}, 5)["forgotten"]["found_in"], Json({"copy.bin"}));
}

}  // namespace
}  // namespace crossface
