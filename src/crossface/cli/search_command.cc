#include "crossface/cli/search_command.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "crossface/cli/case_writer.h"
#include "crossface/export/case_view.h"
#include "crossface/search/search_case.h"
#include "crossface/util/counted.h"
#include "crossface/util/text.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

struct Options {
  std::vector<std::filesystem::path> photos;
  std::filesystem::path case_folder, models = ModelStore::DefaultFolder();
  std::string device = "auto";
  size_t face = 0;  // 0: all
  size_t limit = 10;
  bool same_person = false, exact = false;
};

// What is searched for: a face of a photo, or several of one person.
struct Query {
  std::string told;
  nlohmann::json faces;  // photo and number of each
  PhotoFace face;
};

double Log10(float log_odds) { return log_odds / std::numbers::ln10; }

std::string StateName(SearchIndex::State state) {
  switch (state) {
    case SearchIndex::State::kLoaded:
      return "as it was";
    case SearchIndex::State::kUpdated:
      return "brought up to date";
    case SearchIndex::State::kBuilt:
      return "made anew";
  }
  throw std::logic_error("StateName: no such state");
}

nlohmann::json BoxJson(const cv::Rect2f& box) {
  return {{"x", box.x}, {"y", box.y}, {"w", box.width}, {"h", box.height}};
}

nlohmann::json PhotoJson(const Photo& photo) {
  nlohmann::json faces = nlohmann::json::array();
  for (const PhotoFace& face : photo.faces) {
    faces.push_back({{"number", face.number},
                     {"box", BoxJson(face.detection.box)},
                     {"score", face.detection.score},
                     {"quality", face.quality},
                     {"clear", face.clear}});
  }
  return {{"photo", DisplayPath(photo.path)}, {"sha256", photo.sha256},     {"width", photo.width},
          {"height", photo.height},           {"warnings", photo.warnings}, {"faces", std::move(faces)}};
}

nlohmann::json HitJson(const SearchHit& hit, size_t rank) {
  nlohmann::json json = {{"rank", rank},
                         {"likely", hit.likely},
                         {"log_odds", hit.log_odds},
                         {"log10_likelihood_ratio", Log10(hit.log_odds)},
                         {"probability", hit.probability},
                         {"expected_strangers", hit.expected_strangers},
                         {"source", hit.source},
                         {"source_sha256", hit.source_sha256},
                         {"track", hit.track},
                         {"start_ms", Milliseconds(hit.start_us)},
                         {"end_ms", Milliseconds(hit.end_us)},
                         {"best_face",
                          {{"face", hit.face},
                           {"frame", hit.frame},
                           {"pts", hit.pts},
                           {"time_base", {hit.time_base_num, hit.time_base_den}},
                           {"time_ms", Milliseconds(hit.time_us)},
                           {"box", BoxJson(hit.box)},
                           {"quality", hit.quality}}},
                         {"picture", hit.picture},
                         {"person", nullptr}};
  if (hit.person_id != 0)
    json["person"] = {{"id", hit.person_id}, {"name", hit.person}, {"ignored", hit.ignored}};
  return json;
}

std::string HitLine(const SearchHit& hit, size_t rank) {
  const std::string strangers =
      hit.expected_strangers < 0.001 ? "<0.001" : fmt::format("{:.3g}", hit.expected_strangers);
  const std::string person =
      hit.person_id == 0 ? "nobody yet" : hit.person + (hit.ignored ? " (ignored)" : "");
  return fmt::format("{:>4}  {}  {:>11.3f}  {:>+8.1f}  {:>9}  {}  {} - {}  {}:{}  {}  {}", rank,
                     hit.likely ? "likely" : "      ", hit.probability, Log10(hit.log_odds), strangers,
                     Timecode(Milliseconds(hit.time_us)), Timecode(Milliseconds(hit.start_us)),
                     Timecode(Milliseconds(hit.end_us)), hit.source, hit.track, person, hit.picture);
}

class SearchRun {
 public:
  SearchRun(const Options& options, const CommonOptions& common, Terminal& terminal)
      : options_(options), terminal_(terminal), writer_(options.case_folder, common, terminal) {}

  ExitCode Run() {
    const Status status = Search();
    return writer_.End(status, plain_, any_likely_ ? kExitDone : kExitNothingFound);
  }

 private:
  Status Search() {
    CROSSFACE_RETURN_IF_ERROR(writer_.Open(""));
    const SearchOptions search{
        .exact = options_.exact, .keep_going = KeepGoing, .building = [this](int64_t tracks) {
          terminal_.Note(
              fmt::format("putting {} into the index of the search, once", Counted(tracks, "track")));
        }};
    CROSSFACE_ASSIGN_OR_RETURN(const CaseSearcher searcher, CaseSearcher::Open(writer_.gallery(), search));
    CROSSFACE_ASSIGN_OR_RETURN(
        const SearchModels models,
        SearchModels::Load(writer_.gallery(), searcher.ensemble(), options_.models, options_.device));
    for (const std::string& warning : searcher.warnings()) Warn(warning);
    for (const std::string& warning : models.warnings) Warn(warning);
    TellCase(searcher);
    CROSSFACE_RETURN_IF_ERROR(ReadPhotos(searcher, models));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<Query> queries, ChooseFaces());
    if (options_.same_person) queries = {Combined(searcher, queries)};
    for (const Query& query : queries) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SearchHit> hits,
                                 searcher.Search(query.face, options_.limit));
      Tell(query, hits, searcher);
    }
    return Status();
  }

  void Warn(const std::string& text) {
    terminal_.Warn(text);
    writer_.answer()["warnings"].push_back(text);
  }

  void TellCase(const CaseSearcher& searcher) {
    nlohmann::json& answer = writer_.answer();
    answer["tracks"] = searcher.compared_tracks();
    answer["tracks_not_compared"] = searcher.other_tracks();
    answer["exact"] = searcher.exact();
    if (!searcher.exact()) answer["index"] = StateName(searcher.index_state());
    answer["prior_odds"] = fmt::format("1:{}", searcher.compared_tracks());
    answer["models"] = nlohmann::json::array();
    for (const auto& model : searcher.ensemble().models())
      answer["models"].push_back({{"name", model.name}, {"sha256", model.sha256}});
    if (searcher.other_tracks() > 0)
      Warn(fmt::format("{} no vector of the models in use and not compared",
                       Counted(searcher.other_tracks(), "track has", "tracks have")));
  }

  // A photo that cannot be read or shows no face is told and passed over, unless no other has a face.
  Status ReadPhotos(const CaseSearcher& searcher, const SearchModels& models) {
    writer_.answer()["photos"] = nlohmann::json::array();
    Status problem;
    for (const auto& path : options_.photos) {
      auto photo = ReadPhoto(path, models, searcher.ensemble(), KeepGoing);
      Status status = photo.status();
      if (photo.ok()) {
        for (const std::string& warning : photo->warnings) Warn(warning);
        writer_.answer()["photos"].push_back(PhotoJson(*photo));
        if (photo->faces.empty()) {
          status = Status(StatusCode::kNoVideo,
                          fmt::format("no face was found in {} ({}x{}): try a larger or sharper picture, one "
                                      "that is upright, or a part of it that shows the head with some "
                                      "surroundings",
                                      DisplayPath(path), photo->width, photo->height));
        } else {
          photos_.push_back(std::move(*photo));
        }
      }
      if (status.code() == StatusCode::kInterrupted) return status;
      if (status.ok()) continue;
      if (problem.ok()) problem = status;
      if (options_.photos.size() > 1) Warn(status.message());
    }
    if (photos_.empty()) return problem;
    return Status();
  }

  Result<std::vector<Query>> ChooseFaces() {
    std::vector<Query> queries;
    for (const Photo& photo : photos_) {
      if (options_.face > photo.faces.size()) {
        return Status(StatusCode::kInvalidArgument,
                      fmt::format("{} has {}, there is no face {}", DisplayPath(photo.path),
                                  Counted(static_cast<int64_t>(photo.faces.size()), "face"), options_.face));
      }
      TellFaces(photo);
      for (const PhotoFace& face : photo.faces) {
        const auto wanted =
            static_cast<int>(options_.same_person ? std::max<size_t>(1, options_.face) : options_.face);
        if (wanted != 0 && face.number != wanted) continue;
        queries.push_back(QueryOf(photo, face));
        if (!face.clear)
          Warn(fmt::format("face {} of {} is small, blurred or turned away (quality {:.2f}): it says little",
                           face.number, DisplayPath(photo.path), face.quality));
      }
    }
    return queries;
  }

  static Query QueryOf(const Photo& photo, const PhotoFace& face) {
    return {.told = fmt::format("face {} of {}", face.number, DisplayPath(photo.path)),
            .faces = nlohmann::json::array({{{"photo", DisplayPath(photo.path)}, {"face", face.number}}}),
            .face = face};
  }

  void TellFaces(const Photo& photo) {
    plain_ += fmt::format("{}{}: {} face{}\n", plain_.empty() ? "" : "\n", DisplayPath(photo.path),
                          photo.faces.size(), photo.faces.size() == 1 ? "" : "s, the largest first");
    for (const PhotoFace& face : photo.faces) {
      const cv::Rect2f& box = face.detection.box;
      plain_ += fmt::format("  face {}: {:.0f}x{:.0f} pixels at {:.0f},{:.0f}, quality {:.2f}\n", face.number,
                            box.width, box.height, box.x, box.y, face.quality);
    }
  }

  // Warns where two of the faces look like two people more than like one.
  Query Combined(const CaseSearcher& searcher, const std::vector<Query>& queries) {
    Query combined{.told = fmt::format("{} faces as one person", queries.size()),
                   .faces = nlohmann::json::array()};
    std::vector<PhotoFace> faces;
    for (const Query& query : queries) {
      for (size_t i = 0; i < faces.size(); ++i) {
        const float score = searcher.ensemble().LogOdds(faces[i].vectors, faces[i].facts(),
                                                        query.face.vectors, query.face.facts());
        if (score < 0) Warn(fmt::format("{} and {} look like two people", queries[i].told, query.told));
      }
      faces.push_back(query.face);
      combined.faces.push_back(query.faces.front());
    }
    combined.face = CombineFaces(faces);
    return combined;
  }

  void Tell(const Query& query, const std::vector<SearchHit>& hits, const CaseSearcher& searcher) {
    nlohmann::json told = {{"faces", query.faces}, {"hits", nlohmann::json::array()}};
    const auto likely =
        std::count_if(hits.begin(), hits.end(), [](const SearchHit& hit) { return hit.likely; });
    plain_ +=
        fmt::format("\n{}, among {}{}: {}\n", Printable(query.told),
                    Counted(searcher.compared_tracks(), "track"), searcher.exact() ? "" : " (by the index)",
                    likely > 0 ? fmt::format("{} likely", likely)
                               : "no track is likely to show this person; the nearest are");
    plain_ +=
        "rank          probability  log10 LR  strangers  best face     appearance                     "
        "source:track  person  picture\n";
    for (size_t i = 0; i < hits.size(); ++i) {
      told["hits"].push_back(HitJson(hits[i], i + 1));
      plain_ += HitLine(hits[i], i + 1) + '\n';
    }
    told["likely"] = likely;
    any_likely_ = any_likely_ || likely > 0;
    writer_.answer()["queries"].push_back(std::move(told));
  }

  const Options& options_;
  Terminal& terminal_;
  CaseWriter writer_;
  std::vector<Photo> photos_;
  std::string plain_;
  bool any_likely_ = false;
};

}  // namespace

void DeclareSearch(CLI::App& app, CommonOptions* common, std::function<ExitCode(Terminal&)>* chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("search", "who in the case is the person of a photo?");
  verb->add_option("photos", options->photos, "pictures with the face to look for")
      ->required()
      ->type_name("PHOTO");
  verb->add_option("--case", options->case_folder, "folder of the case")->required()->type_name("FOLDER");
  verb->add_option("--face", options->face, "only this face of each photo, 1 being the largest")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  verb->add_flag(
      "--same-person", options->same_person,
      "the photos show one person: search with all of them together (with the largest face of each, or "
      "that of --face)");
  verb->add_option("--limit", options->limit, "how many tracks to list per face")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_flag("--exact", options->exact, "compare with every track, in a large case too");
  verb->add_option("--models", options->models, "folder of the installed models")->type_name("FOLDER");
  verb->add_option("--device", options->device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  verb->add_flag("--json", common->json, "print one JSON document to stdout");
  verb->add_flag("-q,--quiet", common->quiet, "no notes; warnings and errors stay");
  verb->final_callback(
      [=] { *chosen = [=](Terminal& terminal) { return SearchRun(*options, *common, terminal).Run(); }; });
}

}  // namespace crossface
