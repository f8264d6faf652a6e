#include "crossface/inference/engine/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <thread>

#include "crossface/inference/engine/row_batches.h"
#include "crossface/inference/engine/runtime.h"
#include "crossface/testing/testing.h"
#include "crossface/util/hash.h"

namespace crossface {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A model in ONNX's format: y = x * x, float32, one dimension of any size.
constexpr char kSquare[] =
    "\x08\x08\x3a\x37\x0a\x0e\x0a\x01x\x0a\x01x\x12\x01y\x22\x03Mul\x12\x01g\x5a\x10\x0a\x01x\x12\x0b\x0a\x09"
    "\x08\x01\x12\x05\x0a\x03\x12\x01n\x62\x10\x0a\x01y\x12\x0b\x0a\x09\x08\x01\x12\x05\x0a\x03\x12\x01n"
    "\x42\x04\x0a\x00\x10\x0d";

class SessionTest : public ::testing::Test {
 protected:
  std::filesystem::path Write(std::string_view bytes) const {
    auto path = folder_.path() / "square.onnx";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  Result<std::unique_ptr<Session>> LoadSquare(const TensorSpec& input, const TensorSpec& output) const {
    return Session::Load(Write({kSquare, sizeof(kSquare) - 1}), {input}, {output});
  }
  std::unique_ptr<Session> Square() const {
    auto session = LoadSquare({"x", {-1}}, {"y", {-1}});
    if (!session.ok()) throw std::runtime_error(session.status().message());
    return std::move(*session);
  }

  testing::ScratchFolder folder_;
};

float SquareOf(const Session& session, float value) {
  const Tensor input{{1}, {value}};
  return (*session.Run({&input, 1}))[0].data[0];
}

TEST_F(SessionTest, RunsOnInputsOfAnySize) {
  const auto session = Square();
  for (size_t size : {1, 3, 100, 2}) {
    const Tensor input{{static_cast<int64_t>(size)}, std::vector<float>(size, -3)};
    const auto outputs = session->Run({&input, 1});
    ASSERT_TRUE(outputs.ok()) << outputs.status().message();
    ASSERT_EQ(outputs->size(), 1u);
    EXPECT_THAT(outputs->front().shape, ElementsAre(size));
    EXPECT_EQ(outputs->front().data, std::vector<float>(size, 9));
  }
}

TEST_F(SessionTest, ItsHashIsOfTheBytesThatItWasMadeOf) {
  const auto session = Square();
  const std::string bytes(kSquare, sizeof(kSquare) - 1);
  Write(bytes + "changed behind its back");
  EXPECT_EQ(session->sha256(), Sha256Hex(bytes));
  EXPECT_EQ(SquareOf(*session, 3), 9);
}

TEST_F(SessionTest, AStopEndsWhatRunsInItsScopeAndNothingElse) {
  const auto session = Square();
  RunStop stop, other;
  std::promise<void> begun;
  auto running = std::async(std::launch::async, [&] {
    const RunStop::Scope scope(stop);
    const Tensor input{{1 << 20}, std::vector<float>(1 << 20, 2)};
    Status status = session->Run({&input, 1}).status();
    begun.set_value();
    while (status.ok()) status = session->Run({&input, 1}).status();
    return status;
  });
  begun.get_future().wait();
  {
    const RunStop::Scope scope(other);
    stop.Stop();
    EXPECT_EQ(SquareOf(*session, 3), 9);
  }
  const Status ended = running.get();
  EXPECT_EQ(ended.code(), StatusCode::kInterrupted) << ended.message();
  EXPECT_TRUE(stop.stopped());
  EXPECT_FALSE(other.stopped());
  const Tensor input{{1}, {3}};
  {
    const RunStop::Scope outer(other);
    {
      const RunStop::Scope inner(stop);
      EXPECT_EQ(session->Run({&input, 1}).status().code(), StatusCode::kInterrupted);
    }
    EXPECT_TRUE(session->Run({&input, 1}).ok());
  }
  EXPECT_TRUE(session->Run({&input, 1}).ok());
}

TEST_F(SessionTest, TellsWhoComputesItsNodes) {
  std::vector<NetPlacement> placed;
  SessionOptions options;
  options.placed = &placed;
  const auto path = Write({kSquare, sizeof(kSquare) - 1});
  const auto session = Session::Load(path, {{"x", {-1}}}, {{"y", {-1}}}, options);
  ASSERT_TRUE(session.ok()) << session.status().message();
  const std::map<std::string, int> one = {{"CPUExecutionProvider", 1}};
  EXPECT_EQ((*session)->placement().nodes, one);
  ASSERT_EQ(placed.size(), 1u);
  EXPECT_EQ(placed[0].model, "square.onnx");
  EXPECT_EQ(placed[0].nodes, one);
  const auto asked = PlaceNet(path, {});
  ASSERT_TRUE(asked.ok()) << asked.status().message();
  EXPECT_EQ(asked->nodes, one);
  EXPECT_EQ(PlaceNet(Write("not a model"), {}).status().code(), StatusCode::kCorrupt);
  EXPECT_EQ(PlaceNet(folder_.path() / "none.onnx", {}).status().code(), StatusCode::kModelMissing);
}

TEST_F(SessionTest, ADeviceThatIsNotThereIsAnErrorAndNotTheProcessor) {
  const auto path = Write({kSquare, sizeof(kSquare) - 1});
  SessionOptions options;
  options.device = {Device::Kind::kCuda, 999};
  const auto session = Session::Load(path, {{"x", {-1}}}, {{"y", {-1}}}, options);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.status().code(), StatusCode::kDeviceUnavailable) << session.status().message();
  EXPECT_EQ(session.status().remedy(), Remedy::kUseCpu);
  EXPECT_THAT(session.status().message(), AllOf(HasSubstr("square.onnx"), HasSubstr("cuda:999")));
  EXPECT_EQ(PlaceNet(path, options.device).status().code(), StatusCode::kDeviceUnavailable);
}

// A net whose runtime has an arena of so many bytes, as a card has.
std::string RunInAnArenaOf(size_t bytes, const std::filesystem::path& model, int64_t rows) {
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  RuntimeEnvironment().CreateAndRegisterAllocator(memory, Ort::ArenaCfg(bytes, 1, 1 << 16, 0));
  Ort::SessionOptions options;
  options.DisableMemPattern();
  options.AddConfigEntry("session.use_env_allocators", "1");
  Ort::Session session(RuntimeEnvironment(), model.c_str(), options);
  std::vector<float> pixels(static_cast<size_t>(rows) * 3 * 24 * 24);
  const int64_t shape[] = {rows, 3, 24, 24};
  const Ort::Value input = Ort::Value::CreateTensor<float>(memory, pixels.data(), pixels.size(), shape, 4);
  const char* const name = "input";
  const char* const outputs[] = {"prob", "reg"};
  try {
    session.Run(Ort::RunOptions{nullptr}, &name, &input, 1, outputs, 2);
  } catch (const Ort::Exception& failure) {
    return failure.what();
  }
  return "";
}

TEST_F(SessionTest, AShortageIsKnownByHowTheRuntimeSaysIt) {
  CROSSFACE_NEEDS_MODEL("mtcnn_rnet");
  const auto path = *testing::Models().Find("mtcnn_rnet");
  const std::string failure = RunInAnArenaOf(2 << 20, path, 500);
  EXPECT_TRUE(IsShortOfMemory(failure)) << failure;
  for (const char* other :
       {"CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size);",
        "Failed to allocate memory for requested buffer of size 4294967296",
        "CUDNN failure 4002: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0",
        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0", "std::bad_alloc"}) {
    EXPECT_TRUE(IsShortOfMemory(other)) << other;
  }
  for (const char* other :
       {"", "CUDA failure 700: an illegal memory access was encountered ; GPU=0",
        "CUDNN failure 9: CUDNN_STATUS_NOT_SUPPORTED", "Got invalid dimensions for input: input"}) {
    EXPECT_FALSE(IsShortOfMemory(other)) << other;
  }
}

TEST_F(SessionTest, RowsGiveTheSameBitsHoweverManyRunTogether) {
  CROSSFACE_NEEDS_MODEL("mtcnn_rnet");
  const auto session = *Session::Load(*testing::Models().Find("mtcnn_rnet"), {{"input", {-1, 3, 24, 24}}},
                                      {{"prob", {-1, 2}}, {"reg", {-1, 4}}});
  constexpr int64_t kRows = 11;
  Tensor all{{kRows, 3, 24, 24}, std::vector<float>(kRows * 3 * 24 * 24)};
  for (size_t i = 0; i < all.data.size(); ++i) all.data[i] = static_cast<float>(i * 37 % 255) / 128 - 1;
  const auto whole = session->RunRows({&all, 1}, 1);
  ASSERT_TRUE(whole.ok()) << whole.status().message();
  EXPECT_THAT((*whole)[1].shape, ElementsAre(kRows, 4));
  for (const int64_t most : {1, 2, 3, 5, 8}) {
    RowBatches batches(most);
    const auto pieces =
        batches.Run([&](std::span<const Tensor> piece) { return session->Run(piece); }, {&all, 1}, 1);
    ASSERT_TRUE(pieces.ok()) << pieces.status().message();
    for (size_t i = 0; i < 2; ++i) EXPECT_EQ((*pieces)[i].data, (*whole)[i].data) << most;
  }
}

TEST_F(SessionTest, SaysWhatIsWrongWithAnInput) {
  const auto session = Square();
  for (const Tensor& wrong : {Tensor{{2}, {1}}, Tensor{{1, 1}, {1}}, Tensor{{-1}, {1}}, Tensor{{0}, {}},
                              Tensor{{-1, -1}, {1}}, Tensor{{int64_t{1} << 62}, {1, 2}}}) {
    const auto outputs = session->Run({&wrong, 1});
    ASSERT_FALSE(outputs.ok());
    EXPECT_EQ(outputs.status().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(outputs.status().message(),
                AllOf(HasSubstr("square.onnx"), HasSubstr("input x takes [any]")));
  }
  EXPECT_THROW((void)session->Run({}), std::logic_error);
}

TEST_F(SessionTest, AModelThatDiffersIsRefusedWithTheDifference) {
  const auto expect = [&](const TensorSpec& input, const TensorSpec& output, const std::string& message) {
    const auto session = LoadSquare(input, output);
    ASSERT_FALSE(session.ok()) << message;
    EXPECT_EQ(session.status().code(), StatusCode::kMismatch);
    EXPECT_THAT(session.status().message(), AllOf(HasSubstr("square.onnx"), HasSubstr(message)));
  };
  expect({"input", {-1}}, {"y", {-1}}, "no input named input (it has x)");
  expect({"x", {-1}}, {"score_8", {-1}}, "no output named score_8 (it has y)");
  expect({"x", {-1, 3}}, {"y", {-1}}, "input x has the shape [any] where [any, 3] was expected");
}

TEST_F(SessionTest, AnOutputOfAnotherSizeThanPromisedIsAnError) {
  const auto session = LoadSquare({"x", {-1}}, {"y", {4}});
  ASSERT_TRUE(session.ok()) << session.status().message();
  const Tensor four{{4}, {1, 2, 3, 4}}, three{{3}, {1, 2, 3}};
  EXPECT_TRUE((*session)->Run({&four, 1}).ok());
  EXPECT_EQ((*session)->Run({&three, 1}).status().code(), StatusCode::kMismatch);
}

TEST_F(SessionTest, FixedSizesOfARealNetAreChecked) {
  CROSSFACE_NEEDS_MODEL("mtcnn_rnet");
  const auto path = *testing::Models().Find("mtcnn_rnet");
  const auto load = [&](int64_t side, int64_t numbers) {
    return Session::Load(path, {{"input", {-1, 3, side, side}}}, {{"prob", {-1, 2}}, {"reg", {-1, numbers}}})
        .status();
  };
  EXPECT_TRUE(load(24, 4).ok()) << load(24, 4).message();
  EXPECT_THAT(load(48, 4).message(), HasSubstr("[any, 3, 48, 48] was expected"));
  EXPECT_EQ(load(24, 10).code(), StatusCode::kMismatch);
  const Status without_input = Session::Load(path, {}, {{"prob", {-1, 2}}}).status();
  EXPECT_THAT(without_input.message(), HasSubstr("0 inputs were expected and it has 1 (input)"));
}

TEST_F(SessionTest, FilesThatAreNoModelsAreErrorsThatNameTheFile) {
  const std::string_view square(kSquare, sizeof(kSquare) - 1);
  for (std::string_view bytes : {std::string_view(), std::string_view("not a model"), square.substr(0, 40)}) {
    const auto session = Session::Load(Write(bytes), {{"x", {-1}}}, {{"y", {-1}}});
    ASSERT_FALSE(session.ok());
    EXPECT_EQ(session.status().code(), StatusCode::kCorrupt);
    EXPECT_THAT(session.status().message(), HasSubstr("square.onnx"));
  }
  const auto missing = Session::Load(folder_.path() / "none.onnx", {}, {});
  EXPECT_EQ(missing.status().code(), StatusCode::kModelMissing);
  EXPECT_EQ(Session::Load(folder_.path(), {}, {}).status().code(), StatusCode::kModelMissing);
}

TEST_F(SessionTest, DenormalsAreZeroOnEveryThreadAndOnlyInsideTheNet) {
  // A thread takes over its maker's way with denormals: this one starts before any model is loaded.
  std::promise<const Session*> loaded;
  auto elsewhere = std::async(
      std::launch::async, [ready = loaded.get_future()]() mutable { return SquareOf(*ready.get(), 1e-20f); });
  const auto session = Square();
  loaded.set_value(session.get());
  EXPECT_EQ(SquareOf(*session, 1e-20f), 0);
  EXPECT_EQ(elsewhere.get(), 0);
  const volatile float small = 1e-20f;
  EXPECT_GT(small * small, 0);
}

TEST_F(SessionTest, ConcurrentRunsGiveTheBitsOfASingleOne) {
  CROSSFACE_NEEDS_MODEL("mtcnn_pnet");
  const auto session = *Session::Load(*testing::Models().Find("mtcnn_pnet"), {{"input", {-1, 3, -1, -1}}},
                                      {{"prob", {-1, 2, -1, -1}}, {"reg", {-1, 4, -1, -1}}});
  const auto input = [](int64_t side) {
    Tensor tensor{{1, 3, side, side}, std::vector<float>(static_cast<size_t>(3 * side * side))};
    for (size_t i = 0; i < tensor.data.size(); ++i)
      tensor.data[i] = static_cast<float>(i * 37 % 255) / 128 - 1;
    return tensor;
  };
  const auto regressions = [&](int64_t side) {
    const Tensor tensor = input(side);
    return (*session->Run({&tensor, 1}))[1].data;
  };
  const std::vector<int64_t> sides = {40, 61, 96, 133};
  std::vector<std::vector<float>> alone;
  alone.reserve(sides.size());
  for (int64_t side : sides) alone.push_back(regressions(side));
  std::vector<std::future<std::vector<float>>> together;
  for (int round = 0; round < 4; ++round) {
    for (int64_t side : sides) together.push_back(std::async(std::launch::async, regressions, side));
  }
  for (size_t i = 0; i < together.size(); ++i) EXPECT_EQ(together[i].get(), alone[i % sides.size()]);
}

}  // namespace
}  // namespace crossface
