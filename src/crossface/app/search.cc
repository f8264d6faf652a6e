// CaseService: who is the person of a photo?
#include <fmt/format.h>

#include <algorithm>

#include "crossface/app/case_run.h"
#include "crossface/app/case_service.h"
#include "crossface/search/search_case.h"
#include "crossface/util/counted.h"
#include "crossface/util/text.h"

namespace crossface {
namespace {

// What is searched for, with its vectors.
struct Sought {
  SearchAnswer::Query query;
  PhotoFace face;
};

PhotoAnswer Answer(const Photo& photo) {
  PhotoAnswer answer{.path = photo.path,
                     .sha256 = photo.sha256,
                     .width = photo.width,
                     .height = photo.height,
                     .warnings = photo.warnings};
  for (const PhotoFace& face : photo.faces) {
    const cv::Rect2f& box = face.detection.box;
    answer.faces.push_back({.number = face.number,
                            .box = {box.x, box.y, box.width, box.height},
                            .score = face.detection.score,
                            .quality = face.quality,
                            .clear = face.clear});
  }
  return answer;
}

class PhotoSearch {
 public:
  PhotoSearch(const SearchRequest& request, const Watch& watch, SearchAnswer* answer)
      : request_(request), watch_(watch), answer_(answer) {}

  Status Run(const Gallery& gallery) {
    const SearchOptions options{
        .exact = request_.exact, .stop = watch_.stop, .building = [this](int64_t tracks) {
          watch_.to().OnWork(
              {.name = "putting tracks into the index of the search, once", .done = 0, .total = tracks});
        }};
    CROSSFACE_ASSIGN_OR_RETURN(const CaseSearcher searcher, CaseSearcher::Open(gallery, options));
    CROSSFACE_ASSIGN_OR_RETURN(
        const SearchModels models,
        SearchModels::Load(gallery, searcher.ensemble(), request_.models, request_.device));
    for (const std::string& warning : searcher.warnings()) Warn(warning);
    for (const std::string& warning : models.warnings) Warn(warning);
    AnswerCase(searcher);
    CROSSFACE_RETURN_IF_ERROR(ReadPhotos(searcher, models));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Sought> sought, ChooseFaces());
    if (request_.same_person) sought = {Combined(searcher, sought)};
    for (Sought& one : sought) {
      CROSSFACE_ASSIGN_OR_RETURN(one.query.hits, searcher.Search(one.face, request_.limit));
      one.query.likely = std::count_if(one.query.hits.begin(), one.query.hits.end(),
                                       [](const SearchHit& hit) { return hit.likely; });
      answer_->queries.push_back(std::move(one.query));
    }
    return Status();
  }

 private:
  void Warn(const std::string& text) {
    watch_.to().OnWarning(text);
    answer_->warnings.push_back(text);
  }

  void AnswerCase(const CaseSearcher& searcher) {
    answer_->of_case = SearchAnswer::Case{.tracks = searcher.compared_tracks(),
                                          .tracks_not_compared = searcher.other_tracks(),
                                          .exact = searcher.exact(),
                                          .index = searcher.index_state()};
    for (const auto& model : searcher.ensemble().models())
      answer_->of_case->models.emplace_back(model.name, model.sha256);
    if (searcher.other_tracks() > 0)
      Warn(fmt::format("{} no vector of the models in use and not compared",
                       Counted(searcher.other_tracks(), "track has", "tracks have")));
  }

  // A photo that cannot be read or shows no face is told and passed over, unless no other has a face.
  Status ReadPhotos(const CaseSearcher& searcher, const SearchModels& models) {
    Status problem;
    for (const auto& path : request_.photos) {
      auto photo = ReadPhoto(path, models, searcher.ensemble(), watch_.stop);
      Status status = photo.status();
      if (photo.ok()) {
        for (const std::string& warning : photo->warnings) Warn(warning);
        if (photo->faces.empty())
          status = Status(StatusCode::kNoVideo,
                          fmt::format("no face was found in {} ({}x{}): try a larger or sharper picture, one "
                                      "that is upright, or a part of it that shows the head with some "
                                      "surroundings",
                                      DisplayPath(path), photo->width, photo->height));
        answer_->photos.push_back(Answer(*photo));
        photos_.push_back(std::move(*photo));
      }
      if (status.code() == StatusCode::kInterrupted) return status;
      if (status.ok()) continue;
      if (problem.ok()) problem = status;
      if (request_.photos.size() > 1) Warn(status.message());
    }
    const bool any =
        std::any_of(photos_.begin(), photos_.end(), [](const Photo& photo) { return !photo.faces.empty(); });
    return any ? Status() : problem;
  }

  Result<std::vector<Sought>> ChooseFaces() {
    std::vector<Sought> sought;
    for (const Photo& photo : photos_) {
      if (photo.faces.empty()) continue;
      if (request_.face > photo.faces.size()) {
        return Status(StatusCode::kInvalidArgument,
                      fmt::format("{} has {}, there is no face {}", DisplayPath(photo.path),
                                  Counted(static_cast<int64_t>(photo.faces.size()), "face"), request_.face));
      }
      for (const PhotoFace& face : photo.faces) {
        const auto wanted =
            static_cast<int>(request_.same_person ? std::max<size_t>(1, request_.face) : request_.face);
        if (wanted != 0 && face.number != wanted) continue;
        const std::string name = DisplayPath(photo.path);
        sought.push_back({.query = {.told = fmt::format("face {} of {}", face.number, name),
                                    .faces = {{name, face.number}}},
                          .face = face});
        if (!face.clear)
          Warn(fmt::format("face {} of {} is small, blurred or turned away (quality {:.2f}): it says little",
                           face.number, name, face.quality));
      }
    }
    return sought;
  }

  // Warns where two of the faces look like two people more than like one.
  Sought Combined(const CaseSearcher& searcher, const std::vector<Sought>& sought) {
    Sought combined{.query = {.told = fmt::format("{} faces as one person", sought.size())}};
    std::vector<PhotoFace> faces;
    for (const Sought& one : sought) {
      for (size_t i = 0; i < faces.size(); ++i) {
        const float score = searcher.ensemble().LogOdds(faces[i].vectors, faces[i].facts(), one.face.vectors,
                                                        one.face.facts());
        if (score < 0)
          Warn(fmt::format("{} and {} look like two people", sought[i].query.told, one.query.told));
      }
      faces.push_back(one.face);
      combined.query.faces.push_back(one.query.faces.front());
    }
    combined.face = CombineFaces(faces);
    return combined;
  }

  const SearchRequest& request_;
  const Watch& watch_;
  SearchAnswer* answer_;
  std::vector<Photo> photos_;  // all that could be read
};

}  // namespace

Ending CaseService::Search(const SearchRequest& request, const Watch& watch, SearchAnswer* answer) const {
  CaseRun run(case_folder_, watch);
  const auto all = [&]() -> Status {
    CROSSFACE_RETURN_IF_ERROR(run.OpenToLook());
    return PhotoSearch(request, watch, answer).Run(run.gallery());
  };
  Status status = all();
  const bool likely = std::any_of(answer->queries.begin(), answer->queries.end(),
                                  [](const SearchAnswer::Query& query) { return query.likely > 0; });
  return run.End(std::move(status), likely ? kExitDone : kExitNothingFound);
}

}  // namespace crossface
