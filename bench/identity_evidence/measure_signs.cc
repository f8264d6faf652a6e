// Measures the signs of identity evidence (embed/identity_evidence.h) and the vectors of the faces of photos,
// for fit_evidence.py: measure_signs FOLDER --out FILE, where FOLDER holds a folder of photos per kind of
// alteration.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <opencv2/imgcodecs.hpp>

#include "crossface/calibration/labelled_faces.h"
#include "crossface/detect/face_finder.h"
#include "crossface/detect/face_quality.h"
#include "crossface/embed/identity_evidence.h"

namespace crossface::bench {
namespace {

namespace fs = std::filesystem;

// One row: the norms by both nets, probes by each, and the vectors. Empty when no face was found.
Result<std::string> Measure(const fs::path& photo, const LabelledFaceTools& tools) {
  const cv::Mat bgr = cv::imread(photo.string(), cv::IMREAD_COLOR);
  if (bgr.empty()) return Status(StatusCode::kCorrupt, photo.string() + " is no picture");
  CROSSFACE_ASSIGN_OR_RETURN(const Detection found, CentralFace(bgr, *tools.finder));
  if (found.score == 0) return std::string();
  const FaceQuality quality = MeasureQuality(bgr, found);
  const FacePicture picture{bgr, found.box, found.landmarks};
  std::string row =
      fmt::format("{},{},{},{},{},{}", photo.parent_path().filename().string(), photo.stem().string(),
                  quality.overall, quality.size, quality.yaw, found.score);
  std::string vectors;
  for (const auto& embedder : tools.embedders) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Embedding> own, embedder->Embed({&picture, 1}));
    if (own[0].unit.empty()) return std::string();
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<IdentitySigns> signs,
                               MeasureIdentitySigns(picture, found.score, std::span(&embedder, 1), own));
    if (!signs) return std::string();
    if (embedder == tools.embedders.front()) row += fmt::format(",{}", signs->proportion);
    row += fmt::format(",{},{},{},{}", own[0].norm, signs->upper, signs->lower, signs->blur);
    vectors += fmt::format(",{}", fmt::join(own[0].unit, " "));
  }
  return row + vectors + "\n";
}

Status Run(int argc, char** argv) {
  std::string folder, out;
  CLI::App app("Measures the signs of identity evidence of photos.");
  app.add_option("folder", folder, "Holds a folder of photos per kind")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--out", out, "Where to write the table")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return Status(StatusCode::kInvalidArgument, app.help() + error.what());
  }
  const ModelStore store;
  LabelledFaceTools tools;
  CROSSFACE_ASSIGN_OR_RETURN(tools.finder, FaceFinder::Create(store, {}, {}));
  for (const char* name : {"arcface_ms1m", "arcface_foamliu"}) {
    CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<Embedder> embedder, CreateEmbedder(name, store));
    tools.embedders.push_back(std::move(embedder));
  }
  std::vector<fs::path> photos;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) photos.push_back(entry.path());
  }
  std::sort(photos.begin(), photos.end());
  std::ofstream table(out);
  table << "kind,photo,quality,size,yaw,score,proportion,norm_ms1m,upper_ms1m,lower_ms1m,blur_ms1m,norm_"
           "foamliu,"
           "upper_foamliu,lower_foamliu,blur_foamliu,ms1m,foamliu\n";
  for (const fs::path& photo : photos) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::string row, Measure(photo, tools));
    table << row;
  }
  table.close();
  return table ? Status() : Status(StatusCode::kIo, "cannot write " + out);
}

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) {
  const crossface::Status status = crossface::bench::Run(argc, argv);
  if (!status.ok()) fmt::print(stderr, "measure_signs: {}\n", status.message());
  return status.ok() ? 0 : 1;
}
