#include "crossface/calibration/calibrate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "crossface/calibration/label_check.h"
#include "crossface/calibration/model_fit.h"
#include "crossface/embed/pair_scorer.h"
#include "crossface/util/counted.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"
#include "crossface/util/version.h"

namespace crossface {
namespace {

// Eight million pairs, which are a quarter of a gigabyte, and more people than a tail needs.
constexpr size_t kMostPhotos = 4000;
constexpr size_t kMostNamed = 6;  // photos of one kind in messages
constexpr double kMostDoubtful = 0.05;

bool IsBuiltIn(const std::string& model) {
  const auto& known = BuiltInPairCalibration().models;
  return std::any_of(known.begin(), known.end(), [&](const ModelCalibration& m) { return m.model == model; });
}

Result<std::vector<std::string>> ModelsToFit(const CalibrateOptions& options, const ModelStore& store) {
  std::vector<std::string> fitted;
  for (const std::string& name : options.embedders) {
    const ModelEntry* entry = FindModel(name);
    if (entry == nullptr || entry->role != ModelRole::kEmbedder)
      return Status(StatusCode::kInvalidArgument, fmt::format("no embedder is named {}; there are {}", name,
                                                              fmt::join(EmbedderNames(), ", ")));
    CROSSFACE_RETURN_IF_ERROR(store.Find(name).status());
    if (IsBuiltIn(name) && !options.replace_built_in)
      return Status(StatusCode::kInvalidArgument,
                    name + " comes with a calibration, fitted on more people than most have photos of",
                    Remedy::kOverride);
    if (std::find(fitted.begin(), fitted.end(), name) == fitted.end()) fitted.push_back(name);
  }
  if (!options.embedders.empty()) return fitted;
  for (const std::string& name : EmbedderNames()) {
    if (!IsBuiltIn(name) && store.Find(name).ok()) fitted.push_back(name);
  }
  if (fitted.empty())
    return Status(
        StatusCode::kInvalidArgument,
        "every embedding model that is installed comes with a calibration: there is nothing to fit");
  return fitted;
}

// The first few of these, and how many more there are.
std::string Named(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kMostNamed);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

// As many photos of each person as there is room for, the first by name; of too many people the first by
// name.
void LeaveOutWhatIsTooMany(LabelledPhotos* photos, CalibrateSummary* summary) {
  const size_t before = photos->photos.size();
  for (size_t most = before; photos->photos.size() > kMostPhotos && most >= 1; most = most * 3 / 4) {
    std::map<int, size_t> taken;
    std::erase_if(photos->photos, [&](const LabelledPhoto& photo) { return ++taken[photo.person] > most; });
  }
  if (photos->photos.size() > kMostPhotos) photos->photos.resize(kMostPhotos);
  summary->more_than_needed = static_cast<int64_t>(before - photos->photos.size());
}

class Calibration {
 public:
  Calibration(const CalibrateModels& models, const CalibrateOptions& options, CalibrateSummary* summary)
      : models_(models), options_(options), summary_(*summary) {
    for (const auto& embedder : models.tools.embedders)
      versions_.emplace_back(embedder->name(), embedder->sha256());
  }

  Status Run() {
    CROSSFACE_RETURN_IF_ERROR(FindKnown());
    CROSSFACE_RETURN_IF_ERROR(Read());
    CROSSFACE_RETURN_IF_ERROR(CheckPhotos());
    std::vector<FittedCalibration> fits;
    for (size_t column = 0; column < versions_.size(); ++column) {
      if (options_.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
      if (!IsFitted(versions_[column].first)) continue;
      CROSSFACE_ASSIGN_OR_RETURN(FittedCalibration fit, FitModel(faces_, versions_, column, known_));
      fit.replaces_built_in = IsBuiltIn(versions_[column].first);
      fit.made = UtcNow();
      fit.made_by = kVersion;
      AddModel(fit, known_.fitted, &known_.calibration);
      known_.fitted.push_back(fit);
      fits.push_back(std::move(fit));
    }
    for (const FittedCalibration& fit : fits) CROSSFACE_RETURN_IF_ERROR(Keep(fit));
    return Status();
  }

 private:
  bool IsFitted(const std::string& model) const {
    return std::find(models_.fitted.begin(), models_.fitted.end(), model) != models_.fitted.end();
  }

  // The calibration that stands, without what is to be fitted.
  Status FindKnown() {
    std::vector<ModelVersion> others;
    for (const ModelVersion& version : versions_) {
      if (!IsFitted(version.first)) others.push_back(version);
    }
    CROSSFACE_ASSIGN_OR_RETURN(known_, CalibrationOf(others, options_.calibrations));
    for (size_t column = 0; column < versions_.size(); ++column) {
      const auto& its = known_.calibration.models;
      const bool is_known = std::any_of(its.begin(), its.end(), [&](const ModelCalibration& model) {
        return model.model == versions_[column].first;
      });
      if (is_known && !IsFitted(versions_[column].first)) known_columns_.push_back(column);
    }
    if (!known_columns_.empty()) return Status();
    return Status(StatusCode::kModelMissing,
                  "no model that is calibrated already is installed, to look at the labels of the photos",
                  Remedy::kInstallModels);
  }

  Status Read() {
    CROSSFACE_ASSIGN_OR_RETURN(LabelledPhotos found, FindLabelledPhotos({options_.photos}));
    summary_.people = static_cast<int64_t>(found.people.size());
    summary_.photos = static_cast<int64_t>(found.photos.size());
    if (found.photos.empty())
      return Status(StatusCode::kNotFound, fmt::format("{} holds no folder of a person with photos in it",
                                                       DisplayPath(options_.photos)));
    Note(found.empty, "without photos");
    Note(Texts(found.of_nobody), "in no person's folder, left out");
    LeaveOutWhatIsTooMany(&found, &summary_);
    CROSSFACE_ASSIGN_OR_RETURN(LabelledFaces read, ReadLabelledFaces(found.photos, models_.tools,
                                                                     {.copies = 0,
                                                                      .degrade = {},
                                                                      .threads = options_.threads,
                                                                      .stop = options_.stop,
                                                                      .progress = options_.progress}));
    faces_ = std::move(read.faces);
    for (const LabelledPhoto& photo : found.photos) names_.push_back(DisplayPath(photo.path));
    std::vector<std::string> unreadable;
    for (const auto& [photo, why] : read.unreadable) unreadable.push_back(why.message());
    summary_.unreadable = Note(unreadable, "left out");
    summary_.faceless = Note(PhotosAt(read.faceless), "without a face that could be used, left out");
    summary_.several_faces =
        Note(PhotosAt(read.several), "with several faces, of which the middle one was taken");
    return Status();
  }

  // Takes out what no fit may see, and refuses labels that cannot be trusted.
  Status CheckPhotos() {
    std::vector<std::string> names;
    for (const size_t column : known_columns_) names.push_back(versions_[column].first);
    CROSSFACE_ASSIGN_OR_RETURN(const PairScorer scorer, PairScorer::Create(names, known_.calibration));
    std::set<size_t> out;
    std::vector<std::string> poor;
    for (size_t face = 0; face < faces_.size(); ++face) {
      if (faces_[face].quality.overall >= known_.calibration.tail_quality) continue;
      out.insert(face);
      poor.push_back(PhotoOf(face));
    }
    summary_.poor = Note(poor, "too poor to fit on, left out");
    Drop(out);
    const LabelFindings findings = CheckLabels(faces_, known_columns_, scorer);
    if (!findings.one_picture_two_names.empty()) {
      const auto& [one, other] = findings.one_picture_two_names.front();
      return Status(
          StatusCode::kUnsupported,
          fmt::format("{} and {} are one picture under two names, as are {} further pairs: remove the "
                      "wrong ones",
                      PhotoOf(one), PhotoOf(other), findings.one_picture_two_names.size() - 1));
    }
    return LeaveOutDoubtful(findings);
  }

  Status LeaveOutDoubtful(const LabelFindings& findings) {
    std::set<size_t> twice, doubtful(findings.unlike_own.begin(), findings.unlike_own.end());
    std::vector<std::string> alike, unlike, again;
    for (const auto& [first, second] : findings.one_picture_twice) twice.insert(second);
    for (const size_t face : twice) again.push_back(PhotoOf(face));
    for (const size_t face : findings.unlike_own) unlike.push_back(PhotoOf(face));
    for (const auto& [one, other] : findings.alike_under_two_names) {
      doubtful.insert({one, other});
      alike.push_back(PhotoOf(one) + " and " + PhotoOf(other));
    }
    summary_.one_picture_twice = Note(again, "are the same picture as another one of the person, left out");
    (void)Note(unlike, "look like somebody else than the other photos of the folder, left out");
    (void)Note(alike, "look like one person under two names, left out");
    summary_.doubtful = static_cast<int64_t>(doubtful.size());
    if (static_cast<double>(doubtful.size()) > kMostDoubtful * static_cast<double>(faces_.size()))
      return Status(
          StatusCode::kUnsupported,
          fmt::format("the labels cannot be trusted: {} of {} photos look like somebody else than their "
                      "folder says, such as {}; correct or remove them",
                      doubtful.size(), faces_.size(), PhotoOf(*doubtful.begin())));
    twice.insert(doubtful.begin(), doubtful.end());
    Drop(twice);
    summary_.used = static_cast<int64_t>(faces_.size());
    return Status();
  }

  Status Keep(const FittedCalibration& fit) {
    CROSSFACE_RETURN_IF_ERROR(WriteFittedCalibration(fit, options_.calibrations));
    CROSSFACE_ASSIGN_OR_RETURN(const std::filesystem::path file,
                               CalibrationFile(fit.model_sha256, options_.calibrations));
    summary_.models.push_back({.name = fit.numbers.model,
                               .sha256 = fit.model_sha256,
                               .file = file,
                               .people = fit.people,
                               .photos = fit.photos,
                               .same_pairs = fit.same_pairs,
                               .different_pairs = fit.different_pairs,
                               .weight = fit.numbers.weight,
                               .alone = fit.alone,
                               .together = fit.together,
                               .log_loss = fit.log_loss,
                               .equal_error_rate = fit.equal_error_rate});
    return Status();
  }

  void Drop(const std::set<size_t>& out) {
    std::vector<LabelledFace> kept;
    for (size_t face = 0; face < faces_.size(); ++face) {
      if (!out.contains(face)) kept.push_back(std::move(faces_[face]));
    }
    faces_ = std::move(kept);
  }

  std::string PhotoOf(size_t face) const { return names_[static_cast<size_t>(faces_[face].photo)]; }
  std::vector<std::string> PhotosAt(const std::vector<size_t>& photos) const {
    std::vector<std::string> named;
    named.reserve(photos.size());
    for (const size_t photo : photos) named.push_back(names_[photo]);
    return named;
  }
  static std::vector<std::string> Texts(const std::vector<std::filesystem::path>& paths) {
    std::vector<std::string> texts;
    texts.reserve(paths.size());
    for (const auto& path : paths) texts.push_back(DisplayPath(path));
    return texts;
  }
  int64_t Note(const std::vector<std::string>& what, const std::string& how) {
    if (!what.empty()) summary_.notes.push_back(fmt::format("{} {}: {}", what.size(), how, Named(what)));
    return static_cast<int64_t>(what.size());
  }

  const CalibrateModels& models_;
  const CalibrateOptions& options_;
  CalibrateSummary& summary_;
  std::vector<ModelVersion> versions_;  // per vector of the faces
  KnownCalibration known_;
  std::vector<size_t> known_columns_;
  std::vector<std::string> names_;  // of photos
  std::vector<LabelledFace> faces_;
};

}  // namespace

Result<CalibrateModels> LoadModels(const CalibrateOptions& options) {
  const ModelStore store(options.models);
  CalibrateModels loaded;
  CROSSFACE_ASSIGN_OR_RETURN(loaded.fitted, ModelsToFit(options, store));
  CROSSFACE_ASSIGN_OR_RETURN(const Device device, ResolveDevice(options.device));
  const SessionOptions session{.device = device, .threads_per_run = 1};
  CROSSFACE_ASSIGN_OR_RETURN(loaded.tools.finder, FaceFinder::Create(store, {}, session));
  for (const std::string& name : EmbedderNames()) {
    if (!store.Find(name).ok()) continue;
    const bool fitted = std::find(loaded.fitted.begin(), loaded.fitted.end(), name) != loaded.fitted.end();
    if (!fitted && !IsBuiltIn(name)) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::string sha256, store.InstalledHash(name));
      const auto before = ReadFittedCalibration({name, sha256}, options.calibrations);
      if (before.status().code() == StatusCode::kNotFound) continue;
      CROSSFACE_RETURN_IF_ERROR(before.status());
    }
    CROSSFACE_ASSIGN_OR_RETURN(std::unique_ptr<Embedder> embedder, CreateEmbedder(name, store, session));
    loaded.tools.embedders.push_back(std::move(embedder));
  }
  return loaded;
}

Status Calibrate(const CalibrateModels& models, const CalibrateOptions& options, CalibrateSummary* summary) {
  return Calibration(models, options, summary).Run();
}

}  // namespace crossface
