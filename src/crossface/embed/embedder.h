// Nets that turn a face into a vector whose direction says who it is: ArcFace (four), FaceNet,
// InceptionResnetV1, VGG-Face, SFace, and faceres under its own name. Each has its own crop and normalisation
// (shared facts: models/manifest.json).
//
// Embedders are immutable after creation; Embed() may be called from several threads at once.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "crossface/detect/detection.h"
#include "crossface/inference/engine/session.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

// What is done to a face before a net sees it, to learn what its vector depends on (identity_evidence.h).
enum class FaceProbe {
  kNone,
  kUpperCovered,  // brow to nose bridge painted over in grey
  kLowerCovered,  // nose tip to chin
  kBlurred,       // Gaussian of 2 px of the 112x112 aligned face
};

// A face to embed: the picture it is in (a frame or a cut-out with at least half a box of surroundings), and
// where.
struct FacePicture {
  cv::Mat bgr;                         // CV_8UC3
  cv::Rect2f box;                      // pixels of bgr
  Landmarks landmarks;                 // pixels of bgr
  FaceProbe probe = FaceProbe::kNone;  // only for nets that see the aligned face (the ArcFaces)
};

struct Embedding {
  std::vector<float> unit;  // L2-normalised; empty when the net gave no usable vector (zero or not finite)
  float norm = 0;           // length before normalisation (1 for nets that normalise inside)
};

class Embedder {
 public:
  virtual ~Embedder() = default;
  virtual const std::string& name() const = 0;    // manifest name, such as "arcface_ms1m"
  virtual const std::string& sha256() const = 0;  // of the installed model file: stored with every vector
  virtual int dimensions() const = 0;
  // As few runs of the net as memory allows. On the CPU the vector of a face does not depend on the other
  // faces, to the last bit; cards may choose other kernels for another number of faces, so callers form
  // batches that do not depend on timing. Throws std::logic_error for a probe where the net sees the box.
  // Errors: those of Session::Run.
  virtual Result<std::vector<Embedding>> Embed(std::span<const FacePicture> faces) const = 0;
};

// Errors: kModelMissing, other errors of Session::Load, kInvalidArgument for a name that is no embedder.
Result<std::unique_ptr<Embedder>> CreateEmbedder(const std::string& name, const ModelStore& models,
                                                 const SessionOptions& options = {});

// Names of all embedders in the manifest, best single accuracy first, and what is wrong with those that are
// not installed.
std::vector<std::string> EmbedderNames();

// The quality-weighted mean of unit vectors, normalised again; empty when there is none or they cancel out.
// All vectors must have one length; weights must not be negative.
std::vector<float> MakeTemplate(std::span<const std::vector<float>> vectors, std::span<const float> weights);

// Dot product of two vectors of one length.
float CosineSimilarity(std::span<const float> a, std::span<const float> b);

}  // namespace crossface
