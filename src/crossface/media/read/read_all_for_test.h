// What the tests of this layer share: reading a whole source, and comparing pictures.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "crossface/media/read/frame_reader.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/hash.h"

namespace crossface {

struct ReadSource {
  Status opened;  // the rest is empty unless this is ok
  SourceInfo info;
  std::vector<int64_t> pts, time_us;
  Status ended;  // the error that Next() ended with, if any
  Status damage;
  std::vector<std::string> notes;
  std::vector<std::string> hashes;  // of every frame's BGR pixels, where asked for
  std::string conversion_error;
};

inline std::string HashOf(const cv::Mat& picture) {
  const cv::Mat whole = picture.isContinuous() ? picture : picture.clone();
  return Sha256Hex({reinterpret_cast<const char*>(whole.data), whole.total() * whole.elemSize()});
}

inline ReadSource ReadAll(const std::filesystem::path& path, const ReaderOptions& options = {},
                          bool with_pixels = false) {
  ReadSource read;
  auto reader = OpenSource(path, options);
  read.opened = reader.status();
  if (!reader.ok()) return read;
  read.info = (*reader)->info();
  while (true) {
    const auto frame = (*reader)->Next();
    read.ended = frame.status();
    if (!frame.ok() || !*frame) break;
    read.pts.push_back((*frame)->pts);
    read.time_us.push_back((*frame)->time_us);
    if (!with_pixels) continue;
    const auto bgr = (*frame)->picture->Bgr();
    const auto luma = (*frame)->picture->Luma(64);
    if (!bgr.ok() || !luma.ok() || bgr->size() != cv::Size(read.info.width, read.info.height)) {
      read.conversion_error =
          bgr.ok() ? luma.ok() ? "wrong size" : luma.status().message() : bgr.status().message();
    } else {
      read.hashes.push_back(HashOf(*bgr));
    }
  }
  read.damage = (*reader)->damage();
  read.notes = (*reader)->notes();
  read.info = (*reader)->info();
  return read;
}

// Files that ffmpeg makes for the occasion.
class MadeFiles : public ::testing::Test {
 protected:
  std::filesystem::path File(const std::string& name) const { return scratch_.path() / name; }
  std::filesystem::path Make(const std::string& name, const std::string& arguments) const {
    EXPECT_EQ(testing::RunCommand(fmt::format("ffmpeg -v error -y {} '{}'", arguments, File(name).string())),
              0);
    return File(name);
  }
  std::filesystem::path Join(const std::string& name, const std::vector<std::string>& parts) const {
    std::string whole;
    for (const std::string& part : parts) whole += *ReadFile(File(part));
    EXPECT_TRUE(WriteFileAtomically(File(name), whole).ok());
    return File(name);
  }
  testing::ScratchFolder scratch_;
};

// The first frame's picture; empty where it cannot be had.
inline cv::Mat FirstBgr(const std::filesystem::path& path) {
  auto reader = OpenSource(path);
  if (!reader.ok()) return {};
  const auto frame = (*reader)->Next();
  if (!frame.ok() || !*frame) return {};
  const auto bgr = (*frame)->picture->Bgr();
  return bgr.ok() ? *bgr : cv::Mat();
}

// Peak signal-to-noise ratio in dB over all channels; 100 for equal pictures.
inline double Psnr(const cv::Mat& a, const cv::Mat& b) {
  const double mean_square = cv::norm(a, b, cv::NORM_L2SQR) / (static_cast<double>(a.total()) * a.channels());
  return mean_square < 1e-5 ? 100 : 10 * std::log10(255.0 * 255.0 / mean_square);
}

// What `ffmpeg` makes of the first frames, upright, as BGR.
inline std::vector<cv::Mat> FramesByFfmpeg(const std::filesystem::path& path, const std::string& filter,
                                           cv::Size size, int count, const std::filesystem::path& scratch) {
  const std::filesystem::path raw = scratch / "raw.bgr";
  EXPECT_EQ(
      testing::RunCommand(fmt::format(
          "ffmpeg -v quiet -y -i '{}' -map 0:V:0 -vsync passthrough -frames:v {} {} -f rawvideo -pix_fmt "
          "bgr24 '{}'",
          path.string(), count, filter, raw.string())),
      0);
  const auto bytes = ReadFile(raw);
  std::vector<cv::Mat> frames;
  const size_t each = static_cast<size_t>(size.area()) * 3;
  for (size_t at = 0; bytes.ok() && at + each <= bytes->size(); at += each) {
    frames.push_back(cv::Mat(size, CV_8UC3, const_cast<char*>(bytes->data()) + at).clone());
  }
  return frames;
}

}  // namespace crossface
