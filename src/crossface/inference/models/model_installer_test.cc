#include "crossface/inference/models/model_installer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = InstallOutcome::Kind;

// Only a mirror carries it, so these tests use no network.
constexpr const char* kModel = "scrfd_500m";

class ModelInstallerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_MODEL(kModel);
    ::setenv("TMPDIR", scratch_.path().c_str(), 1);  // killed installers leave their folders behind
    published_ = *ReadFile(*testing::Models().Find(kModel));
    fs::create_directory(mirror_);
    WriteMirror(published_);
    ASSERT_TRUE(AcceptLicences(store_, {&entry_}).ok());
  }

  void TearDown() override { ::unsetenv("TMPDIR"); }

  void WriteMirror(const std::string& bytes) {
    ASSERT_TRUE(WriteFileAtomically(mirror_ / entry_.file, bytes).ok());
  }

  InstallOutcome Install(const fs::path& from_file = {}) {
    auto outcomes = InstallModels(store_, {.names = {kModel}, .mirror = mirror_, .from_file = from_file});
    EXPECT_TRUE(outcomes.ok() && outcomes->size() == 1) << outcomes.status().message();
    return outcomes.ok() && !outcomes->empty() ? outcomes->front() : InstallOutcome{};
  }

  std::string ProblemOfModel() {
    for (const VerifyOutcome& outcome : VerifyModels(store_)) {
      if (outcome.model == kModel) return outcome.installed ? outcome.problem : "not installed";
    }
    return "not listed";
  }

  // The names in the store besides that of the list of licences.
  std::vector<std::string> Stored() {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(store_.folder())) {
      if (file.path().filename() != "accepted-licences.json") names.push_back(file.path().filename());
    }
    return names;
  }

  const ModelEntry& entry_ = *FindModel(kModel);
  testing::ScratchFolder scratch_;
  const fs::path mirror_ = scratch_.path() / "mirror";
  const ModelStore store_{scratch_.path() / "store"};
  std::string published_;
};

TEST_F(ModelInstallerTest, InstallsFromTheMirrorOnce) {
  EXPECT_EQ(Install().kind, Kind::kInstalled);
  EXPECT_EQ(*ReadFile(*store_.Find(kModel)), published_);
  EXPECT_EQ(store_.RecordedHash(entry_), entry_.sha256);
  EXPECT_THAT(*ReadFile(store_.RecordFile(entry_)), HasSubstr("mirror scrfd_500m_kps.onnx"));
  EXPECT_EQ(ProblemOfModel(), "");
  EXPECT_EQ(Install().kind, Kind::kPresent);
}

TEST_F(ModelInstallerTest, NothingIsInstalledBeforeTheLicenceIsAccepted) {
  const ModelStore fresh(scratch_.path() / "fresh");
  const auto outcomes = InstallModels(fresh, {.names = {kModel}, .mirror = mirror_});
  EXPECT_EQ(outcomes.status().code(), StatusCode::kModelMissing);
  EXPECT_THAT(outcomes.status().message(), HasSubstr(entry_.licence));
  EXPECT_FALSE(fs::exists(fresh.folder()));
}

TEST_F(ModelInstallerTest, AcceptedLicencesAreRememberedPerFamily) {
  const ModelStore again(store_.folder());
  EXPECT_THAT(*UnacceptedModels(again, {kModel, "scrfd_2.5g"}), IsEmpty());
  EXPECT_EQ(UnacceptedModels(again, {kModel, "arcface_ms1m", "facenet_vggface2"})->size(), 2u);
  ASSERT_TRUE(AcceptLicences(again, {FindModel("arcface_ms1m")}).ok());
  // Also MIT, but of another trainer.
  EXPECT_EQ(UnacceptedModels(again, {"arcface_ms1m", "facenet_vggface2"})->size(), 1u);
}

TEST_F(ModelInstallerTest, WrongBytesAreRefused) {
  std::string changed = published_;
  changed[changed.size() / 2] ^= 1;
  for (const std::string& bytes : {changed, published_.substr(0, 1000), published_ + "x", std::string()}) {
    WriteMirror(bytes);
    const InstallOutcome outcome = Install();
    EXPECT_EQ(outcome.kind, Kind::kFailed);
    EXPECT_THAT(outcome.message, HasSubstr(entry_.sha256));
    EXPECT_THAT(Stored(), IsEmpty());
  }
}

TEST_F(ModelInstallerTest, ModelOfNoReachableOriginIsUnavailable) {
  fs::remove(mirror_ / entry_.file);
  EXPECT_EQ(Install().kind, Kind::kUnavailable);
  EXPECT_THAT(Stored(), IsEmpty());
}

TEST_F(ModelInstallerTest, StopsWhenAsked) {
  const auto outcomes =
      InstallModels(store_, {.names = {kModel}, .mirror = mirror_, .stop = testing::Stopped()});
  EXPECT_EQ(outcomes.status().code(), StatusCode::kInterrupted);
  EXPECT_THAT(Stored(), IsEmpty());
}

TEST_F(ModelInstallerTest, KilledAnywhereLeavesAWholeModelOrNone) {
  int killed_while_at_it = 0;
  for (int delay_us = 500; delay_us < 40'000; delay_us = delay_us * 5 / 4) {
    fs::remove(store_.folder() / entry_.file);
    const pid_t child = ::fork();
    if (child == 0) {
      Install();
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(delay_us));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    killed_while_at_it += WIFSIGNALED(status);
    if (store_.Find(kModel).ok()) {
      EXPECT_EQ(ProblemOfModel(), "");
    }
  }
  EXPECT_GT(killed_while_at_it, 0);
  fs::remove(store_.folder() / entry_.file);
  EXPECT_EQ(Install().kind, Kind::kInstalled);
  EXPECT_EQ(ProblemOfModel(), "");
}

TEST_F(ModelInstallerTest, WriteThatFailsHalfwayLeavesNothing) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto outcomes = InstallModels(store_, {.names = {kModel}, .mirror = mirror_});
    ::_exit(outcomes.ok() && outcomes->front().kind != Kind::kFailed ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0) << "installing past the limit was reported as done";
  EXPECT_EQ(ProblemOfModel(), "not installed");
  for (const std::string& name : Stored()) EXPECT_EQ(name, store_.RecordFile(entry_).filename());
}

TEST_F(ModelInstallerTest, ChangedModelIsFoundAndInstalledAnew) {
  Install();
  std::string changed = published_;
  changed[100] ^= 1;
  ASSERT_TRUE(WriteFileAtomically(store_.folder() / entry_.file, changed).ok());
  EXPECT_THAT(ProblemOfModel(), HasSubstr("install it again"));
  fs::remove(store_.RecordFile(entry_));
  EXPECT_THAT(ProblemOfModel(), HasSubstr("install it again"))
      << "without a record the published hash counts";
  EXPECT_EQ(Install().kind, Kind::kInstalled);
  EXPECT_EQ(ProblemOfModel(), "");
}

TEST_F(ModelInstallerTest, UsersFileMustBeThePublishedOne) {
  const fs::path own = scratch_.path() / "own.onnx";
  ASSERT_TRUE(WriteFileAtomically(own, published_ + "x").ok());
  EXPECT_EQ(Install(own).kind, Kind::kFailed);
  EXPECT_THAT(Stored(), IsEmpty());
  ASSERT_TRUE(WriteFileAtomically(own, published_).ok());
  EXPECT_EQ(Install(own).kind, Kind::kInstalled);
  EXPECT_EQ(Install(scratch_.path() / "nowhere.onnx").kind, Kind::kUnavailable);
}

TEST_F(ModelInstallerTest, WrongRequestsAreRefused) {
  EXPECT_EQ(InstallModels(store_, {.names = {"scrfd"}}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(InstallModels(store_, {.names = {"scrfd"}}).status().message(), HasSubstr("scrfd_2.5g"));
  EXPECT_EQ(InstallModels(store_, {.names = {kModel, "scrfd_2.5g"}, .from_file = mirror_ / entry_.file})
                .status()
                .code(),
            StatusCode::kInvalidArgument);
}

TEST(IsReady, NeedsAWholeDetectorAndAnEmbedderThatAreSound) {
  const VerifyOutcome embedder{.model = "arcface_ms1m", .installed = true};
  const VerifyOutcome detector{.model = "yunet", .installed = true};
  const VerifyOutcome damaged{.model = "scrfd_500m", .installed = true, .problem = "cut short"};
  const auto part = [](const std::string& name, bool installed) {
    return VerifyOutcome{.model = name, .installed = installed};
  };
  EXPECT_TRUE(IsReady({embedder, detector}));
  EXPECT_FALSE(IsReady({}));
  EXPECT_FALSE(IsReady({embedder}));
  EXPECT_FALSE(IsReady({detector}));
  EXPECT_FALSE(IsReady({embedder, damaged}));
  EXPECT_TRUE(
      IsReady({embedder, part("mtcnn_pnet", true), part("mtcnn_rnet", true), part("mtcnn_onet", true)}));
  EXPECT_FALSE(
      IsReady({embedder, part("mtcnn_pnet", true), part("mtcnn_rnet", false), part("mtcnn_onet", true)}));
}

}  // namespace
}  // namespace crossface
