// What a scan of drawn films has to do with, and its results as text to compare.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <vector>

#include "crossface/gallery/gallery.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/testing/fake_models.h"

namespace crossface::testing {

// `looking`, `embedding`: called before each look and each batch.
inline ScanModels FakeModels(const std::function<void()>& looking = {},
                             const std::function<void()>& embedding = {}) {
  std::vector<std::unique_ptr<Embedder>> embedders;
  for (const std::string& name : DefaultEmbedders())
    embedders.push_back(std::make_unique<FakeEmbedder>(name, embedding));
  return ScanModels::With(FakeFinder(looking), std::move(embedders), {});
}

inline std::string AsText(const std::vector<FaceEmbedding>& embeddings) {
  std::string text;
  for (const FaceEmbedding& embedding : embeddings)
    text += fmt::format(" {} [{}]", embedding.model, fmt::join(embedding.vector, " "));
  return text;
}

// Every number that a scan found, but for ids.
inline std::string AsText(const TrackRecord& track) {
  std::string text = fmt::format("track {} shot {} {}..{} quality {} evidence {} forms {}{}\n", track.number,
                                 track.shot, track.start_us, track.end_us, track.quality, track.evidence,
                                 track.may_form, AsText(track.templates));
  for (const FaceRecord& face : track.faces) {
    const cv::Rect2f& box = face.detection.box;
    text += fmt::format("  face {} frame {} pts {} at {} box {} {} {} {} score {} quality {}{}\n",
                        face.number, face.frame, face.pts, face.time_us, box.x, box.y, box.width, box.height,
                        face.detection.score, face.quality, AsText(face.embeddings));
  }
  return text;
}

// Every source of a gallery with its tracks, by name.
inline std::string AsText(const Gallery& gallery) {
  std::string text;
  const auto sources = *gallery.ReadSources();
  const auto tracks = *gallery.ReadTracks({.faces = true, .embeddings = true, .templates = true});
  for (const SourceRecord& source : sources) {
    text +=
        fmt::format("{}: {} decoded {} dark {} still {} kept {} cuts {} faces {} tracks {}\n", source.name,
                    SourceStateName(source.state), source.counts.decoded, source.counts.dark,
                    source.counts.still, source.counts.kept, source.counts.cuts, source.faces, source.tracks);
    for (const TrackRecord& track : tracks)
      if (track.source_id == source.id) text += AsText(track);
  }
  return text;
}

}  // namespace crossface::testing
