#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "crossface/testing/testing.h"
#include "crossface/track/tracker.h"

namespace crossface {
namespace {

constexpr int kWidth = 640, kHeight = 360;

double Similarity(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// The first photo of each of `count` people, in the order of their names.
std::vector<cv::Mat> PhotosOfPeople(size_t count) {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry :
       std::filesystem::directory_iterator(crossface::testing::SharedFolder() / "data/stills/lfw")) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  std::vector<cv::Mat> photos;
  for (const auto& folder : folders) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    photos.push_back(cv::imread(std::min_element(files.begin(), files.end())->string()));
    EXPECT_FALSE(photos.back().empty()) << folder;
    if (photos.size() == count) break;
  }
  return photos;
}

// LFW photos are centred on the face: this share of the photo is its box.
cv::Rect2f FaceBox(cv::Point2d centre, double photo_side) {
  const auto width = static_cast<float>(photo_side * .37), height = static_cast<float>(photo_side * .47);
  return {static_cast<float>(centre.x) - width / 2, static_cast<float>(centre.y) - height / 2, width, height};
}

cv::Mat EmptyScene() {
  static const cv::Mat drawn = [] {
    cv::Mat scene(kHeight, kWidth, CV_8UC3);
    cv::RNG(5).fill(scene, cv::RNG::UNIFORM, 40, 200);
    cv::GaussianBlur(scene, scene, cv::Size(), 9);
    return scene;
  }();
  return drawn.clone();
}

// Pastes an oval of the photo.
void Paste(const cv::Mat& photo, cv::Point2d centre, double side, double degrees, cv::Mat* scene) {
  cv::Mat turn = cv::getRotationMatrix2D({photo.cols / 2.f, photo.rows / 2.f}, degrees, side / photo.cols);
  turn.at<double>(0, 2) += centre.x - photo.cols / 2.0;
  turn.at<double>(1, 2) += centre.y - photo.rows / 2.0;
  cv::Mat oval(photo.size(), CV_8U, cv::Scalar(0)), mask, warped;
  cv::ellipse(oval, {photo.cols / 2, photo.rows / 2}, {photo.cols * 2 / 5, photo.rows / 2}, 0, 0, 360, 255,
              -1);
  cv::warpAffine(oval, mask, turn, scene->size());
  cv::warpAffine(photo, warped, turn, scene->size(), cv::INTER_AREA);
  warped.copyTo(*scene, mask);
}

Detection FaceOf(cv::Point2d centre, double side) {
  Detection face;
  face.box = FaceBox(centre, side);
  face.score = .9f;
  return face;
}

TEST(DescribeAppearance, IsAUnitVectorForAnyBox) {
  const cv::Mat scene = EmptyScene();
  for (const cv::Rect2f& box :
       {cv::Rect2f(100, 100, 50, 60), cv::Rect2f(-40, -30, 60, 60), cv::Rect2f(600, 330, 200, 200),
        cv::Rect2f(10, 10, .5f, .5f), cv::Rect2f(-500, -500, 10, 10), cv::Rect2f(0, 0, 5000, 5000)}) {
    const std::vector<float> look = DescribeAppearance(scene, box);
    EXPECT_EQ(look.size(), 168u);
    EXPECT_NEAR(Similarity(look, look), 1, 1e-4) << box;
    EXPECT_GE(*std::min_element(look.begin(), look.end()), 0) << box;
  }
  const cv::Mat black(20, 20, CV_8UC3, cv::Scalar::all(0));
  EXPECT_NEAR(Similarity(DescribeAppearance(black, {2, 2, 9, 9}), DescribeAppearance(black, {2, 2, 9, 9})), 1,
              1e-4);
  EXPECT_THROW(DescribeAppearance(cv::Mat(), {0, 0, 1, 1}), std::logic_error);
  EXPECT_THROW(DescribeAppearance(cv::Mat(9, 9, CV_8U), {0, 0, 1, 1}), std::logic_error);
}

TEST(DescribeAppearance, ALittleDarkerOrShiftedIsTheSameAndAnotherPersonIsNot) {
  CROSSFACE_NEEDS_SHARED("data/stills/lfw");
  const std::vector<cv::Mat> photos = PhotosOfPeople(12);
  ASSERT_EQ(photos.size(), 12u);
  std::vector<std::vector<float>> looks;
  for (const cv::Mat& photo : photos) {
    const cv::Rect2f box = FaceBox({125, 125}, 250);
    looks.push_back(DescribeAppearance(photo, box));
    cv::Mat darker;
    photo.convertTo(darker, CV_8U, .8);
    EXPECT_GT(Similarity(looks.back(), DescribeAppearance(darker, box)), .93);
    EXPECT_GT(Similarity(looks.back(), DescribeAppearance(photo, box + cv::Point2f(4, 3))), .93);
  }
  int alike = 0, pairs = 0;
  for (size_t a = 0; a < looks.size(); ++a) {
    for (size_t b = 0; b < a; ++b) {
      ++pairs;
      if (Similarity(looks[a], looks[b]) > .9) ++alike;
    }
  }
  EXPECT_LE(alike, pairs / 20);
}

TEST(TrackerOnPictures, TwoPeopleWhoCrossNeverSwap) {
  CROSSFACE_NEEDS_SHARED("data/stills/lfw");
  const std::vector<cv::Mat> photos = PhotosOfPeople(12);
  ASSERT_EQ(photos.size(), 12u);
  size_t pieces = 0;
  for (size_t pair = 0; pair + 1 < photos.size(); ++pair) {
    Tracker tracker;
    std::map<int64_t, std::set<int>> people_of;
    for (int i = 0; i <= 20; ++i) {
      const cv::Point2d front(90 + 23 * i, 170), back(550 - 23 * i, 190);
      cv::Mat scene = EmptyScene();
      Paste(photos[pair + 1], back, 160, 6 - i * .5, &scene);
      Paste(photos[pair], front, 180, i * .4 - 4, &scene);
      std::vector<Detection> faces{FaceOf(front, 180)};
      std::vector<int> people{0};
      if (cv::norm(front - back) > 60) {
        faces.push_back(FaceOf(back, 160));
        people.push_back(1);
      }
      std::vector<std::vector<float>> looks;
      for (const Detection& face : faces) looks.push_back(DescribeAppearance(scene, face.box));
      const Tracker::Step step = tracker.Push(0, i * 200'000, faces, looks);
      for (size_t k = 0; k < faces.size(); ++k) people_of[step.track_of[k]].insert(people[k]);
    }
    for (const auto& [track, people] : people_of)
      EXPECT_EQ(people.size(), 1u) << "pair " << pair << " track " << track;
    pieces += people_of.size();
  }
  EXPECT_LE(pieces, 11u * 4);
}

TEST(TrackerOnPictures, SomebodyWhoTakesAnothersPlaceIsANewTrack) {
  CROSSFACE_NEEDS_SHARED("data/stills/lfw");
  const std::vector<cv::Mat> photos = PhotosOfPeople(24);
  ASSERT_EQ(photos.size(), 24u);
  for (int missing = 0; missing <= 3; ++missing) {
    int joined = 0;
    for (size_t pair = 0; pair + 1 < photos.size(); ++pair) {
      Tracker tracker;
      std::vector<int64_t> tracks;
      for (int i = 0; i < 10 + missing; ++i) {
        const cv::Point2d place(320 + i % 3, 180);
        cv::Mat scene = EmptyScene();
        if (i >= 5 && i < 5 + missing) {
          tracker.Push(0, i * 200'000, {}, {});
          continue;
        }
        Paste(photos[pair + (i < 5 ? 0 : 1)], place, 200, i * .5, &scene);
        const std::vector<Detection> faces{FaceOf(place, 200)};
        const std::vector<std::vector<float>> looks{DescribeAppearance(scene, faces[0].box)};
        tracks.push_back(tracker.Push(0, i * 200'000, faces, looks).track_of[0]);
      }
      if (tracks.front() == tracks.back()) ++joined;
    }
    // Without a frame between them this is a cut inside one place, and the tracker only the second line of
    // defence.
    EXPECT_LE(joined, missing > 0 ? 0 : 2) << missing << " frames between the two";
  }
}

}  // namespace
}  // namespace crossface
