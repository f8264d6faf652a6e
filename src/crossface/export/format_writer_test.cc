// Every export is read back by a program that is not ours, and says what the case says.
#include "crossface/export/format_writer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crossface/export/formats.h"
#include "crossface/export/frame_rate.h"
#include "crossface/export/made_case_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A name that ends fields, tags, lines and cues where it is not escaped, and one that a spreadsheet would
// run.
constexpr const char* kOddSource = "day 1/a --> <b>&amp; \"c\",\n=1.mp4";
constexpr const char* kFormula = "=1+1 & Co";

json Read(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {
      testing::ReaderPython().string(),
      (testing::SourceFolder() / "src/crossface/export/readers_for_test.py").string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto run = RunSubprocess(command);
  EXPECT_TRUE(run.ok()) << "tools/setup.sh --tests makes what this test needs: " << run.status().message();
  if (!run.ok()) return {};
  EXPECT_EQ(run->exit_code, 0) << run->text;
  // The answer is the last line; before it stands what the libraries say to stderr.
  const std::string text = run->text.substr(0, run->text.find_last_not_of('\n') + 1);
  const json answer = json::parse(text.substr(text.rfind('\n') + 1), nullptr, false);
  EXPECT_FALSE(answer.is_discarded()) << run->text;
  return answer.is_discarded() ? json() : answer;
}

json Exiftool(const fs::path& file) {
  const auto run = RunSubprocess({"exiftool", "-json", "-struct", "-G1", "-n", file.string()});
  EXPECT_TRUE(run.ok() && run->exit_code == 0) << "tools/setup.sh --tests installs exiftool";
  return run.ok() ? json::parse(run->text)[0] : json();
}

class FormatWriter : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Gallery::Open(scratch_.path() / "case", Gallery::Mode::kCreate);
    ASSERT_TRUE(opened.ok()) << opened.status().message();
    gallery_ = *std::move(opened);
    SourceRecord odd = MadeSource(kOddSource, 3'700'000);
    odd.path = "/footage/" + std::string(kOddSource);
    odd.info.created = "2026-11-23T10:20:30+02:00";
    odd.info.created_from = "creation_time";
    SourceRecord second = MadeSource("b.mkv", 20'000);
    second.info.fps = 25;
    second.path = "/footage/b.mkv";
    SourceRecord photo = MadeSource("x.jpg", 0);
    photo.info.codec = "jpeg";
    photo.info.fps = 0;
    photo.info.rotation = 90;  // stored 360 wide and 640 high
    FillCase(*gallery_, {odd, second, photo},
             {{kOddSource, 1, 1'001, 4'004, 3, 0},
              {kOddSource, 2, 2'002, 3'003, 2, 1},
              {kOddSource, 3, 3'661'001, 3'662'500, 2, 1},
              {"b.mkv", 1, 0, 500, 1, 0},
              {"b.mkv", 2, 9'999, 10'400, 2, -1},
              {"x.jpg", 1, 0, 0, 1, 1}},
             {kFormula, "Zoë"});
  }
  // Writes the formats and returns the files of one of them by relative path.
  std::map<std::string, fs::path> Write(const std::vector<std::string>& formats) {
    const auto written = WriteFormats(*gallery_, formats, out());
    EXPECT_TRUE(written.ok()) << written.status().message();
    std::map<std::string, fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(out())) {
      if (entry.is_regular_file())
        files[entry.path().lexically_relative(out()).generic_string()] = entry.path();
    }
    return files;
  }
  // The one file of a format that belongs to the source with the odd name.
  static fs::path Odd(const std::map<std::string, fs::path>& files) {
    for (const auto& [name, path] : files) {
      if (name.find("a --") != std::string::npos) return path;
    }
    ADD_FAILURE() << "no file for the source with the odd name";
    return {};
  }
  fs::path out() const { return scratch_.path() / "out"; }

  testing::ScratchFolder scratch_;
  std::unique_ptr<Gallery> gallery_;
};

TEST_F(FormatWriter, WebVtt) {
  const auto files = Write({"webvtt"});
  EXPECT_EQ(files.size(), 2u);  // a picture has no times
  const json cues = Read({"webvtt", Odd(files).string()});
  ASSERT_EQ(cues.size(), 3u);
  EXPECT_EQ(cues[0]["start"], "00:00:01.001");
  EXPECT_EQ(cues[0]["end"], "00:00:04.004");
  EXPECT_EQ(cues[0]["id"], "track 1");
  EXPECT_EQ(cues[2]["start"], "01:01:01.001");
  EXPECT_THAT(cues[0]["voice"].get<std::string>(), HasSubstr("=1+1"));
  EXPECT_EQ(cues[1]["voice"], "Zoë");
  // And by ffmpeg, which players are made of.
  const auto probe =
      RunSubprocess({"ffprobe", "-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of",
                     "default=nw=1:nk=1", Odd(files).string()});
  ASSERT_TRUE(probe.ok());
  EXPECT_EQ(probe->text, "1.001000\n3.003000\n2.002000\n1.001000\n3661.001000\n1.499000\n");
  EXPECT_EQ(Read({"webvtt", files.at("webvtt/b.vtt").string()})[1]["voice"], "unassigned");
}

TEST_F(FormatWriter, Edl) {
  const auto files = Write({"edl"});
  EXPECT_EQ(files.size(), 2u);
  const std::string text = *ReadFile(Odd(files));
  EXPECT_THAT(text, HasSubstr("FCM: DROP FRAME\n"));
  // 1.001 s is frame 30; the out point is the frame after the last.
  EXPECT_THAT(text,
              HasSubstr("001  AX       V     C        00:00:01;00 00:00:04;00 00:00:00;00 00:00:03;00\n"));
  // 3661.001 s is frame 109720, in drop-frame 01:01:01;02.
  EXPECT_THAT(text, HasSubstr("003  AX       V     C        01:01:01;00 01:01:02;"));
  const json edl = Read({"edl", Odd(files).string(), "30000/1001"});
  ASSERT_EQ(edl["events"].size(), 3u);
  EXPECT_EQ(edl["events"][0]["in"][0], 30);
  EXPECT_EQ(edl["events"][0]["out"][0], 120);
  EXPECT_EQ(edl["events"][1]["in"][0], 60);
  EXPECT_EQ(edl["events"][1]["record"][0], 90);
  EXPECT_EQ(edl["events"][2]["in"][0], FrameAt(3'661'001'000, FrameRateOf(29.97)));
  // Persons only: what is unassigned is nothing to cut.
  const json second = Read({"edl", files.at("edl/b.edl").string(), "25"});
  ASSERT_EQ(second["events"].size(), 1u);
  EXPECT_EQ(second["events"][0]["markers"], json({kFormula}));
  EXPECT_EQ(second["events"][0]["out"], json({13.0, 25.0}));  // 0.5 s is between 12 and 13
}

TEST_F(FormatWriter, Otio) {
  const auto files = Write({"otio"});
  const json timeline = Read({"otio", Odd(files).string()});
  EXPECT_EQ(timeline["name"], kOddSource);
  EXPECT_EQ(timeline["url"], "file:///footage/day%201/a%20--%3E%20%3Cb%3E%26amp%3B%20%22c%22%2C%0A%3D1.mp4");
  EXPECT_EQ(timeline["available"][1], json({110889.0, 29.97}));
  ASSERT_EQ(timeline["markers"].size(), 3u);
  EXPECT_EQ(timeline["markers"][0]["name"], kFormula);
  EXPECT_EQ(timeline["markers"][0]["in"][0], 30);
  EXPECT_EQ(timeline["markers"][0]["out"][0], 120);
  EXPECT_EQ(timeline["markers"][2]["track"], 3);
}

TEST_F(FormatWriter, EdlAndOtioCountFromTheTimeCodeThatTheGalleryKeeps) {
  // Both have 29.97 frames a second; one counts in drop-frame, where ten hours are 1078920 frames, the other
  // not.
  auto sources = *gallery_->ReadSources();
  for (SourceRecord& source : sources) {
    if (source.name == "x.jpg") continue;
    source.info.fps = 30000.0 / 1001;
    source.info.timecode = source.name == "b.mkv" ? "10:00:00:00" : "10:00:00;00";
    ASSERT_TRUE(gallery_->WriteSource(source).ok());
  }
  const auto files = Write({"edl", "otio"});
  const fs::path odd_edl = Odd(files);
  EXPECT_THAT(*ReadFile(odd_edl), HasSubstr("FCM: DROP FRAME\n"));
  EXPECT_THAT(*ReadFile(odd_edl), HasSubstr("001  AX       V     C        10:00:01;00 10:00:04;00 "));
  EXPECT_EQ(Read({"edl", odd_edl.string(), "30000/1001"})["events"][0]["in"][0], 1'078'920 + 30);
  EXPECT_THAT(*ReadFile(files.at("edl/b.edl")), HasSubstr("FCM: NON-DROP FRAME\n"));
  EXPECT_THAT(*ReadFile(files.at("edl/b.edl")),
              HasSubstr("001  AX       V     C        10:00:00:00 10:00:00:15 "));
  const json timeline = Read({"otio", files.at("otio/b.otio").string()});
  EXPECT_EQ(timeline["available"][0][0], 1'080'000);
  EXPECT_EQ(timeline["markers"][0]["in"][0], 1'080'000);
}

TEST_F(FormatWriter, XmpOfAMirroredPictureIsOfThePictureAsItIsStored) {
  auto sources = *gallery_->ReadSources();
  for (SourceRecord& source : sources) {
    source.info.mirrored = source.name == "x.jpg";
    ASSERT_TRUE(gallery_->WriteSource(source).ok());
  }
  const json area =
      Exiftool(Write({"xmp"}).at("xmp/x.xmp"))["XMP-mwg-rs:RegionInfo"]["RegionList"][0]["Area"];
  // As below, and then mirrored: what was measured from the left is measured from the right.
  EXPECT_NEAR(area["X"].get<double>(), 1 - (20 + 20.0) / 360, 1e-5);
  EXPECT_NEAR(area["Y"].get<double>(), 1 - (10.25 + 30.55 / 2) / 640, 1e-5);
}

TEST_F(FormatWriter, XmpOfAStretchedPictureIsOfThePictureAsItIsStored) {
  auto sources = *gallery_->ReadSources();
  for (SourceRecord& source : sources) {
    source.info.pixel_aspect = {2, 1};
    source.info.aspect_from = GeometryFrom::kFile;
    ASSERT_TRUE(gallery_->WriteSource(source).ok());
  }
  const json info = Exiftool(Write({"xmp"}).at("xmp/x.xmp"))["XMP-mwg-rs:RegionInfo"];
  // Stored pixels are twice as wide as high, and the picture is turned by a quarter.
  EXPECT_EQ(info["AppliedToDimensions"], json({{"W", 180}, {"H", 640}, {"Unit", "pixel"}}));
  EXPECT_NEAR(info["RegionList"][0]["Area"]["W"].get<double>(), 40.0 / 360, 1e-5);
}

TEST_F(FormatWriter, XmpIsForPicturesAndTurnsBoxesBack) {
  const auto files = Write({"xmp"});
  ASSERT_EQ(files.size(), 1u);
  const json sidecar = Exiftool(files.at("xmp/x.xmp"));
  const json& info = sidecar["XMP-mwg-rs:RegionInfo"];
  EXPECT_EQ(info["AppliedToDimensions"], json({{"W", 360}, {"H", 640}, {"Unit", "pixel"}}));
  ASSERT_EQ(info["RegionList"].size(), 1u);
  const json& region = info["RegionList"][0];
  EXPECT_EQ(region["Name"], "Zoë");
  EXPECT_EQ(region["Type"], "Face");
  // Upright: 10.25, 20, 30.55 x 40 of 640 x 360. Before the clockwise quarter turn, x was measured from the
  // bottom.
  EXPECT_NEAR(region["Area"]["X"].get<double>(), (20 + 20.0) / 360, 1e-5);
  EXPECT_NEAR(region["Area"]["Y"].get<double>(), 1 - (10.25 + 30.55 / 2) / 640, 1e-5);
  EXPECT_NEAR(region["Area"]["W"].get<double>(), 40.0 / 360, 1e-5);
  EXPECT_NEAR(region["Area"]["H"].get<double>(), 30.55 / 640, 1e-5);
  EXPECT_EQ(sidecar["XMP-iptcExt:PersonInImage"], json({"Zoë"}));
}

TEST_F(FormatWriter, CvatAndMotHoldTheSameBoxes) {
  const auto files = Write({"cvat", "mot"});
  const std::string xml = files.at("cvat/b.xml").string();
  const json cvat = Read({"annotations", xml, "cvat"});
  // Track 1 at frame 0, track 2 at 249 and 254; each ended in the frame after its last.
  std::map<int, json> visible;
  for (const json& box : cvat) visible[box[0].get<int>()] = box;
  ASSERT_TRUE(visible.contains(0) && visible.contains(249) && visible.contains(254));
  EXPECT_EQ(visible[0][2], kFormula);
  EXPECT_EQ(visible[249][2], "unassigned");
  EXPECT_NEAR(visible[254][3].get<double>(), 11.25, 0.01);
  EXPECT_NEAR(visible[254][5].get<double>(), 11.25 + 30.55, 0.01);
  const json mot = Read({"annotations", files.at("mot/b/gt/gt.txt").string(), "mot_seq"});
  ASSERT_EQ(mot.size(), 3u);
  const std::string rows = *ReadFile(files.at("mot/b/gt/gt.txt"));
  EXPECT_EQ(rows,
            "1,1,10.25,20.00,30.55,40.00,1,1,1.0\n250,2,10.25,20.00,30.55,40.00,1,1,1.0\n"
            "255,2,11.25,20.00,30.55,40.00,1,1,1.0\n");
  EXPECT_EQ(*ReadFile(files.at("mot/b/identities.csv")), "id,person\r\n1,'=1+1 & Co\r\n2,\r\n");
}

TEST_F(FormatWriter, GraphMl) {
  const json graph = Read({"graphml", Write({"graphml"}).at("graphml/people.graphml").string()});
  ASSERT_EQ(graph["nodes"].size(), 2u);
  EXPECT_EQ(graph["nodes"]["p1"]["label"], kFormula);
  EXPECT_EQ(graph["nodes"]["p2"]["tracks"], 3);
  EXPECT_EQ(graph["nodes"]["p2"]["sources"], 2);
  ASSERT_EQ(graph["edges"].size(), 1u);
  const json& together = graph["edges"][0][2];
  EXPECT_EQ(together["sources_together"], 1);
  EXPECT_EQ(together["shots_together"], 1);
  EXPECT_EQ(together["overlap_ms"], 1001);
}

TEST_F(FormatWriter, JsonLinesFollowTheirPublishedSchemas) {
  const auto files = Write({"jsonl"});
  std::map<std::string, json> lines;
  for (const auto& [file, kind] : std::map<std::string, std::string>{
           {"persons", "person"}, {"sources", "source"}, {"appearances", "appearance"}, {"faces", "face"}}) {
    const json answer = Read({"jsonl", files.at("jsonl/" + file + ".jsonl").string(),
                              (testing::SourceFolder() / "docs/schema" / (kind + ".json")).string()});
    EXPECT_EQ(answer["errors"], json::array()) << file;
    lines[file] = answer["lines"];
  }
  EXPECT_EQ(lines["persons"].size(), 2u);
  EXPECT_EQ(lines["sources"].size(), 3u);
  ASSERT_EQ(lines["appearances"].size(), 6u);
  EXPECT_EQ(lines["faces"].size(), 11u);
  const auto of_odd =
      std::find_if(lines["appearances"].begin(), lines["appearances"].end(),
                   [](const json& line) { return line["source"] == kOddSource && line["track"] == 3; });
  ASSERT_NE(of_odd, lines["appearances"].end());
  EXPECT_EQ((*of_odd)["start_time"], "2026-11-23T11:21:31.001+02:00");
  EXPECT_EQ((*of_odd)["time_from"], "creation_time");
  EXPECT_EQ((*of_odd)["person"], "Zoë");
  EXPECT_EQ(lines["faces"][0]["sha256"], std::string(64, 'a'));
  for (const char* file : {"appearances", "faces"}) {
    for (const json& line : lines[file])
      EXPECT_EQ(line["reason"], line["person"].is_null() ? json("in doubt") : json()) << line;
  }
  // A schema that lets everything pass would prove nothing.
  const fs::path wrong = scratch_.path() / "wrong.jsonl";
  std::ofstream(wrong) << R"({"schema":"crossface/1","type":"person","id":0})"
                       << "\n";
  EXPECT_GE(Read({"jsonl", wrong.string(),
                  (testing::SourceFolder() / "docs/schema/person.json").string()})["errors"]
                .size(),
            2u);
}

TEST_F(FormatWriter, CsvOpensInSpreadsheetsWithoutFormulas) {
  const auto files = Write({"csv"});
  const auto table = ParseCsv(*ReadFile(files.at("csv/appearances.csv")));
  ASSERT_TRUE(table.ok()) << table.status().message();
  ASSERT_EQ(table->rows.size(), 6u);
  for (const auto& row : table->rows) {
    for (const std::string& field : row)
      EXPECT_TRUE(field.empty() || std::string_view("=+@\t\r").find(field.front()) == std::string_view::npos)
          << field;
  }
  EXPECT_EQ(SpreadsheetCsv("a,b,c,d\r\n-12.5,-x,=1,@y\r\n"), "a,b,c,d\r\n-12.5,'-x,'=1,'@y\r\n");
}

TEST_F(FormatWriter, BagIsValidUntilSomethingChanges) {
  std::ofstream(scratch_.path() / "case/100%25 mine.txt") << "a file of the user's\n";
  fs::create_symlink("/etc/hostname", scratch_.path() / "case/link");
  const auto written = WriteFormats(*gallery_, {"jsonl", "bag"}, out());
  ASSERT_TRUE(written.ok()) << written.status().message();
  const fs::path bag = out() / "bag";
  const json valid = Read({"bag", bag.string()});
  EXPECT_EQ(valid["problem"], "");
  EXPECT_TRUE(fs::exists(bag / "data/crossface.db"));
  EXPECT_FALSE(fs::exists(bag / "data/link") || fs::exists(bag / "data/crossface.lock"));
  EXPECT_EQ(valid["payload"].size(), static_cast<size_t>(written->back().files));
  EXPECT_EQ(valid["info"]["External-Identifier"], "case");
  // The gallery in it is whole.
  const auto copy = Gallery::Open(bag / "data", Gallery::Mode::kRead);
  ASSERT_TRUE(copy.ok()) << copy.status().message();
  EXPECT_EQ((*copy)->ReadTracks({})->size(), 6u);

  const auto again = WriteFormats(*gallery_, {"bag"}, out());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.status().code(), StatusCode::kInvalidArgument);
  const auto inside = WriteFormats(*gallery_, {"bag"}, scratch_.path() / "case/exports");
  ASSERT_FALSE(inside.ok());
  EXPECT_EQ(inside.status().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(scratch_.path() / "case/exports"));

  std::ofstream(bag / "data/100%25 mine.txt", std::ios::app) << "x";
  EXPECT_THAT(Read({"bag", bag.string()})["problem"].get<std::string>(), HasSubstr("Payload-Oxum"));
}

TEST_F(FormatWriter, StopsAndRefuses) {
  const auto unknown = WriteFormats(*gallery_, {"pdf"}, out());
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.status().code(), StatusCode::kInvalidArgument);
  const auto stopped = WriteFormats(*gallery_, {"bag"}, out(), testing::Stopped());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted);
  EXPECT_FALSE(fs::exists(out() / "bag") || fs::exists(out() / "bag.part"));
}

TEST_F(FormatWriter, NeverReplacesASource) {
  SourceRecord source = *std::move(gallery_->ReadSources())->begin();
  source.path = (out() / "graphml/people.graphml").string();
  ASSERT_TRUE(gallery_->WriteSource(source).ok());
  fs::create_directories(out() / "graphml");
  std::ofstream(source.path) << "evidence";
  const auto written = WriteFormats(*gallery_, {"graphml"}, out());
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(*ReadFile(source.path), "evidence");
}

TEST_F(FormatWriter, SameCaseSameBytes) {
  std::vector<std::string> formats = ExportFormats();
  formats.pop_back();  // a bag names its day
  std::map<std::string, std::string> first;
  for (const auto& [name, path] : Write(formats)) first[name] = *ReadFile(path);
  for (const auto& [name, path] : Write(formats)) EXPECT_EQ(first[name], *ReadFile(path)) << name;
  EXPECT_GE(first.size(), 20u);
}

TEST(EdlFiles, HoldNoMoreThan999Events) {
  testing::ScratchFolder scratch;
  const auto gallery = Gallery::Open(scratch.path() / "case", Gallery::Mode::kCreate);
  ASSERT_TRUE(gallery.ok());
  std::vector<MadeTrack> tracks;
  for (int i = 0; i < 1001; ++i) tracks.push_back({"long.mp4", i + 1, i * 1000, i * 1000 + 500, 1, 0});
  FillCase(**gallery, {MadeSource("long.mp4", 2'000'000)}, tracks, {"Ann"});
  ASSERT_TRUE(WriteFormats(**gallery, {"edl"}, scratch.path() / "out").ok());
  EXPECT_EQ(Read({"edl_events", (scratch.path() / "out/edl/long_1.edl").string(), "30000/1001"}), 999u);
  EXPECT_EQ(Read({"edl_events", (scratch.path() / "out/edl/long_2.edl").string(), "30000/1001"}), 2u);
}

}  // namespace
}  // namespace crossface
