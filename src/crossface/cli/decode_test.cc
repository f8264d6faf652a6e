// Films decoded by a card, whose driver is a made one (testing/fakes): the case is that of the processor.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "crossface/testing/program.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::RunProgram;

const std::filesystem::path kFilms = testing::SharedFolder() / "data/videos";

// The fakes are found before any real driver.
std::map<std::string, std::string> WithCard(const std::map<std::string, std::string>& more) {
  const std::filesystem::path fakes = std::filesystem::path(CROSSFACE_FAKE_CUDA).parent_path();
  std::map<std::string, std::string> environment = {
      {"LD_LIBRARY_PATH", fakes.string()},
      {"FAKE_NVDEC_FILMS",
       (kFilms / "hamilton_short.mp4").string() + ":" + (kFilms / "asl_yes.mkv").string()}};
  environment.insert(more.begin(), more.end());
  return environment;
}

class DecodeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/videos/hamilton_short.mp4");
    CROSSFACE_NEEDS_MODEL("scrfd_500m");
  }
  std::string Path(const std::string& name) const { return (scratch_.path() / name).string(); }
  testing::ProgramRun Identify(const std::string& to, std::vector<std::string> more,
                               const std::map<std::string, std::string>& environment) const {
    std::vector<std::string> arguments = {"identify",
                                          (kFilms / "hamilton_short.mp4").string(),
                                          (kFilms / "asl_yes.mkv").string(),
                                          (kFilms / "grid_bbaf2n.mpg").string(),
                                          "--case",
                                          Path(to),
                                          "--device",
                                          "cpu",
                                          "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments, environment);
  }
  static json DecodedIn(const json& answer) {
    json decoded = json::object();
    for (const json& film : answer["scan"]["decoded_by"]) decoded[film["source"].get<std::string>()] = film;
    return decoded;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(DecodeTest, ACaseIsTheSameWhoeverDecodes) {
  const auto by_processor = Identify("processor", {}, {});
  ASSERT_EQ(by_processor.exit_code, 0) << by_processor.err;
  EXPECT_TRUE(json::parse(by_processor.out)["scan"]["decoded_by"].empty());
  const auto logs = testing::ReadTree(Path("processor"), ".csv");
  ASSERT_GT(logs.size(), 3u);

  const auto by_card = Identify("card", {"--decode", "nvdec"}, WithCard({}));
  ASSERT_EQ(by_card.exit_code, 0) << by_card.err;
  EXPECT_EQ(testing::ReadTree(Path("card"), ".csv"), logs);
  const json decoded = DecodedIn(json::parse(by_card.out));
  ASSERT_EQ(decoded.size(), 3u);
  for (const char* film : {"hamilton_short.mp4", "asl_yes.mkv"}) {
    EXPECT_GT(decoded[film]["nvdec_frames"], 0) << film;
    EXPECT_EQ(decoded[film]["software_frames"], 0) << film << decoded[film]["why_not"];
    EXPECT_EQ(decoded[film]["why_not"], "") << film;
  }
  EXPECT_EQ(decoded["grid_bbaf2n.mpg"]["nvdec_frames"], 0);
  EXPECT_THAT(decoded["grid_bbaf2n.mpg"]["why_not"], HasSubstr("only h264 and hevc"));
  EXPECT_THAT(by_card.err, HasSubstr("1 film decoded by the processor, not by a card: only h264 and hevc"));
  EXPECT_THAT(*ReadFile(Path("card/run.jsonl")), HasSubstr(R"("decode":"nvdec")"));
  EXPECT_THAT(*ReadFile(Path("card/run.jsonl")), HasSubstr(R"("nvdec_frames")"));

  const auto fails =
      Identify("fails", {"--decode", "nvdec"}, WithCard({{"FAKE_CUDA", "cuvidDecodePicture:60"}}));
  ASSERT_EQ(fails.exit_code, 0) << fails.err;
  EXPECT_EQ(testing::ReadTree(Path("fails"), ".csv"), logs);
  EXPECT_THAT(fails.err, HasSubstr("cuvidDecodePicture"));
}

TEST_F(DecodeTest, DoctorSaysWhetherACardCanDecode) {
  const json with = json::parse(RunProgram({"doctor", "--json"}, WithCard({})).out);
  EXPECT_EQ(with["no_nvdec"], "");
  const json without = json::parse(RunProgram({"doctor", "--json"}, WithCard({{"FAKE_CUDA", "cuInit"}})).out);
  EXPECT_THAT(without["no_nvdec"], HasSubstr("no CUDA-capable device is detected"));
  EXPECT_THAT(RunProgram({"doctor"}, WithCard({})).out, HasSubstr("with --decode nvdec by the card"));
}

}  // namespace
}  // namespace crossface
