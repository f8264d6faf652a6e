// A case that comes from somebody else, end to end, through the program itself: what it does to files
// outside, and what it writes to the terminal.
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "crossface/export/case_exporter.h"
#include "crossface/testing/curation_case.h"
#include "crossface/testing/program.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProgramRun;
using testing::RunProgram;

constexpr char kOddName[] = "-rf\n\x1b[2J\xC2\x9B.mp4";

class HostileCase : public ::testing::Test {
 protected:
  void SetUp() override {
    {
      auto gallery = std::move(*Gallery::Open(folder(), Gallery::Mode::kCreate));
      AddSource(*gallery, kOddName, {{1, 0}, {2, 1}});
      AddSource(*gallery, "-rf.mp4", {{1, 0}});
      const auto tracks = *gallery->ReadTracks({});
      std::vector<Gallery::NewAssignment> assignments;
      for (const TrackRecord& track : tracks)
        assignments.push_back({track.id, static_cast<int>(track.number) - 1, 1});
      ASSERT_TRUE(gallery->ReplaceGrouping({{0, ""}, {0, ""}}, assignments).ok());
      ASSERT_TRUE(ExportCase(*gallery).ok());
    }
    ASSERT_TRUE(WriteFileAtomically(outside() / "precious", "mine").ok());
    ASSERT_TRUE(WriteFileAtomically(outside() / "people/person-0001/faces/precious", "mine").ok());
  }
  void TearDown() override {
    const auto left = testing::ReadTree(outside(), "");
    EXPECT_EQ(left, (std::map<std::string, std::string>{{"precious", "mine"},
                                                        {"people/person-0001/faces/precious", "mine"}}));
  }
  fs::path folder() const { return scratch_.path() / "case"; }
  fs::path outside() const { return scratch_.path() / "outside"; }
  void Execute(const std::string& sql) {
    SQLite::Database((folder() / "crossface.db").native(), SQLite::OPEN_READWRITE).exec(sql);
  }
  ProgramRun Do(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--case", folder().string()});
    return RunProgram(arguments);
  }
  // Everything that writes to a case.
  std::vector<ProgramRun> DoAll() {
    return {Do({"export"}), Do({"people", "rename", "1", "Ada"}), Do({"people", "undo"}),
            Do({"forget", "2", "--yes"}), Do({"cluster"})};
  }
  testing::ScratchFolder scratch_;
};

TEST_F(HostileCase, LinksInTheFolderLeadNowhere) {
  const std::vector<std::pair<std::string, fs::path>> links = {
      {"crossface.lock", outside() / "precious"},
      {"run.jsonl", outside() / "precious"},
      {"people", outside() / "people"},
      {"people/person-0001", outside() / "people/person-0001"},
      {"crossface.db-wal", outside() / "precious"}};
  for (const auto& [inside, target] : links) {
    const fs::path kept = scratch_.path() / "kept";
    fs::remove_all(kept);
    fs::copy(folder(), kept, fs::copy_options::recursive);
    fs::remove_all(folder() / inside);
    fs::create_symlink(target, folder() / inside);
    const ProgramRun run = Do({"export"});
    EXPECT_NE(run.exit_code, 0) << inside;
    EXPECT_THAT(run.err, HasSubstr("link")) << inside;
    DoAll();
    fs::remove_all(folder());
    fs::rename(kept, folder());
  }
  EXPECT_EQ(Do({"export"}).exit_code, 0);
}

TEST_F(HostileCase, AFifoInThePlaceOfAFileKeepsNobodyWaiting) {
  for (const char* name : {"crossface.lock", "run.jsonl"}) {
    fs::remove(folder() / name);
    ASSERT_EQ(::mkfifo((folder() / name).c_str(), 0600), 0);
    EXPECT_NE(Do({"export"}).exit_code, 0) << name;
    EXPECT_GT(RunProgram({"verify", folder().string()}).exit_code, 0) << "the footage is missing at least";
    fs::remove(folder() / name);
  }
  Execute("UPDATE sources SET path = '/dev/zero'");
  EXPECT_EQ(RunProgram({"verify", folder().string()}).exit_code, 5);
}

TEST_F(HostileCase, PathsAndNamesInTheDatabaseLeadNowhere) {
  const std::string sound = *ReadFile(folder() / "crossface.db");
  for (const char* sql :
       {"INSERT INTO exported_files(path, face_id) VALUES ('../outside/precious', 0)",
        "UPDATE persons SET name = '../../outside/people'",
        "UPDATE exported_folders SET folder = '../outside/people/person-0001'",
        "CREATE TRIGGER t AFTER INSERT ON facts BEGIN UPDATE persons SET name = '../../outside'; END"}) {
    ASSERT_TRUE(WriteFileAtomically(folder() / "crossface.db", sound).ok());
    Execute(sql);
    const ProgramRun run = Do({"export"});
    EXPECT_EQ(run.exit_code, 1) << sql << run.err;
    EXPECT_THAT(run.err, HasSubstr("which crossface never writes")) << sql;
    DoAll();
  }
}

TEST_F(HostileCase, NamesSteerNoTerminal) {
  const auto is_clean = [](const std::string& text) {
    return text.find('\x1b') == std::string::npos && text.find("\xC2\x9B") == std::string::npos;
  };
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"people", "show", "1"},
                                             {"people", "list"},
                                             {"people", "move", "x.mp4:1", "--to", "2"},
                                             {"export"}}) {
    const ProgramRun run = Do(arguments);
    EXPECT_TRUE(is_clean(run.out + run.err)) << arguments[1];
  }
  EXPECT_THAT(Do({"people", "show", "1"}).out, HasSubstr("-rf??[2J?.mp4:1\n"));
  const ProgramRun verify = RunProgram({"verify", folder().string()});
  EXPECT_TRUE(is_clean(verify.out + verify.err));
  const ProgramRun json = Do({"people", "show", "1", "--json"});
  EXPECT_TRUE(is_clean(json.out));
  EXPECT_THAT(nlohmann::json::parse(json.out)["appearances"].dump(), HasSubstr("\\u001b[2J"));
  EXPECT_EQ(nlohmann::json::parse(json.out)["appearances"][0]["track"], std::string(kOddName) + ":1");
}

TEST_F(HostileCase, ASourceWhoseNameBeginsWithADashIsATrackAndNoOption) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"-rf.mp4:1"}, {"./-rf.mp4:1"}, {"--", "-rf.mp4:1"}}) {
    std::vector<std::string> arguments = {"people", "move", "--to", "2", "--case", folder().string()};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const ProgramRun run = RunProgram(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("move 1 track to person-0002"));
    EXPECT_EQ(Do({"people", "undo"}).exit_code, 0);
  }
  EXPECT_EQ(Do({"people", "move", "-x", "--to", "2"}).exit_code, 2);
}

TEST_F(HostileCase, OneIsSaidAsOne) {
  EXPECT_EQ(Do({"people", "merge", "1", "2"}).exit_code, 0);
  const ProgramRun run = Do({"cluster"});
  EXPECT_THAT(run.err, AllOf(HasSubstr("1 person in 3 tracks"), Not(HasSubstr("1 persons"))));
  EXPECT_THAT(Do({"forget", "1", "--dry-run"}).out, HasSubstr("6 faces in 3 tracks"));
}

TEST_F(HostileCase, ForgettingIsFinishedWhenTheOtherProgramHasGone) {
  EXPECT_EQ(Do({"people", "rename", "2", "Li"}).exit_code, 0);
  const ProgramRun nothing = Do({"forget", "--finish", "--json"});
  EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
  EXPECT_FALSE(nlohmann::json::parse(nothing.out)["was_pending"].get<bool>());
  auto other =
      std::make_unique<SQLite::Database>((folder() / "crossface.db").native(), SQLite::OPEN_READONLY);
  auto reading = std::make_unique<SQLite::Statement>(*other, "SELECT * FROM persons");
  ASSERT_TRUE(reading->executeStep());
  const ProgramRun unfinished = Do({"forget", "Li", "--yes"});
  EXPECT_EQ(unfinished.exit_code, 5) << unfinished.err;
  EXPECT_THAT(unfinished.err, HasSubstr("crossface forget --finish --case"));
  EXPECT_THAT(RunProgram({"verify", folder().string()}).err, HasSubstr("forgetting is not finished"));
  reading.reset();
  other.reset();
  const ProgramRun finished = Do({"forget", "--finish"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("finished"));
  EXPECT_EQ(Do({"forget"}).exit_code, 2) << "somebody must be named";
}

}  // namespace
}  // namespace crossface
