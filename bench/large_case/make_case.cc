// Makes a case of many people that nobody ever filmed: what a look or a correction costs at sizes that no
// test footage has.
//
// Every source is a film in which the same few people come and go, two at a time. The vectors are of unit
// length around their person's direction; strangers' directions are as good as orthogonal, so that grouping
// finds the people that are meant. The gallery is grouped as it is meant, by number of tracks: person 1 has
// the most.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <random>

#include "crossface/gallery/gallery.h"

namespace crossface::bench {
namespace {

constexpr int kDimensions = 512, kLooks = 64;
constexpr float kAlong = 0.8f;  // cosine of a vector to its person's direction
constexpr int64_t kFrameUs = 40'000, kFramesBetweenFaces = 5;

struct Sizes {
  int64_t persons = 1000, tracks = 50'000, faces = 200'000, sources = 10'000;
};

std::vector<std::string> DrawPictures() {
  std::vector<std::string> pictures;
  for (int look = 0; look < kLooks; ++look) {
    cv::Mat picture(24, 24, CV_8UC3, cv::Scalar(60 + look * 3, 200 - look * 2, 120));
    picture(cv::Rect(6, 4, 12, 16)).setTo(cv::Scalar(150, 120 + look, 215));
    std::vector<uchar> bytes;
    cv::imencode(".jpg", picture, bytes, {cv::IMWRITE_JPEG_QUALITY, 50});
    pictures.emplace_back(bytes.begin(), bytes.end());
  }
  return pictures;
}

std::vector<float> UnitVector(std::mt19937* random) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(kDimensions);
  float squares = 0;
  for (float& value : vector) {
    value = normal(*random);
    squares += value * value;
  }
  for (float& value : vector) value /= std::sqrt(squares);
  return vector;
}

class LargeCase {
 public:
  LargeCase(Gallery& gallery, const Sizes& sizes)
      : gallery_(gallery), sizes_(sizes), pictures_(DrawPictures()) {}

  Status Make() {
    for (int64_t source = 0; source < sizes_.sources; ++source) CROSSFACE_RETURN_IF_ERROR(AddSource(source));
    return Group();
  }

 private:
  // The first tracks give everybody one, the others come more often to those with small numbers.
  int PersonOf(int64_t track) {
    if (track < sizes_.persons) return static_cast<int>(track);
    const double share = std::uniform_real_distribution<double>(0, 1)(random_);
    return static_cast<int>(share * share * static_cast<double>(sizes_.persons));
  }

  Status AddSource(int64_t number) {
    SourceRecord source{.name = fmt::format("day {}/film {}.mp4", number % 100, number),
                        .path = fmt::format("/made/day {}/film {}.mp4", number % 100, number),
                        .sha256 = fmt::format("{:064x}", number + 1),
                        .info = {.bytes = 1000, .width = 640, .height = 360, .fps = 25, .codec = "h264"},
                        .counts = {.decoded = 1000, .kept = 1000},
                        .state = SourceState::kDone,
                        .settings = "{}"};
    const int64_t end = (number + 1) * sizes_.tracks / sizes_.sources;
    std::vector<TrackRecord> tracks;
    for (int64_t last = -1; made_ < end; ++made_) {
      int person = PersonOf(made_);
      // Who is on the screen together is two people.
      if (person == last) person = static_cast<int>((person + 1) % sizes_.persons);
      last = person;
      persons_.push_back(person);
      tracks.push_back(MakeTrack(static_cast<int64_t>(tracks.size()) + 1, person));
    }
    source.info.duration_ms = static_cast<int64_t>(tracks.size() + 2) * 1000;
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t id, gallery_.WriteSource(source));
    return gallery_.AppendTracks(id, tracks, {.next_track = static_cast<int64_t>(tracks.size()) + 1});
  }

  // Half of its time it shares the screen with the one before.
  TrackRecord MakeTrack(int64_t number, int person) {
    TrackRecord track{.number = number, .shot = number / 2, .quality = 0.6f, .may_form = true};
    const int64_t first_frame = number * 10,
                  faces = (made_ + 1) * sizes_.faces / sizes_.tracks - made_ * sizes_.faces / sizes_.tracks;
    for (int64_t i = 0; i < faces; ++i) {
      FaceRecord& face = track.faces.emplace_back();
      face.number = i + 1;
      face.frame = face.pts = first_frame + i * kFramesBetweenFaces;
      face.time_us = face.frame * kFrameUs;
      face.duration_us = kFrameUs;
      face.detection.box = {number % 2 == 0 ? 40.0f : 300.0f, 80, 90, 110};
      face.detection.score = 0.9f;
      face.detection.seen_by.Add(DetectorKind::kScrfd500m);
      face.quality = 0.4f + 0.01f * static_cast<float>((made_ + i * 7) % 40);
      face.jpeg = pictures_[static_cast<size_t>((person + i) % kLooks)];
    }
    track.start_us = first_frame * kFrameUs;
    track.end_us = (first_frame + std::max<int64_t>(0, faces - 1) * kFramesBetweenFaces + 1) * kFrameUs;
    track.templates = {VectorOf(person)};
    return track;
  }

  FaceEmbedding VectorOf(int person) {
    std::mt19937 of_person(static_cast<uint32_t>(person));
    const std::vector<float> direction = UnitVector(&of_person), noise = UnitVector(&random_);
    FaceEmbedding embedding{.model = "arcface_ms1m", .model_sha256 = std::string(64, 'a')};
    float squares = 0;
    for (size_t d = 0; d < kDimensions; ++d) {
      embedding.vector.push_back(kAlong * direction[d] + std::sqrt(1 - kAlong * kAlong) * noise[d]);
      squares += embedding.vector.back() * embedding.vector.back();
    }
    for (float& value : embedding.vector) value /= std::sqrt(squares);
    return embedding;
  }

  Status Group() {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> tracks, gallery_.ReadAssignments());
    std::vector<Gallery::NewAssignment> assignments;
    for (size_t i = 0; i < tracks.size(); ++i)
      assignments.push_back({.track_id = tracks[i].track_id, .person = persons_[i], .confidence = 0.9f});
    return gallery_
        .ReplaceGrouping(std::vector<PersonRecord>(static_cast<size_t>(sizes_.persons)), assignments)
        .status();
  }

  Gallery& gallery_;
  const Sizes sizes_;
  const std::vector<std::string> pictures_;
  std::mt19937 random_{7};
  int64_t made_ = 0;
  std::vector<int> persons_;  // per track
};

}  // namespace
}  // namespace crossface::bench

int main(int argc, char** argv) {
  CLI::App app("makes a large case in a new folder");
  std::string folder;
  crossface::bench::Sizes sizes;
  app.add_option("folder", folder)->required();
  app.add_option("--persons", sizes.persons)->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--tracks", sizes.tracks)->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--faces", sizes.faces)->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--sources", sizes.sources)->capture_default_str()->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  if (sizes.persons > sizes.tracks || sizes.tracks > sizes.faces || sizes.sources > sizes.tracks) {
    fmt::print(stderr, "there are fewer faces than tracks, or fewer tracks than persons or sources\n");
    return 2;
  }
  auto gallery = crossface::Gallery::Open(folder, crossface::Gallery::Mode::kCreate);
  const crossface::Status made =
      gallery.ok() ? crossface::bench::LargeCase(**gallery, sizes).Make() : gallery.status();
  if (!made.ok()) fmt::print(stderr, "{}\n", made.message());
  return made.ok() ? 0 : 1;
}
