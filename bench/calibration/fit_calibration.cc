// Fits what crossface knows about face quality and about pairs of faces, on labelled photos:
//   fit_calibration --quality --photos FOLDER ...    prints the weights of
//   src/crossface/detect/face_quality.cc fit_calibration --photos FOLDER ... --out FILE   writes
//   models/calibration.json
//   fit_calibration --few-people --copies 0 --photos FOLDER ...    prints how many people a user's own
//   calibration needs (crossface calibrate)
// A FOLDER holds one folder of photos per person. Both fit on every other person and print how well that does
// on the rest; what is printed as weights or written is then fitted on everybody.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "crossface/calibration/labelled_faces.h"
#include "crossface/calibration/pair_fit.h"
#include "crossface/calibration/pairs.h"
#include "crossface/util/file.h"
#include "degrade.h"
#include "few_people.h"
#include "quality_fit.h"
#include "report.h"

namespace crossface::bench {
namespace {

// The ensemble's say: equal for the ArcFaces, which tell strangers apart best; little for the others. On
// clean photos of LFW the two ArcFaces alone find .943 of the genuine pairs at one false match in 100,000,
// all four with 1/4 and 1/10 .940, with 1/2 and 1/4 .932, all alike .912; linear discriminants fitted on
// either half of the people give the others .04 to .16 and .01 to .08 of the larger ArcFace. The report shows
// the same on the people left out.
struct Say {
  const char* model;
  double weight;
};
constexpr std::array<Say, 5> kSay = {{{"arcface_ms1m", 1},
                                      {"arcface_foamliu", 1},
                                      {"facenet_vggface2", 0.25},
                                      {"inceptionresnetv1_casia", 0.1},
                                      {"faceres_vggface2", 0.1}}};
const std::vector<std::string> kEnsemble = {"arcface_ms1m", "arcface_foamliu"};

// Photos of LFW that show somebody else than their folder's name says, seen when the nets' worst mistakes
// were looked at: the first shows the man of Abdullah_Gul's folder, the second a man in Arab dress where the
// others show one in a suit.
constexpr std::array<std::string_view, 2> kMislabelled = {"Recep_Tayyip_Erdogan_0004.jpg",
                                                          "Mahmoud_Abbas_0012.jpg"};

Result<LabelledFaces> ReadFaces(const std::vector<std::filesystem::path>& folders, int copies,
                                const LabelledFaceTools& tools) {
  CROSSFACE_ASSIGN_OR_RETURN(LabelledPhotos found, FindLabelledPhotos(folders));
  std::erase_if(found.photos, [](const LabelledPhoto& photo) {
    return std::count(kMislabelled.begin(), kMislabelled.end(), photo.path.filename().string()) > 0;
  });
  const auto progress = [](int64_t done, int64_t total) {
    if (done % 50 == 0) fmt::print(stderr, "\r{} of {} photos", done, total);
  };
  CROSSFACE_ASSIGN_OR_RETURN(
      LabelledFaces faces,
      ReadLabelledFaces(found.photos, tools,
                        {.copies = copies, .degrade = Degrade, .stop = {}, .progress = progress}));
  fmt::print(stderr, "\r{} photos of {} people: {} faces; {} photos without, {} unreadable\n",
             found.photos.size(), found.people.size(), faces.faces.size(), faces.faceless.size(),
             faces.unreadable.size());
  return faces;
}

Result<LabelledFaceTools> LoadTools(bool arcfaces_only) {
  const ModelStore store;
  LabelledFaceTools tools;
  CROSSFACE_ASSIGN_OR_RETURN(tools.finder, FaceFinder::Create(store, {}, {}));
  for (const Say& say : kSay) {
    if (arcfaces_only && !std::string(say.model).starts_with("arcface")) continue;
    CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<Embedder> embedder, CreateEmbedder(say.model, store));
    tools.embedders.push_back(std::move(embedder));
  }
  return tools;
}

Status FitPairs(const std::vector<LabelledFace>& faces, const std::string& out) {
  std::vector<std::string> names;
  std::vector<double> weights;
  for (const Say& say : kSay) {
    names.emplace_back(say.model);
    weights.push_back(say.weight);
  }
  const auto even = [](int person) { return person % 2 == 0; };
  const auto odd = [](int person) { return person % 2 == 1; };
  const auto all = [](int) { return true; };
  {
    const PairCalibration half = FitCalibration(MakePairs(faces, even), names, weights, kEnsemble);
    fmt::print("Fitted on every other person, checked on the others:\n");
    const Pairs others = MakePairs(faces, odd);
    ReportDiscrimination(others, half);
    ReportCalibration(others, half, kEnsemble);
  }
  const Pairs pairs = MakePairs(faces, all);
  const PairCalibration calibration = FitCalibration(pairs, names, weights, kEnsemble);
  fmt::print("\nFitted on everybody:\n");
  ReportDiscrimination(pairs, calibration);
  return out.empty() ? Status() : WriteFileAtomically(out, PairCalibrationToJson(calibration));
}

Status Run(int argc, char** argv) {
  std::vector<std::string> folders;
  std::string out;
  bool quality = false;
  int copies = 1;
  CLI::App app("Fits face quality and pair scores on labelled photos.");
  app.add_option("--photos", folders, "Folders with one folder of photos per person")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_flag("--quality", quality, "Fit the weights of face quality instead of the pair scores");
  bool few = false;
  app.add_flag("--few-people", few, "Print how many people a user's own calibration needs");
  app.add_option("--copies", copies, "Degraded copies of each photo")->check(CLI::Range(0, 15));
  app.add_option("--out", out, "Where to write the calibration");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return Status(StatusCode::kInvalidArgument, app.help() + error.what());
  }
  CROSSFACE_ASSIGN_OR_RETURN(const LabelledFaceTools tools, LoadTools(quality));
  CROSSFACE_ASSIGN_OR_RETURN(const LabelledFaces read,
                             ReadFaces({folders.begin(), folders.end()}, copies, tools));
  const std::vector<LabelledFace>& faces = read.faces;
  if (faces.empty()) return Status(StatusCode::kNotFound, "no face was found in the photos");
  if (quality) {
    ReportQualityFit(faces);
    return Status();
  }
  if (few) {
    std::vector<ModelVersion> models;
    for (const auto& embedder : tools.embedders) models.emplace_back(embedder->name(), embedder->sha256());
    ReportFewPeople(faces, models);
    return Status();
  }
  return FitPairs(faces, out);
}

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) {
  const crossface::Status status = crossface::bench::Run(argc, argv);
  if (!status.ok()) fmt::print(stderr, "fit_calibration: {}\n", status.message());
  return status.ok() ? 0 : 1;
}
