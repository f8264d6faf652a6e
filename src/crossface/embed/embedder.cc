#include "crossface/embed/embedder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "crossface/detect/align.h"
#include "crossface/inference/engine/row_batches.h"

namespace crossface {
namespace {

using Channels = std::array<float, 3>;
enum class Crop { kAligned, kSquareBox };

// What a net was trained to see, and how it is wired. A colour value v enters the net as (v - mean[c]) /
// scale[c]; both are in the order of the net's channels.
struct NetSpec {
  const char* name;
  int side;
  Crop crop;
  float margin;  // of Crop::kSquareBox, see BoxCrop
  bool rgb;      // else BGR
  Channels mean, scale;
  const char* input;
  const char* output;
  int dimensions;
  bool one_by_one = false;  // the file fixes the batch at one, or may do so
};

constexpr Channels kMiddle = {127.5f, 127.5f, 127.5f};
constexpr Channels kBy128 = {128, 128, 128};
constexpr Channels kUnscaled = {1, 1, 1};
constexpr Channels kZero = {0, 0, 0};
constexpr Channels kImageNetMean = {0.485f * 255, 0.456f * 255, 0.406f * 255};
constexpr Channels kImageNetDeviation = {0.229f * 255, 0.224f * 255, 0.225f * 255};
constexpr Channels kVggFaceMean = {93.5940f, 104.7624f, 129.1863f};
constexpr Channels kCaffeImageNetMean = {103.939f, 116.779f, 123.68f};
constexpr Crop kBox = Crop::kSquareBox;

// Best single accuracy first: the share of genuine pairs found at one false match in 1,000 among the LFW
// photos that bench/calibration is fitted on was .982, .980, .928, .861 and .534 for faceres. VGG-Face stands
// before it by what is published; nobody has measured it with this program, nor the three after the
// ArcFaces and the two of facenet-pytorch.
constexpr std::array<NetSpec, 11> kNets = {{
    {"arcface_ms1m", 112, Crop::kAligned, 0, false, kMiddle, kMiddle, "input", "output", 512},
    {"arcface_foamliu", 112, Crop::kAligned, 0, true, kImageNetMean, kImageNetDeviation, "input0", "output0",
     128},
    {"w600k_r50", 112, Crop::kAligned, 0, true, kMiddle, kMiddle, "input.1", "", 512, true},
    {"w600k_mbf", 112, Crop::kAligned, 0, true, kMiddle, kMiddle, "input.1", "", 512, true},
    {"sface", 112, Crop::kAligned, 0, true, kZero, kUnscaled, "data", "fc1", 128, true},
    {"facenet_vggface2", 160, kBox, 0.1f, true, kMiddle, kBy128, "input", "embedding", 512},
    {"inceptionresnetv1_casia", 160, kBox, 0.1f, true, kMiddle, kBy128, "input", "embedding", 512},
    {"facenet_pytorch_vggface2", 160, kBox, 0.1f, true, kMiddle, kBy128, "input", "embedding", 512},
    {"facenet_pytorch_casia", 160, kBox, 0.1f, true, kMiddle, kBy128, "input", "embedding", 512},
    {"vgg_face", 224, kBox, 0.1f, false, kVggFaceMean, kUnscaled, "input", "embedding", 4096},
    {"faceres_vggface2", 224, kBox, 0, false, kCaffeImageNetMean, kUnscaled, "input", "embedding", 1024},
}};

const NetSpec* FindNet(const std::string& name) {
  const auto found =
      std::find_if(kNets.begin(), kNets.end(), [&](const NetSpec& net) { return net.name == name; });
  return found == kNets.end() ? nullptr : &*found;
}

// The middle of the range of values: to the nets as little as can be.
const cv::Scalar kCover(127, 127, 127);
const cv::Rect kUpperFace(0, 0, 112, 66), kLowerFace(0, 70, 112, 42);
constexpr double kProbeBlur = 2;

// `aligned` is 112x112 and changed in place.
void Probe(FaceProbe probe, cv::Mat* aligned) {
  if (probe == FaceProbe::kUpperCovered) (*aligned)(kUpperFace).setTo(kCover);
  if (probe == FaceProbe::kLowerCovered) (*aligned)(kLowerFace).setTo(kCover);
  if (probe == FaceProbe::kBlurred) cv::GaussianBlur(*aligned, *aligned, {}, kProbeBlur);
}

cv::Mat CropFor(const NetSpec& net, const FacePicture& face) {
  if (net.crop == Crop::kAligned) {
    cv::Mat aligned = AlignedFace(face.bgr, face.landmarks);
    Probe(face.probe, &aligned);
    return aligned;
  }
  if (face.probe != FaceProbe::kNone) throw std::logic_error("only aligned faces are probed");
  return BoxCrop(face.bgr, face.box, net.margin, true, net.side);
}

// Writes the face as three planes of side x side floats.
void FillInput(const NetSpec& net, const FacePicture& face, float* planes) {
  const cv::Mat crop = CropFor(net, face);
  const size_t plane = static_cast<size_t>(net.side) * net.side;
  for (int y = 0; y < net.side; ++y) {
    const auto* row = crop.ptr<cv::Vec3b>(y);
    for (int x = 0; x < net.side; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const float value = row[x][net.rgb ? 2 - channel : channel];
        planes[channel * plane + static_cast<size_t>(y) * net.side + x] =
            (value - net.mean[channel]) / net.scale[channel];
      }
    }
  }
}

// Normalises `vector` to unit length and returns the length it had; empties it when that is zero or not
// finite.
float Normalise(std::vector<float>* vector) {
  double sum = 0;
  for (float value : *vector) sum += static_cast<double>(value) * value;
  const double norm = std::sqrt(sum);
  // Below this the direction is rounding noise.
  if (!std::isfinite(norm) || norm < 1e-6) {
    vector->clear();
    return 0;
  }
  for (float& value : *vector) value = static_cast<float>(value / norm);
  return static_cast<float>(norm);
}

class NetEmbedder : public Embedder {
 public:
  NetEmbedder(const NetSpec& net, std::unique_ptr<Session> session)
      : net_(net), name_(net.name), session_(std::move(session)) {}

  const std::string& name() const override { return name_; }
  const std::string& sha256() const override { return session_->sha256(); }
  int dimensions() const override { return net_.dimensions; }

  Result<std::vector<Embedding>> Embed(std::span<const FacePicture> faces) const override {
    std::vector<Embedding> embeddings;
    const size_t batch = net_.one_by_one ? 1 : faces.size();
    for (size_t from = 0; from < faces.size(); from += batch)
      CROSSFACE_RETURN_IF_ERROR(EmbedBatch(faces.subspan(from, batch), &embeddings));
    return embeddings;
  }

 private:
  Status EmbedBatch(std::span<const FacePicture> faces, std::vector<Embedding>* embeddings) const {
    const size_t size = static_cast<size_t>(net_.side) * net_.side * 3;
    Tensor input{{static_cast<int64_t>(faces.size()), 3, net_.side, net_.side},
                 std::vector<float>(faces.size() * size)};
    for (size_t i = 0; i < faces.size(); ++i) FillInput(net_, faces[i], input.data.data() + i * size);
    CROSSFACE_ASSIGN_OR_RETURN(
        const std::vector<Tensor> outputs,
        session_->RunRows({&input, 1}, kBytesPerInputByte * static_cast<int64_t>(size * sizeof(float))));
    const std::vector<float>& rows = outputs.front().data;
    const auto width = static_cast<ptrdiff_t>(net_.dimensions);
    for (size_t i = 0; i < faces.size(); ++i) {
      const auto begin = rows.begin() + static_cast<ptrdiff_t>(i) * width;
      Embedding embedding{.unit = {begin, begin + width}};
      embedding.norm = Normalise(&embedding.unit);
      embeddings->push_back(std::move(embedding));
    }
    return Status();
  }

  const NetSpec& net_;
  std::string name_;
  std::unique_ptr<Session> session_;
};

}  // namespace

Result<std::unique_ptr<Embedder>> CreateEmbedder(const std::string& name, const ModelStore& models,
                                                 const SessionOptions& options) {
  const NetSpec* net = FindNet(name);
  if (net == nullptr) {
    std::string known;
    for (const NetSpec& other : kNets) known += std::string(known.empty() ? "" : ", ") + other.name;
    return Status(StatusCode::kInvalidArgument, "no embedder is named " + name + "; there are " + known);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path file, models.Find(name));
  CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session,
                             Session::Load(file, {{net->input, {-1, 3, net->side, net->side}}},
                                           {{net->output, {-1, net->dimensions}}}, options));
  return std::unique_ptr<Embedder>(std::make_unique<NetEmbedder>(*net, std::move(session)));
}

std::vector<std::string> EmbedderNames() {
  std::vector<std::string> names;
  names.reserve(std::size(kNets));
  for (const NetSpec& net : kNets) names.emplace_back(net.name);
  return names;
}

std::vector<float> MakeTemplate(std::span<const std::vector<float>> vectors, std::span<const float> weights) {
  if (vectors.size() != weights.size()) throw std::logic_error("a template needs one weight per vector");
  if (vectors.empty()) return {};
  std::vector<double> sum(vectors.front().size());
  double total = 0;
  for (size_t i = 0; i < vectors.size(); ++i) {
    if (vectors[i].size() != sum.size())
      throw std::logic_error("vectors of different nets cannot form one template");
    if (!(weights[i] >= 0)) throw std::logic_error("a template's weights must not be negative");
    for (size_t d = 0; d < sum.size(); ++d) sum[d] += static_cast<double>(weights[i]) * vectors[i][d];
    total += weights[i];
  }
  if (!(total > 0)) return {};
  std::vector<float> mean(sum.size());
  for (size_t d = 0; d < sum.size(); ++d) mean[d] = static_cast<float>(sum[d] / total);
  Normalise(&mean);
  return mean;
}

float CosineSimilarity(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) throw std::logic_error("vectors of different nets cannot be compared");
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace crossface
