#include "crossface/inference/models/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <stop_token>
#include <thread>

#include "crossface/inference/models/model_fetcher.h"
#include "crossface/inference/models/model_installer.h"
#include "crossface/inference/models/model_server_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = InstallOutcome::Kind;

// Bytes that no two places have alike.
std::string Content(size_t size, uint32_t seed) {
  std::string content(size, '\0');
  for (char& byte : content) byte = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  return content;
}

// A stop that comes when a file has come to a size.
class StopOnceAsLargeAs {
 public:
  StopOnceAsLargeAs(const fs::path& file, uintmax_t bytes)
      : watch_([=, this](const std::stop_token& end) {
          std::error_code error;
          while (!end.stop_requested() && (fs::file_size(file, error) != bytes || bool(error)))
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
          stop_.request_stop();
        }) {}
  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread watch_;
};

class DownloadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_CACHE_HOME", (scratch_.path() / "cache").c_str(), 1);
    ::setenv("CROSSFACE_DOWNLOAD_WAIT_S", "0", 1);
    server_.Publish("net", content_);
  }
  void TearDown() override {
    ::unsetenv("XDG_CACHE_HOME");
    ::unsetenv("CROSSFACE_DOWNLOAD_WAIT_S");
  }
  Status Get(const std::string& way, const DownloadOptions& options = {}) {
    return Download(server_.Address(way, "net"), file_, options);
  }

  testing::ScratchFolder scratch_;
  testing::ModelServer server_{scratch_.path() / "server"};
  const std::string content_ = Content(450'000, 1);
  const fs::path file_ = scratch_.path() / "got" / "net";
};

TEST_F(DownloadTest, GivesTheFile) {
  for (const char* way : {"whole", "plain", "failing_once"}) {
    fs::remove(file_);
    const Status status = Get(way, {.bytes = 450'000});
    ASSERT_TRUE(status.ok()) << way << ": " << status.message();
    EXPECT_EQ(*ReadFile(file_), content_) << way;
    EXPECT_EQ(std::distance(fs::directory_iterator(file_.parent_path()), {}), 1) << "only the file is left";
  }
}

TEST_F(DownloadTest, GoesOnWhereTheConnectionWasCut) {
  ASSERT_TRUE(Get("cut").ok());
  EXPECT_EQ(*ReadFile(file_), content_);
  EXPECT_THAT(server_.Asked(), ElementsAre("/cut/net ", "/cut/net bytes=100000-", "/cut/net bytes=200000-",
                                           "/cut/net bytes=300000-", "/cut/net bytes=400000-"));
}

TEST_F(DownloadTest, ServerThatCutsAndKnowsNoRangesIsGivenUp) {
  const Status status = Get("cut_plain");
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("cut"));
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_LT(server_.Asked().size(), 10u);
}

TEST_F(DownloadTest, NeverMixesTwoVersionsOfAFile) {
  server_.Publish("net.new", Content(430'000, 2));
  ASSERT_TRUE(Get("changing").ok());
  EXPECT_EQ(*ReadFile(file_), Content(430'000, 2));
  EXPECT_EQ(server_.Asked().size(), 2u);
}

TEST_F(DownloadTest, StoppedDownloadGoesOnTheNextTime) {
  const fs::path part = file_.string() + ".part";
  const StopOnceAsLargeAs stop(part, 100'000);
  EXPECT_EQ(Get("waiting", {.stop = stop.token()}).code(), StatusCode::kInterrupted);
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_EQ(fs::file_size(part), 100'000u);
  ASSERT_TRUE(Get("whole").ok());
  EXPECT_EQ(*ReadFile(file_), content_);
  EXPECT_EQ(server_.Asked().back(), "/whole/net bytes=100000-");
}

TEST_F(DownloadTest, PartThatIsWholeAlreadyIsTaken) {
  fs::create_directories(file_.parent_path());
  std::ofstream(file_.string() + ".part", std::ios::binary) << content_;
  std::ofstream(file_.string() + ".part.version") << "\"first\"";
  ASSERT_TRUE(Get("whole").ok());
  EXPECT_EQ(*ReadFile(file_), content_);
}

TEST_F(DownloadTest, PartThatIsTooLongIsThrownAway) {
  fs::create_directories(file_.parent_path());
  std::ofstream(file_.string() + ".part", std::ios::binary) << content_ << "more";
  std::ofstream(file_.string() + ".part.version") << "\"first\"";
  ASSERT_TRUE(Get("whole").ok());
  EXPECT_EQ(*ReadFile(file_), content_);
}

TEST_F(DownloadTest, WrongSizesAreRefusedAndNotKept) {
  const auto refused = [&](const std::string& way, const DownloadOptions& options,
                           const std::string& reason) {
    const Status status = Get(way, options);
    EXPECT_EQ(status.code(), StatusCode::kMismatch) << status.message();
    EXPECT_THAT(status.message(), HasSubstr(reason));
    EXPECT_TRUE(fs::is_empty(file_.parent_path()));
  };
  refused("whole", {.bytes = 450'001}, "450000 bytes where 450001");
  refused("whole", {.most_bytes = 449'999}, "more than the 449999");
  refused("endless", {.most_bytes = 3'000'000}, "more than the 3000000");
}

TEST_F(DownloadTest, MissingFilesAndServersAreToldAtOnce) {
  const Status missing = Get("missing");
  EXPECT_EQ(missing.code(), StatusCode::kNotFound);
  EXPECT_THAT(missing.message(), HasSubstr("404"));
  EXPECT_EQ(server_.Asked().size(), 1u);
  const Status nobody = Download("http://127.0.0.1:1/net", file_, {});
  EXPECT_EQ(nobody.code(), StatusCode::kNotFound);
  EXPECT_THAT(nobody.message(), HasSubstr("refused"));
}

// --- what models are made of ---

class InstallFromAddressTest : public DownloadTest {
 protected:
  void SetUp() override {
    DownloadTest::SetUp();
    ASSERT_EQ(Pack("pack.zip", {{"buffalo/net.onnx", content_}, {"other.onnx", "other"}}), 0);
  }
  // An archive with these files, made by another program.
  int Pack(const std::string& name, const std::vector<std::pair<std::string, std::string>>& files) {
    std::string script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n";
    for (size_t i = 0; i < files.size(); ++i) {
      const std::string bytes = (scratch_.path() / std::to_string(i)).string();
      std::ofstream(bytes, std::ios::binary) << files[i].second;
      script += "z.writestr('" + files[i].first + "', open('" + bytes + "', 'rb').read())\n";
    }
    script += "z.close()\n";
    const fs::path program = scratch_.path() / "pack.py";
    std::ofstream(program) << script;
    return testing::RunCommand("python3 '" + program.string() + "' '" + server_.Place(name).string() + "'");
  }
  ModelEntry Entry(const std::string& way, const std::string& file = "pack.zip") const {
    ModelEntry entry{.name = "net", .family = "test", .role = ModelRole::kEmbedder, .file = "net.onnx"};
    entry.sha256 = Sha256Hex(content_);
    entry.bytes = static_cast<int64_t>(content_.size());
    entry.origins = {{.kind = "zip", .location = server_.Address(way, file), .member = "net.onnx"}};
    return entry;
  }
  InstallOutcome Install(const ModelEntry& entry, const InstallOptions& options = {}) {
    const auto outcome = InstallModel(store_, entry, options);
    EXPECT_TRUE(outcome.ok()) << outcome.status().message();
    return outcome.ok() ? *outcome : InstallOutcome{};
  }
  bool IsInstalled() const { return fs::exists(store_.folder() / "net.onnx"); }

  const ModelStore store_{scratch_.path() / "store"};
};

TEST_F(InstallFromAddressTest, TakesOneFileOutOfAPack) {
  const InstallOutcome outcome = Install(Entry("cut"));
  ASSERT_EQ(outcome.kind, Kind::kInstalled) << outcome.message;
  EXPECT_EQ(*ReadFile(store_.folder() / "net.onnx"), content_);
  EXPECT_EQ(outcome.first_used_sha256, "") << "its hash was known";
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "cache/crossface/downloads"));
  EXPECT_EQ(Install(Entry("missing")).kind, Kind::kPresent);
}

TEST_F(InstallFromAddressTest, PackThatTheUserBringsIsOpened) {
  const ModelEntry entry = Entry("missing");
  EXPECT_EQ(Install(entry).kind, Kind::kUnavailable);
  const InstallOutcome outcome = Install(entry, {.from_file = server_.Place("pack.zip")});
  ASSERT_EQ(outcome.kind, Kind::kInstalled) << outcome.message;
  EXPECT_EQ(*ReadFile(store_.folder() / "net.onnx"), content_);
}

TEST_F(InstallFromAddressTest, WrongFilesAreNotInstalled) {
  ModelEntry other = Entry("whole");
  other.sha256 = Sha256Hex("another");
  const InstallOutcome wrong = Install(other);
  EXPECT_EQ(wrong.kind, Kind::kFailed);
  EXPECT_THAT(wrong.message, HasSubstr(other.sha256));
  EXPECT_FALSE(IsInstalled());

  // Not in it, twice in it, larger than it should be, no archive, a link, cut short.
  Pack("none.zip", {{"other.onnx", content_}});
  Pack("two.zip", {{"a/net.onnx", content_}, {"b/net.onnx", content_}});
  Pack("bomb.zip", {{"net.onnx", std::string(size_t{40'000'000}, 'x')}});
  server_.Publish("text.zip", "no archive at all");
  server_.Publish("short.zip", ReadFile(server_.Place("pack.zip"))->substr(0, 300'000));
  for (const char* name : {"none.zip", "two.zip", "bomb.zip", "text.zip", "short.zip"}) {
    const InstallOutcome outcome = Install(Entry("whole", name));
    EXPECT_NE(outcome.kind, Kind::kInstalled) << name;
    EXPECT_FALSE(IsInstalled()) << name;
  }
}

TEST_F(InstallFromAddressTest, NamesInAnArchiveNeverSayWhereItIsWritten) {
  Pack("slip.zip",
       {{"../../../../../../tmp/../" + (scratch_.path() / "slipped/net.onnx").string(), content_}});
  fs::create_directories(scratch_.path() / "slipped");
  ASSERT_EQ(Install(Entry("whole", "slip.zip")).kind, Kind::kInstalled);
  EXPECT_TRUE(fs::is_empty(scratch_.path() / "slipped"));
}

TEST_F(InstallFromAddressTest, StoppedInstallationGoesOnTheNextTime) {
  ModelEntry entry = Entry("waiting");
  const fs::path part = DownloadPlace(entry.origins[0].location).string() + ".part";
  const StopOnceAsLargeAs stop(part, 100'000);
  const auto stopped = InstallModel(store_, entry, {.stop = stop.token()});
  EXPECT_EQ(stopped.status().code(), StatusCode::kInterrupted);
  EXPECT_FALSE(IsInstalled());
  EXPECT_TRUE(fs::exists(part));
}

TEST_F(InstallFromAddressTest, FileOfUnknownHashIsRecordedAndAnotherRefused) {
  ModelEntry entry = Entry("whole", "net");
  entry.sha256.clear();
  entry.origins[0].kind = "url";
  const InstallOutcome first = Install(entry);
  ASSERT_EQ(first.kind, Kind::kInstalled) << first.message;
  EXPECT_EQ(first.first_used_sha256, Sha256Hex(content_));

  fs::remove(store_.folder() / "net.onnx");
  const InstallOutcome again = Install(entry);
  EXPECT_EQ(again.kind, Kind::kInstalled);
  EXPECT_EQ(again.first_used_sha256, "") << "known by now";

  fs::remove(store_.folder() / "net.onnx");
  const std::string changed = Content(450'000, 3);
  server_.Publish("net", changed);
  const InstallOutcome refused = Install(entry);
  EXPECT_EQ(refused.kind, Kind::kFailed);
  EXPECT_THAT(refused.message, HasSubstr(Sha256Hex(content_)));
  EXPECT_THAT(refused.message, HasSubstr("--accept-changed"));
  EXPECT_FALSE(IsInstalled());
  EXPECT_EQ(Install(entry, {.accept_changed = true}).first_used_sha256, Sha256Hex(changed));
}

}  // namespace
}  // namespace crossface
