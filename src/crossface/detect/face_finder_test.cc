#include "crossface/detect/face_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/detect/fusion.h"
#include "crossface/testing/testing.h"
#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kWider = "data/detection/wider_train_subset/ground_truth.csv";
constexpr const char* kLfwFace = "data/stills/lfw/Abdullah_Gul";

#define NEEDS_ALL_DETECTORS()                                  \
  for (int k = 0; k < kDetectorKinds; ++k) {                   \
    for (const auto& name : DetectorModels(DetectorKind(k))) { \
      CROSSFACE_NEEDS_MODEL(name);                             \
    }                                                          \
  }

const FaceFinder& Everyone() {
  static const auto finder = [] {
    auto made = FaceFinder::Create(testing::Models(), {}, {});
    if (!made.ok()) throw std::runtime_error(made.status().message());
    return std::move(*made);
  }();
  return *finder;
}

struct Labelled {
  cv::Mat bgr;
  std::vector<cv::Rect2f> faces;  // those at least 24 pixels high
};

// Every fourth picture of WIDER.
const std::vector<Labelled>& SomePictures() {
  static const auto pictures = [] {
    const auto file = testing::SharedFolder() / kWider;
    const auto table = ParseCsv(*ReadFile(file));
    std::map<std::string, std::vector<cv::Rect2f>> faces;
    for (const auto& row : table->rows) {
      const cv::Rect2f box(std::stof(row[1]), std::stof(row[2]), std::stof(row[3]), std::stof(row[4]));
      faces[row[0]];
      if (box.height >= 24) faces[row[0]].push_back(box);
    }
    std::vector<Labelled> chosen;
    size_t i = 0;
    for (const auto& [name, boxes] : faces) {
      if (i++ % 4 == 0) chosen.push_back({cv::imread(file.parent_path() / name), boxes});
    }
    return chosen;
  }();
  return pictures;
}

bool Found(const std::vector<Detection>& detections, const cv::Rect2f& face, float overlap = 0.5f) {
  return std::any_of(detections.begin(), detections.end(),
                     [&](const Detection& d) { return IntersectionOverUnion(d.box, face) >= overlap; });
}

struct Recall {
  int found = 0, faces = 0;
  double share() const { return static_cast<double>(found) / faces; }
};

template <typename Search>
Recall RecallOf(const Search& search) {
  Recall recall;
  for (const Labelled& picture : SomePictures()) {
    const std::vector<Detection> found = search(picture.bgr);
    for (const cv::Rect2f& face : picture.faces) {
      recall.found += Found(found, face);
      ++recall.faces;
    }
  }
  return recall;
}

// The head of an LFW photo, `side` pixels; the face is about half as wide.
cv::Mat Head(int side) {
  std::filesystem::path first;
  for (const auto& entry : std::filesystem::directory_iterator(testing::SharedFolder() / kLfwFace)) {
    if (first.empty() || entry.path() < first) first = entry.path();
  }
  const cv::Mat photo = cv::imread(first);
  cv::Mat head;
  cv::resize(photo(cv::Rect(45, 45, 160, 160)), head, {side, side}, 0, 0,
             side < 160 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return head;
}

cv::Mat Grass(const cv::Size& size) {
  cv::Mat noise(size, CV_8UC3);
  cv::RNG random(7);
  random.fill(noise, cv::RNG::NORMAL, 110, 40);
  cv::GaussianBlur(noise, noise, {}, 2);
  return noise;
}

TEST(FaceFinder, SaysWhatToInstallWhenNoDetectorIsThere) {
  const testing::ScratchFolder empty;
  const auto finder = FaceFinder::Create(ModelStore(empty.path()), {}, {});
  ASSERT_FALSE(finder.ok());
  EXPECT_EQ(finder.status().code(), StatusCode::kModelMissing);
  EXPECT_THAT(finder.status().message(), HasSubstr("scrfd_500m"));
  EXPECT_EQ(finder.status().remedy(), Remedy::kInstallModels);
}

TEST(FaceFinder, WorksWithTheDetectorsThatAreInstalled) {
  CROSSFACE_NEEDS_MODEL("retinaface");
  CROSSFACE_NEEDS_SHARED(kLfwFace);
  const testing::ScratchFolder folder;
  const auto installed = testing::Models().Find("retinaface");
  std::filesystem::copy(*installed, folder.path() / installed->filename());
  const auto finder = FaceFinder::Create(ModelStore(folder.path()), {}, {});
  ASSERT_TRUE(finder.ok()) << finder.status().message();
  EXPECT_EQ((*finder)->primary(), DetectorKind::kRetinaFace);
  EXPECT_THAT((*finder)->models(), ElementsAre("retinaface"));
  EXPECT_THAT((*finder)->missing_models(), Contains("scrfd_500m"));
  EXPECT_THAT((*finder)->missing_models(), Not(Contains("retinaface")));
  const auto found = (*finder)->Find(Head(200), false);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  const auto settled = (*finder)->Confirm(Head(200), found->front());
  ASSERT_TRUE(settled.ok());
  EXPECT_TRUE(IsConfirmed(*settled));
}

TEST(FaceFinder, PermissivePolicyLeavesOutScrfd) {
  NEEDS_ALL_DETECTORS();
  const auto finder = FaceFinder::Create(testing::Models(), {.licence = LicencePolicy::kPermissive}, {});
  ASSERT_TRUE(finder.ok());
  EXPECT_EQ((*finder)->primary(), DetectorKind::kYuNet);
  EXPECT_THAT((*finder)->detectors(),
              ElementsAre(DetectorKind::kYuNet, DetectorKind::kRetinaFace, DetectorKind::kMtcnn));
  const auto contradiction = FaceFinder::Create(
      testing::Models(), {.licence = LicencePolicy::kPermissive, .detectors = {DetectorKind::kScrfd500m}},
      {});
  ASSERT_FALSE(contradiction.ok());
  EXPECT_EQ(contradiction.status().code(), StatusCode::kInvalidArgument);
}

TEST(FaceFinder, RefusesOtherThanColourPictures) {
  NEEDS_ALL_DETECTORS();
  EXPECT_THROW((void)Everyone().Find(cv::Mat(), false), std::logic_error);
  EXPECT_THROW((void)Everyone().FindWithAll(cv::Mat(100, 100, CV_8UC1)), std::logic_error);
  EXPECT_THROW((void)Everyone().Confirm(cv::Mat(), {}), std::logic_error);
}

TEST(FaceFinder, FastLookFindsTheFacesOfRealPictures) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kWider);
  const Recall recall = RecallOf([](const cv::Mat& bgr) { return *Everyone().Find(bgr, false); });
  EXPECT_GE(recall.share(), 0.9) << recall.found << " of " << recall.faces;
}

TEST(FaceFinder, KeepsWhatItConfirmsOfRealFacesAndTellsWhoLooked) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kWider);
  DetectorSet everyone;
  for (DetectorKind kind : Everyone().detectors()) everyone.Add(kind);
  int faces = 0, kept = 0, seen_by_others = 0;
  for (const Labelled& picture : SomePictures()) {
    const auto found = *Everyone().Find(picture.bgr, false);
    for (const Detection& face : found) {
      EXPECT_EQ(face.seen_by.Count(), 1);
      const Detection settled = *Everyone().Confirm(picture.bgr, face);
      EXPECT_EQ(settled.looked, everyone);
      EXPECT_TRUE(settled.seen_by.Has(Everyone().primary()));
      const bool real = std::any_of(picture.faces.begin(), picture.faces.end(), [&](const cv::Rect2f& box) {
        return IntersectionOverUnion(box, face.box) >= 0.5f;
      });
      if (!real) continue;
      EXPECT_GE(IntersectionOverUnion(settled.box, face.box), 0.4f)
          << "confirming must not jump to another face";
      ++faces;
      kept += IsConfirmed(settled);
      seen_by_others += settled.seen_by.Count() > 1;
    }
  }
  ASSERT_GT(faces, 100);
  EXPECT_GE(kept, faces * 0.97);
  EXPECT_GE(seen_by_others, faces * 0.97);
}

TEST(FaceFinder, NearWhereFacesAreExpectedItFindsTheSameOnes) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kWider);
  int sure = 0, found_again = 0, elsewhere = 0;
  for (const Labelled& picture : SomePictures()) {
    const auto whole = *Everyone().Find(picture.bgr, false);
    std::vector<cv::Rect2f> expected;
    expected.reserve(whole.size());
    for (const Detection& face : whole) {
      // As if it had moved by a third of its size.
      expected.push_back(face.box + cv::Point2f(face.box.width / 3, 0));
    }
    const auto near = *Everyone().FindNear(picture.bgr, expected);
    for (const Detection& face : whole) {
      if (face.score < 0.5f) continue;
      ++sure;
      found_again += Found(near, face.box);
    }
    for (const Detection& face : near) elsewhere += face.score >= 0.5f && !Found(whole, face.box, 0.3f);
    for (size_t i = 0; i < near.size(); ++i) {
      for (size_t j = 0; j < i; ++j)
        EXPECT_LT(IntersectionOverUnion(near[i].box, near[j].box), 0.45f) << "one face is told once";
    }
  }
  ASSERT_GT(sure, 80);
  EXPECT_GE(found_again, sure * 0.96);
  EXPECT_LE(elsewhere, sure * 0.1);
}

TEST(FaceFinder, NearNothingItFindsNothing) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kLfwFace);
  cv::Mat picture = Grass({1280, 720});
  Head(200).copyTo(picture(cv::Rect(100, 200, 200, 200)));
  EXPECT_EQ(Everyone().FindNear(picture, {})->size(), 0u);
  EXPECT_EQ(Everyone().FindNear(picture, {cv::Rect2f(1000, 400, 80, 80)})->size(), 0u);
  EXPECT_EQ(
      Everyone().FindNear(picture, {cv::Rect2f(5000, 400, 80, 80), cv::Rect2f(-900, -900, 20, 20)})->size(),
      0u);
  EXPECT_EQ(Everyone().FindNear(picture, {cv::Rect2f(140, 230, 100, 120), cv::Rect2f(10, 10, 0, 0)})->size(),
            1u);
}

TEST(FaceFinder, NearManyFacesIsALookAtTheWhole) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kLfwFace);
  cv::Mat picture = Grass({1280, 720});
  Head(200).copyTo(picture(cv::Rect(100, 200, 200, 200)));
  const std::vector<cv::Rect2f> crowd(40, cv::Rect2f(1000, 400, 80, 80));
  const auto near = *Everyone().FindNear(picture, crowd), whole = *Everyone().Find(picture, false);
  ASSERT_EQ(near.size(), whole.size());
  for (size_t i = 0; i < near.size(); ++i) EXPECT_EQ(near[i].box, whole[i].box);
}

TEST(FaceFinder, FindsAFaceThatFillsTheFrame) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kLfwFace);
  const cv::Mat head = Head(800);
  const cv::Mat close = head(cv::Rect(150, 100, 500, 640));
  const auto found = *Everyone().Find(close, false);
  ASSERT_FALSE(found.empty());
  EXPECT_GE(found.front().score, 0.5f);
  EXPECT_GT(found.front().box.area(), 0.35f * static_cast<float>(close.size().area()));
}

TEST(FaceFinder, ThoroughSearchFindsSmallFacesOfALargeFrameOnce) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kLfwFace);
  cv::Mat frame = Grass({3840, 2160});
  // The second straddles the border of the first two tiles; the third is in the last corner.
  const std::vector<cv::Point> places = {{500, 500}, {935, 300}, {3780, 2100}, {2000, 1000}};
  const cv::Mat head = Head(56);
  for (const cv::Point& place : places) head.copyTo(frame(cv::Rect(place, head.size())));
  const auto count = [&](const std::vector<Detection>& found, const cv::Point& place) {
    const cv::Rect2f around(place, head.size());
    return std::count_if(found.begin(), found.end(), [&](const Detection& d) {
      return d.score >= 0.5f && around.contains((d.box.tl() + d.box.br()) * 0.5f);
    });
  };
  const auto fast = *Everyone().Find(frame, false), thorough = *Everyone().Find(frame, true);
  for (const cv::Point& place : places) {
    EXPECT_EQ(count(fast, place), 0) << place
                                     << ": seven pixels are too few, so only the tiles can have found it";
    EXPECT_EQ(count(thorough, place), 1) << place;
  }
}

TEST(FaceFinder, WhereNothingHasChangedSmallFacesAreFoundAroundThoseThatAreKnown) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kLfwFace);
  cv::Mat frame = Grass({3840, 2160});
  const cv::Rect known(500, 500, 56, 56), other(3000, 1700, 56, 56);
  const cv::Mat head = Head(56);
  for (const cv::Rect& place : {known, other}) head.copyTo(frame(place));
  const auto count = [](const std::vector<Detection>& found, const cv::Rect& place) {
    return std::count_if(found.begin(), found.end(), [&](const Detection& d) {
      return d.score >= 0.5f && cv::Rect2f(place).contains((d.box.tl() + d.box.br()) * 0.5f);
    });
  };
  const auto expect = [&](const std::vector<cv::Rect>& tiles, const std::vector<cv::Rect2f>& faces,
                          int64_t of_known, int64_t of_other) {
    const auto found = *Everyone().FindChanged(frame, tiles, faces);
    EXPECT_EQ(count(found, known), of_known);
    EXPECT_EQ(count(found, other), of_other);
  };
  const auto tiles = FaceFinder::Tiles(frame.size());
  std::vector<cv::Rect> with_known;
  std::copy_if(tiles.begin(), tiles.end(), std::back_inserter(with_known),
               [&](const cv::Rect& tile) { return (tile & known) == known; });
  ASSERT_FALSE(with_known.empty());
  expect({}, {}, 0, 0);
  expect({}, {cv::Rect2f(known)}, 1, 0);
  expect({}, {cv::Rect2f(known), cv::Rect2f(1000, 1000, 50, 50), cv::Rect2f(9000, 0, 50, 50)}, 1, 0);
  expect(with_known, {}, 1, 0);
  expect(with_known, {cv::Rect2f(known), cv::Rect2f(other)}, 1, 1);
  expect(tiles, {}, 1, 1);
  EXPECT_TRUE(FaceFinder::Tiles({854, 480}).empty());
}

TEST(FaceFinder, NothingOfFlatAndTexturedPicturesIsConfirmed) {
  NEEDS_ALL_DETECTORS();
  for (const cv::Mat& bgr :
       {cv::Mat(480, 854, CV_8UC3, cv::Scalar(90, 90, 90)), Grass({854, 480}), cv::Mat(1, 1, CV_8UC3)}) {
    const auto found = *Everyone().Find(bgr, true), all = *Everyone().FindWithAll(bgr);
    for (const Detection& face : found) EXPECT_FALSE(IsConfirmed(*Everyone().Confirm(bgr, face)));
    for (const Detection& face : all) EXPECT_FALSE(IsConfirmed(face));
  }
}

TEST(FaceFinder, ConfirmVetoesAClaimAboutNoFace) {
  NEEDS_ALL_DETECTORS();
  std::vector<Detection> claim = {{.box = {300, 200, 80, 100}, .score = 0.6f}};
  Calibrate(Everyone().primary(), claim);
  const Detection settled = *Everyone().Confirm(Grass({854, 480}), claim[0]);
  EXPECT_EQ(settled.seen_by, claim[0].seen_by);
  EXPECT_LT(settled.score, claim[0].score);
  EXPECT_FALSE(IsConfirmed(settled));
  claim[0].box = {-500, -500, 20, 20};
  EXPECT_TRUE(Everyone().Confirm(Grass({854, 480}), claim[0]).ok())
      << "a box outside the picture is no crash";
}

TEST(FaceFinder, AllDetectorsTogetherSeeAPlainFace) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kLfwFace);
  cv::Mat frame = Grass({640, 480});
  const cv::Mat head = Head(220);
  head.copyTo(frame(cv::Rect(cv::Point(200, 100), head.size())));
  const auto found = *Everyone().FindWithAll(frame);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front().seen_by.Count(), kDetectorKinds);
  EXPECT_EQ(found.front().looked.Count(), kDetectorKinds);
  EXPECT_TRUE(IsConfirmed(found.front()));
  // The eyes lie above the mouth, inside the box.
  EXPECT_LT(found.front().landmarks[0].y, found.front().landmarks[3].y);
  for (const cv::Point2f& point : found.front().landmarks) EXPECT_TRUE(found.front().box.contains(point));
}

TEST(FaceFinder, GivesTheSameFacesFromSeveralThreads) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kWider);
  const cv::Mat& bgr = SomePictures().front().bgr;
  const auto alone = *Everyone().Find(bgr, false);
  std::vector<std::future<std::vector<Detection>>> others;
  others.reserve(3);
  for (int i = 0; i < 3; ++i)
    others.push_back(std::async(std::launch::async, [&] { return *Everyone().Find(bgr, false); }));
  for (auto& other : others) {
    const auto found = other.get();
    ASSERT_EQ(found.size(), alone.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].box, alone[i].box);
      EXPECT_EQ(found[i].score, alone[i].score);
    }
  }
}

// A regression: a store with the registry's RetinaFace only was told to install the other one.
TEST(FaceFinder, NamesTheModelsThatItReallyUses) {
  if (!testing::Models().Find("retinaface").ok()) GTEST_SKIP() << "needs the model retinaface";
  const testing::ScratchFolder folder;
  std::filesystem::create_symlink(*testing::Models().Find("retinaface"),
                                  folder.path() / FindModel("retinaface_tiny")->file);
  const auto finder = FaceFinder::Create(ModelStore(folder.path()), {}, {});
  ASSERT_TRUE(finder.ok()) << finder.status().message();
  EXPECT_THAT((*finder)->models(), ElementsAre("retinaface_tiny"));
}

TEST(BrightenDim, LeavesBrightPicturesAlone) {
  const cv::Mat bright = Grass({320, 240});
  EXPECT_EQ(BrightenDim(bright).data, bright.data);
}

TEST(BrightenDim, StretchesDimPicturesWithoutLosingOrder) {
  cv::Mat ramp(64, 256, CV_8UC3);
  for (int x = 0; x < ramp.cols; ++x) ramp.col(x).setTo(cv::Scalar::all(x >> 3));
  const cv::Mat bright = BrightenDim(ramp);
  ASSERT_NE(bright.data, ramp.data);
  EXPECT_EQ(bright.at<cv::Vec3b>(0, 0)[0], 0);
  EXPECT_EQ(bright.at<cv::Vec3b>(0, 255)[0], 255);
  for (int x = 8; x < ramp.cols; ++x)
    EXPECT_GE(bright.at<cv::Vec3b>(0, x)[0], bright.at<cv::Vec3b>(0, x - 8)[0]);
  const cv::Mat black(20, 20, CV_8UC3, cv::Scalar::all(0));
  EXPECT_EQ(cv::countNonZero(BrightenDim(black).reshape(1)), 0) << "black stays black";
}

TEST(BrightenDim, BringsFacesOutOfTheDark) {
  NEEDS_ALL_DETECTORS();
  CROSSFACE_NEEDS_SHARED(kWider);
  // Rounding to whole levels is what takes the detail out of a dim recording.
  const auto darkened = [](const cv::Mat& bgr) {
    cv::Mat dark;
    bgr.convertTo(dark, CV_8UC3, 0.04);
    return dark;
  };
  const auto one = CreateDetector(DetectorKind::kScrfd500m, testing::Models());
  ASSERT_TRUE(one.ok());
  const DetectParams params{.longest_side = 960, .score_threshold = 0.3f};
  const Recall plain = RecallOf([&](const cv::Mat& bgr) { return *(*one)->Detect(darkened(bgr), params); });
  const Recall stretched =
      RecallOf([&](const cv::Mat& bgr) { return *(*one)->Detect(BrightenDim(darkened(bgr)), params); });
  EXPECT_GE(stretched.share(), plain.share() + 0.1)
      << plain.found << ", " << stretched.found << " of " << plain.faces;
}

}  // namespace
}  // namespace crossface
