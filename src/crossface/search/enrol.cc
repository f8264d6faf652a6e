#include "crossface/search/enrol.h"

#include <fmt/format.h>

#include <algorithm>

#include "crossface/gallery/file_name.h"
#include "crossface/util/counted.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

Status CheckReferenceName(const std::string& name) {
  CROSSFACE_RETURN_IF_ERROR(CheckPersonName(name, 0));
  return CheckPersonName(WithReferenceMark(name));
}

class Enrolment {
 public:
  Enrolment(const EnrolOptions& options, const SearchModels& models, const std::vector<ReferenceFace>& known,
            std::vector<std::string>* warnings)
      : options_(options), models_(models), warnings_(*warnings) {
    for (const ReferenceFace& face : known)
      (CaseFolded(face.name) == CaseFolded(options.name) ? known_ : others_).push_back(face);
  }

  Result<std::vector<ReferenceFace>> Run(const std::vector<std::filesystem::path>& photos) {
    Status problem;
    for (const auto& path : photos) {
      const Status status = Take(path);
      if (status.ok()) continue;
      if (status.code() == StatusCode::kInterrupted || status.code() == StatusCode::kModelMissing)
        return status;
      if (problem.ok()) problem = status;
      if (photos.size() > 1) warnings_.push_back(status.message());
    }
    if (faces_.empty() && !problem.ok()) return problem;
    if (!options_.insist) CROSSFACE_RETURN_IF_ERROR(CheckAlike());
    return std::move(faces_);
  }

 private:
  Status Take(const std::filesystem::path& path) {
    CROSSFACE_ASSIGN_OR_RETURN(const Photo photo, ReadPhoto(path, models_, options_.stop));
    for (const std::string& warning : photo.warnings) warnings_.push_back(warning);
    const std::string name =
        options_.called.empty() ? DisplayPath(std::filesystem::absolute(path)) : options_.called;
    if (photo.faces.empty())
      return Status(
          StatusCode::kNoVideo,
          fmt::format("no face was found in {} ({}x{}): try a larger or sharper picture, or one that is "
                      "upright",
                      name, photo.width, photo.height));
    const auto count = Counted(static_cast<int64_t>(photo.faces.size()), "face");
    if (options_.face > photo.faces.size())
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("{} has {}, there is no face {}", name, count, options_.face));
    if (options_.face == 0 && photo.faces.size() > 1)
      return Status(StatusCode::kInvalidArgument, fmt::format("{} shows {}", name, count),
                    Remedy::kChooseFace);
    const PhotoFace& face = photo.faces[options_.face == 0 ? 0 : options_.face - 1];
    if (!face.clear && !options_.insist)
      return Status(
          StatusCode::kInvalidArgument,
          fmt::format(
              "the face in {} is small, blurred, covered or turned away (quality {:.2f}): it says too "
              "little of who somebody is",
              name, face.quality),
          Remedy::kOverride);
    ReferenceFace reference{.name = options_.name,
                            .photo = name,
                            .photo_sha256 = photo.sha256,
                            .width = photo.width,
                            .height = photo.height,
                            .box = face.detection.box,
                            .quality = face.quality,
                            .evidence = face.evidence,
                            .jpeg = face.jpeg,
                            .time = UtcNow(),
                            .vectors = face.templates};
    if (IsKnown(reference)) {
      warnings_.push_back(fmt::format("the face in {} is enrolled already", name));
      return Status();
    }
    const auto other = std::find_if(others_.begin(), others_.end(),
                                    [&](const ReferenceFace& each) { return IsSame(each, reference); });
    if (other != others_.end() && !options_.insist)
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("the face in {} is enrolled as {}", name, other->name), Remedy::kOverride);
    faces_.push_back(std::move(reference));
    return Status();
  }

  static bool IsSame(const ReferenceFace& one, const ReferenceFace& other) {
    return one.photo_sha256 == other.photo_sha256 && (one.box & other.box).area() > one.box.area() / 2;
  }

  bool IsKnown(const ReferenceFace& face) const {
    const auto is_same = [&](const ReferenceFace& other) { return IsSame(other, face); };
    return std::any_of(known_.begin(), known_.end(), is_same) ||
           std::any_of(faces_.begin(), faces_.end(), is_same);
  }

  // References that look like two people would name both.
  Status CheckAlike() const {
    if (faces_.empty() || faces_.front().vectors.empty()) return Status();
    std::vector<SearchEnsemble::Model> models;
    for (const FaceEmbedding& vector : faces_.front().vectors)
      models.push_back({vector.model, vector.model_sha256, static_cast<int>(vector.vector.size())});
    CROSSFACE_ASSIGN_OR_RETURN(const SearchEnsemble ensemble, SearchEnsemble::Of(models));
    std::vector<const ReferenceFace*> all;
    for (const ReferenceFace& face : known_) all.push_back(&face);
    for (const ReferenceFace& face : faces_) {
      for (const ReferenceFace* other : all) {
        const float score = ensemble.LogOdds(ensemble.VectorsOf(other->vectors), FactsOf(*other),
                                             ensemble.VectorsOf(face.vectors), FactsOf(face));
        if (score < 0)
          return Status(StatusCode::kInvalidArgument,
                        fmt::format("{} and {} look like two people", other->photo, face.photo),
                        Remedy::kOverride);
      }
      all.push_back(&face);
    }
    return Status();
  }

  static TemplateFacts FactsOf(const ReferenceFace& face) {
    return {face.quality, LeastCohort(face.evidence)};
  }

  const EnrolOptions& options_;
  const SearchModels& models_;
  std::vector<std::string>& warnings_;
  std::vector<ReferenceFace> known_, faces_;  // of the name
  std::vector<ReferenceFace> others_;         // known ones of other names
};

}  // namespace

Result<std::vector<ReferenceFace>> ReadReferences(const std::vector<std::filesystem::path>& photos,
                                                  const EnrolOptions& options, const SearchModels& models,
                                                  const std::vector<ReferenceFace>& known,
                                                  std::vector<std::string>* warnings) {
  CROSSFACE_RETURN_IF_ERROR(CheckReferenceName(options.name));
  return Enrolment(options, models, known, warnings).Run(photos);
}

}  // namespace crossface
