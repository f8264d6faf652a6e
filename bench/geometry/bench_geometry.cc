// What a scan would decide of the geometry of sources, as they are and as if they had been stored turned or
// squeezed: one CSV row per source and alteration, the decision and every probed face's identity evidence
// under every change.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <opencv2/imgcodecs.hpp>

#include "crossface/detect/fusion.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/source_geometry.h"
#include "crossface/scan/track_builder.h"

namespace crossface::bench {
namespace {

struct Alteration {
  const char* name;
  WantedGeometry geometry;
};

const std::vector<Alteration> kAlterations = {{"none", {}},
                                              {"turn90", {.clockwise = 90}},
                                              {"turn180", {.clockwise = 180}},
                                              {"turn270", {.clockwise = 270}},
                                              {"wide2", {.pixel_aspect = Aspect{2, 1}}},
                                              {"high2", {.pixel_aspect = Aspect{1, 2}}}};

// As tracks of one face each: the bench has no tracker, and the scan takes one face a track.
Status Measure(const SourceFile& file, const Alteration& alteration, const ScanModels& models, int faces) {
  CROSSFACE_ASSIGN_OR_RETURN(const auto reader, OpenSource(file.path, {.geometry = alteration.geometry}));
  SourceGeometry geometry;
  int64_t next_us = 0;
  int found = 0;
  std::string evidences;
  while (found < faces) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader->Next());
    if (!frame) break;
    if (frame->time_us < next_us) continue;
    next_us = frame->time_us + 1'000'000;
    CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat bgr, frame->picture->Bgr());
    geometry.Add(*frame);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Detection> seen, models.finder->Find(bgr, true));
    for (const Detection& face : seen) {
      TrackBuilder builder(0, false);
      builder.Add(DescribeFace(bgr, {.frame = *frame}, face));
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, builder.Finish(models));
      for (const TrackRecord& track : tracks) {
        CROSSFACE_RETURN_IF_ERROR(geometry.Add(track));
        evidences += fmt::format(" {:.2f}", track.evidence);
        ++found;
      }
    }
  }
  CROSSFACE_ASSIGN_OR_RETURN(const auto change, geometry.Decide(models));
  fmt::print("{},{},{},{},{}\n", file.name, alteration.name, found,
             change ? fmt::format("{} {}", change->clockwise, change->stretch.ToString()) : "", evidences);
  return Status();
}

int Run(int argc, char** argv) {
  CLI::App app("bench_geometry: what is found of the geometry of sources, upright and altered");
  std::vector<std::filesystem::path> sources;
  int faces = 8;
  std::vector<std::string> only;
  app.add_option("sources", sources, "videos, pictures, folders")->required();
  app.add_option("--faces", faces, "of each source")->capture_default_str();
  app.add_option("--only", only, "alterations");
  CLI11_PARSE(app, argc, argv);
  const auto search = FindSources(sources);
  const auto models = ScanModels::Load({});
  if (!search.ok() || !models.ok()) {
    fmt::print(stderr, "{}{}\n", search.status().message(), models.status().message());
    return 1;
  }
  fmt::print("source,alteration,faces,found,evidence\n");
  for (const SourceFile& file : search->files) {
    for (const Alteration& alteration : kAlterations) {
      if (!only.empty() && std::find(only.begin(), only.end(), alteration.name) == only.end()) continue;
      if (const Status status = Measure(file, alteration, *models, faces); !status.ok())
        fmt::print(stderr, "{}: {}\n", file.name, status.message());
    }
  }
  return 0;
}

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) { return crossface::bench::Run(argc, argv); }
