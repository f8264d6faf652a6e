// Films that a card decodes: libav does all that it does with an NVIDIA card, the driver alone is a made one
// (testing/fakes), whose pictures are those of libav's own decoder.
#include "crossface/media/read/card_decoder.h"

#include <dlfcn.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "crossface/media/read/range_reader.h"
#include "crossface/media/read/read_all_for_test.h"

extern "C" {
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

fs::path Odd(const std::string& name) { return testing::SharedFolder() / "data/media_odd" / name; }
fs::path Video(const std::string& name) { return testing::SharedFolder() / "data/videos" / name; }

LibavPtr<AVFrame> NewFrame(AVPixelFormat format, cv::Size size) {
  LibavPtr<AVFrame> frame(av_frame_alloc());
  frame->format = format;
  frame->width = size.width;
  frame->height = size.height;
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  return frame;
}

// Every row of every plane, without what stands between rows.
std::string Samples(const AVFrame& frame) {
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const size_t sample = format.comp[0].depth > 8 ? 2 : 1;
  std::string bytes;
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? frame.width : (frame.width + 1) / 2;
    const int height = plane == 0 ? frame.height : (frame.height + 1) / 2;
    for (int y = 0; y < height; ++y)
      bytes.append(reinterpret_cast<const char*>(frame.data[plane] + ptrdiff_t{y} * frame.linesize[plane]),
                   static_cast<size_t>(width) * sample);
  }
  return bytes;
}

void FillAtRandom(AVFrame* frame, int depth) {
  std::minstd_rand random(7);
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? frame->width : (frame->width + 1) / 2;
    const int height = plane == 0 ? frame->height : (frame->height + 1) / 2;
    for (int y = 0; y < height; ++y) {
      uint8_t* const row = frame->data[plane] + ptrdiff_t{y} * frame->linesize[plane];
      for (int x = 0; x < width; ++x) {
        const auto value = static_cast<uint16_t>(random() >> 7) & ((1U << depth) - 1);
        if (depth > 8) {
          reinterpret_cast<uint16_t*>(row)[x] = static_cast<uint16_t>(value);
        } else {
          row[x] = static_cast<uint8_t>(value);
        }
      }
    }
  }
}

TEST(InPlanes, GivesBackTheSamplesOfAnySize) {
  const std::tuple<AVPixelFormat, AVPixelFormat, int> formats[] = {
      {AV_PIX_FMT_YUV420P, AV_PIX_FMT_NV12, 8},
      {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_NV12, 8},
      {AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_P010LE, 10},
      {AV_PIX_FMT_YUV420P10LE, AV_PIX_FMT_P016LE, 10},
      {AV_PIX_FMT_YUV420P12LE, AV_PIX_FMT_P016LE, 12}};
  for (const auto& [planar, packed, depth] : formats) {
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(2, 2), cv::Size(3, 2), cv::Size(13, 17),
                                cv::Size(64, 48), cv::Size(321, 179), cv::Size(405, 718)}) {
      const auto frame = NewFrame(planar, size), on_card = NewFrame(packed, size);
      FillAtRandom(frame.get(), depth);
      for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
          for (int plane = 0; plane < (x % 2 + y % 2 == 0 ? 3 : 1); ++plane) {
            const int column = plane == 0 ? x : x / 2, row = plane == 0 ? y : y / 2;
            const int place = plane == 0 ? x : x / 2 * 2 + plane - 1;
            const uint8_t* const from = frame->data[plane] + ptrdiff_t{row} * frame->linesize[plane];
            uint8_t* const to = on_card->data[plane > 0] + ptrdiff_t{row} * on_card->linesize[plane > 0];
            if (depth == 8) {
              to[place] = from[column];
            } else {
              reinterpret_cast<uint16_t*>(to)[place] =
                  static_cast<uint16_t>(reinterpret_cast<const uint16_t*>(from)[column] << (16 - depth));
            }
          }
      const auto back = InPlanes(*on_card, planar);
      ASSERT_TRUE(back.ok()) << back.status().message();
      EXPECT_EQ((*back)->format, planar);
      EXPECT_EQ(Samples(**back), Samples(*frame)) << av_get_pix_fmt_name(packed) << " " << size;
    }
  }
}

// What another library makes of real pictures.
TEST(InPlanes, UndoesWhatSwscaleDoes) {
  const cv::Size size(322, 180);
  const auto frame = NewFrame(AV_PIX_FMT_YUV420P, size), on_card = NewFrame(AV_PIX_FMT_NV12, size);
  FillAtRandom(frame.get(), 8);
  SwsContext* const scaler =
      sws_getContext(size.width, size.height, AV_PIX_FMT_YUV420P, size.width, size.height, AV_PIX_FMT_NV12,
                     SWS_POINT, nullptr, nullptr, nullptr);
  ASSERT_EQ(sws_scale(scaler, frame->data, frame->linesize, 0, size.height, on_card->data, on_card->linesize),
            size.height);
  sws_freeContext(scaler);
  const auto back = InPlanes(*on_card, AV_PIX_FMT_YUV420P);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(Samples(**back), Samples(*frame));
}

TEST(InPlanes, RefusesWhatItWasNotMadeFor) {
  const cv::Size size(64, 48);
  EXPECT_EQ(InPlanes(*NewFrame(AV_PIX_FMT_NV12, size), AV_PIX_FMT_YUV420P10LE).status().code(),
            StatusCode::kUnsupported);
  EXPECT_EQ(InPlanes(*NewFrame(AV_PIX_FMT_P010LE, size), AV_PIX_FMT_YUV420P).status().code(),
            StatusCode::kUnsupported);
  EXPECT_EQ(InPlanes(*NewFrame(AV_PIX_FMT_NV12, size), AV_PIX_FMT_YUV444P).status().code(),
            StatusCode::kUnsupported);
  EXPECT_EQ(InPlanes(*NewFrame(AV_PIX_FMT_YUV420P, size), AV_PIX_FMT_YUV420P).status().code(),
            StatusCode::kUnsupported);
}

// All that a reader tells of a film, frame by frame.
std::vector<std::string> Told(const fs::path& path, const ReaderOptions& options,
                              std::optional<CardUse>* use) {
  std::vector<std::string> told;
  std::vector<std::string> parts;
  const auto reader = OpenSource(path, options, &parts);
  if (!reader.ok()) return {"opened: " + reader.status().message()};
  while (true) {
    const auto frame = (*reader)->Next();
    if (!frame.ok()) told.push_back("ended: " + frame.status().message());
    if (!frame.ok() || !*frame) break;
    const Picture& picture = *(*frame)->picture;
    const auto bgr = picture.Bgr(), luma = picture.Luma(64);
    told.push_back(fmt::format("{} {} {} {} {} {} {}", (*frame)->index, (*frame)->pts, (*frame)->time_us,
                               (*frame)->duration_us, *picture.Digest(), bgr.ok() ? HashOf(*bgr) : "",
                               luma.ok() ? HashOf(*luma) : ""));
  }
  const SourceInfo& info = (*reader)->info();
  told.push_back(fmt::format("{}x{} {} {} {} {} {} {}", info.width, info.height, info.rotation, info.codec,
                             info.fps, info.duration_ms, info.bytes, GeometryText(info)));
  told.push_back(fmt::format("{} {}", info.geometry_notes, fmt::join((*reader)->notes(), "; ")));
  told.push_back("damage: " + (*reader)->damage().message());
  if ((*reader)->outgrown()) told.push_back(fmt::format("outgrown {}", (*reader)->outgrown()->width));
  told.push_back(fmt::format("parts: {}", fmt::join(parts, " ")));
  *use = (*reader)->card_use();
  return told;
}

class CardDecoderTest : public MadeFiles {
 protected:
  void SetUp() override {
    // libav finds them by their names, since they are there already.
    static void* const cuda = dlopen(CROSSFACE_FAKE_CUDA, RTLD_NOW);
    static void* const nvcuvid = dlopen(CROSSFACE_FAKE_NVCUVID, RTLD_NOW);
    ASSERT_NE(cuda, nullptr) << dlerror();
    ASSERT_NE(nvcuvid, nullptr) << dlerror();
    held_ = reinterpret_cast<int (*)()>(dlsym(nvcuvid, "FakeNvdecHeld"));
    setenv("FAKE_CUDA_CARDS", "9", 1);
  }
  void TearDown() override {
    EXPECT_EQ(held_(), 0) << "decoders or pictures were not given back to the card";
    for (const char* name : {"FAKE_CUDA", "FAKE_CUDA_CARDS", "FAKE_NVDEC_FILMS"}) unsetenv(name);
  }

  // Reads it with and without the card, and says who decoded it.
  static CardUse AsByTheProcessor(const fs::path& path, ReaderOptions options = {},
                                  const char* fails = nullptr, int card = 0) {
    unsetenv("FAKE_CUDA");
    std::optional<CardUse> nobody, use;
    const std::vector<std::string> expected = Told(path, options, &nobody);
    EXPECT_FALSE(nobody);
    setenv("FAKE_NVDEC_FILMS", path.c_str(), 1);
    ResetFaults(fails);
    options.card = card;
    const std::vector<std::string> told = Told(path, options, &use);
    EXPECT_EQ(told, expected) << path;
    unsetenv("FAKE_CUDA");
    return use.value_or(CardUse{.why_not = "nobody asked"});
  }
  static void ExpectByTheCard(const fs::path& path, const ReaderOptions& options = {}) {
    const CardUse use = AsByTheProcessor(path, options);
    EXPECT_EQ(use.why_not, "") << path;
    EXPECT_GT(use.card_frames, 0) << path;
    EXPECT_EQ(use.processor_frames, 0) << path;
  }

 private:
  static void ResetFaults(const char* fails) {
    const auto fail = reinterpret_cast<bool (*)(const char*)>(
        dlsym(dlopen(CROSSFACE_FAKE_CUDA, RTLD_NOW), "FakeCudaFails"));
    fail("");  // counts from here
    if (fails != nullptr) setenv("FAKE_CUDA", fails, 1);
  }
  int (*held_)() = nullptr;
};

constexpr const char* kFilm =
    "-f lavfi -i testsrc2=s=400x226:r=25:d=3 -pix_fmt yuv420p -c:v libx264 -bf 3 -g 20";

TEST_F(CardDecoderTest, FilmsAreThoseOfTheProcessor) {
  ExpectByTheCard(Make("film.mp4", kFilm));
  const std::string source = "-f lavfi -i testsrc2=s=400x228:r=25:d=1.6 ";
  ExpectByTheCard(Make("full.mp4", source + "-pix_fmt yuvj420p -color_range pc -c:v libx264"));
  ExpectByTheCard(Make("bt2020.mp4", source + "-pix_fmt yuv420p -colorspace bt2020nc -c:v libx264"));
  ExpectByTheCard(
      Make("fields.mp4", source + "-pix_fmt yuv420p -flags +ilme+ildct -c:v libx264 -x264-params tff=1"));
  ExpectByTheCard(
      Make("open.ts", source + "-pix_fmt yuv420p -c:v libx264 -x264-params open-gop=1:keyint=12"));
  ExpectByTheCard(Make("slices.mkv", source + "-pix_fmt yuv420p -c:v libx264 -x264-params slices=5"));
  ExpectByTheCard(Make("hevc.mp4", source + "-pix_fmt yuv420p -c:v libx265 -x265-params log-level=none"));
  ExpectByTheCard(Make("ten.mkv", source + "-pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=none"));
  ExpectByTheCard(
      Make("twelve.mp4", source + "-pix_fmt yuv420p12le -c:v libx265 -x265-params log-level=none"));
}

TEST_F(CardDecoderTest, RealFilmsAreThoseOfTheProcessor) {
  CROSSFACE_NEEDS_SHARED("data/videos/hamilton_short.mp4");
  ExpectByTheCard(Video("hamilton_short.mp4"));
  ExpectByTheCard(Odd("hevc_livephoto.mov"));  // rotated
  ExpectByTheCard(Odd("made_hevc10.mp4"));
  ExpectByTheCard(Odd("made_rotate90.mp4"));
  ExpectByTheCard(Odd("made_vfr.mp4"));
}

// Whatever a user brings: sound or not, a film or not.
TEST_F(CardDecoderTest, EveryOddFileIsReadAsByTheProcessor) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  int64_t by_card = 0;
  for (const auto& entry : fs::directory_iterator(Odd("")))
    by_card += AsByTheProcessor(entry.path()).card_frames;
  EXPECT_GT(by_card, 1000);
}

TEST_F(CardDecoderTest, WhatIsCutOffTurnedOrChangedIsAsByTheProcessor) {
  const auto film = Make("film.mp4", kFilm);
  const auto of_film = [&](const std::string& name, const std::string& how) {
    return Make(name, fmt::format("-i '{}' -c copy {}", film.string(), how));
  };
  ExpectByTheCard(
      of_film("left.mp4", "-bsf:v h264_metadata=crop_left=2:crop_top=4:crop_right=6:crop_bottom=2"));
  ExpectByTheCard(of_film("far.mp4", "-bsf:v h264_metadata=crop_left=64:crop_top=32"));
  ExpectByTheCard(of_film("turned.mp4", "-bsf:v h264_metadata=display_orientation=insert:rotate=90"));
  ExpectByTheCard(of_film("wide.mp4", "-bsf:v h264_metadata=sample_aspect_ratio=4/3"));
  // Pictures change their size, and colours their meaning, in mid-stream.
  const auto part = [&](const std::string& name, const std::string& size, const std::string& how) {
    Make(name,
         fmt::format("-f lavfi -i testsrc2=s={}:r=25:d=0.8 -pix_fmt yuv420p -c:v libx264 {}", size, how));
  };
  part("small.h264", "176x144", "-bf 2");
  part("large.h264", "320x240", "-bf 2");
  part("full.h264", "320x240", "-bf 2 -color_range pc -pix_fmt yuvj420p");
  ExpectByTheCard(Join("smaller.h264", {"large.h264", "small.h264", "large.h264"}));
  ExpectByTheCard(Join("larger.h264", {"small.h264", "large.h264"}));
  ExpectByTheCard(Join("outgrown.h264", {"small.h264", "large.h264"}), {.stop_at_larger = true});
  ExpectByTheCard(Join("range.h264", {"large.h264", "full.h264", "large.h264"}));
}

TEST_F(CardDecoderTest, WhatTheCardRefusesTheProcessorDecodes) {
  const auto film = Make("film.mp4", kFilm);
  const auto expect = [](const CardUse& use, const char* why) {
    EXPECT_EQ(use.card_frames, 0);
    EXPECT_GT(use.processor_frames, 0);
    EXPECT_THAT(use.why_not, HasSubstr(why));
  };
  expect(AsByTheProcessor(film, {}, "cuInit", 5), "no CUDA-capable device is detected");
  expect(AsByTheProcessor(film, {}, "cuCtxCreate_v2", 6), "out of memory");
  expect(AsByTheProcessor(film, {}, nullptr, 30), "invalid device ordinal");
  expect(AsByTheProcessor(film, {}, "cuvidGetDecoderCaps"), "lacking required capabilities");
  expect(AsByTheProcessor(film, {}, "cuvidCreateDecoder"), "out of memory");
  expect(AsByTheProcessor(film, {}, "cuvidDecodePicture"), "cuvidDecodePicture");
  expect(AsByTheProcessor(film, {}, "cuvidMapVideoFrame64"), "out of memory");
  expect(AsByTheProcessor(film, {}, "cuMemcpy2DAsync_v2"), "out of memory");
  expect(AsByTheProcessor(film, {}, "pixels"), "other pictures than the processor");
  const auto made = [&](const std::string& name, const std::string& size, const std::string& how) {
    return AsByTheProcessor(Make(name, fmt::format("-f lavfi -i testsrc2=s={}:r=25:d=0.4 {}", size, how)));
  };
  expect(made("tiny.mp4", "32x32", "-pix_fmt yuv420p -c:v libx264"), "not within range");
  expect(made("ten.mp4", "320x240", "-pix_fmt yuv420p10le -c:v libx264"), "h264 with pixels of yuv420p10le");
  expect(made("colours.mp4", "320x240", "-pix_fmt yuv422p -c:v libx264"), "h264 with pixels of yuv422p");
  expect(made("all.mp4", "320x240", "-pix_fmt yuv444p -c:v libx265 -x265-params log-level=none"),
         "hevc with pixels of yuv444p");
  expect(made("grey.mp4", "320x240", "-pix_fmt gray -c:v libx265 -x265-params log-level=none"),
         "pixels of gray");
  expect(made("old.avi", "320x240", "-pix_fmt yuv420p -c:v mpeg4"), "only h264 and hevc");
  expect(made("odd.webm", "321x179", "-pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime"), "this is vp9");
}

TEST_F(CardDecoderTest, WhatFailsInMidStreamGoesOnByTheProcessor) {
  const auto film = Make("film.mp4", kFilm);
  for (const char* fails : {"cuvidDecodePicture:2", "cuvidDecodePicture:21", "cuvidDecodePicture:75",
                            "cuvidMapVideoFrame64:2", "cuvidMapVideoFrame64:30", "cuMemcpy2DAsync_v2:3",
                            "cuMemcpy2DAsync_v2:100", "cuMemcpy2DAsync_v2:150"}) {
    SCOPED_TRACE(fails);
    const CardUse use = AsByTheProcessor(film, {}, fails);
    EXPECT_EQ(use.card_frames + use.processor_frames, 75);
    EXPECT_GT(use.processor_frames, 0);
    EXPECT_NE(use.why_not, "");
  }
  EXPECT_GT(AsByTheProcessor(film, {}, "cuMemcpy2DAsync_v2:100").card_frames, 40);
  // What comes after a change of size does not fit on the card any more, or is of another kind.
  const std::string part = "-f lavfi -i testsrc2=s={}:r=25:d=0.8 {} -c:v libx264";
  Make("large.h264", fmt::format(fmt::runtime(part), "320x240", "-pix_fmt yuv420p"));
  Make("tiny.h264", fmt::format(fmt::runtime(part), "32x32", "-pix_fmt yuv420p"));
  Make("colours.h264", fmt::format(fmt::runtime(part), "320x240", "-pix_fmt yuv422p"));
  for (const char* second : {"tiny.h264", "colours.h264"}) {
    const CardUse use = AsByTheProcessor(Join("both.h264", {"large.h264", second, "large.h264"}));
    EXPECT_GT(use.card_frames, 10) << second;
    EXPECT_GT(use.processor_frames, 0) << second;
  }
  const CardUse full =
      AsByTheProcessor(Join("same.h264", {"large.h264", "large.h264"}), {}, "cuvidCreateDecoder:2");
  EXPECT_EQ(full.why_not, "") << "the second half has the size of the first: its decoder goes on";
}

TEST_F(CardDecoderTest, DamagedFilmsAreToldAsDamaged) {
  const std::string film = *ReadFile(Make("film.ts", kFilm));
  const auto with = [&](const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(WriteFileAtomically(File(name), bytes).ok());
    return AsByTheProcessor(File(name));
  };
  with("cut.ts", film.substr(0, film.size() * 2 / 3 - 77));
  std::string holes = film;
  holes.erase(holes.size() / 2 / 188 * 188, size_t{188} * 20);
  EXPECT_GT(with("holes.ts", holes).processor_frames, 0);
  const std::string whole = *ReadFile(Make("film.mp4", kFilm));
  EXPECT_GT(with("half.mp4", whole.substr(0, whole.size() / 2)).processor_frames, -1);
  Make("front.mp4", std::string(kFilm) + " -movflags +faststart");
  const std::string front = *ReadFile(File("front.mp4"));
  with("cut.mp4", front.substr(0, front.size() * 3 / 4));
}

TEST_F(CardDecoderTest, ReadingBeginsInTheMiddleAsByTheProcessor) {
  const auto film =
      Make("film.mp4", "-f lavfi -i testsrc=d=8:s=160x120:r=25 -pix_fmt yuv420p -c:v libx264 -bf 2 -g 20");
  std::vector<FrameMark> marks;
  FrameRange range;
  {
    const auto reader = OpenSource(film);
    while (true) {
      const auto frame = (*reader)->Next();
      if (!frame.ok() || !*frame) break;
      marks.push_back(*MarkOf(**frame));
    }
    const SourceInfo& info = (*reader)->info();
    range.times = {marks.front().pts, info.time_base_num, info.time_base_den};
  }
  ASSERT_EQ(marks.size(), 200u);
  range = {.begin = 130,
           .end = 180,
           .times = range.times,
           .seeks = true,
           .marks = {marks.begin() + 130, marks.begin() + 180}};
  setenv("FAKE_NVDEC_FILMS", film.c_str(), 1);
  for (const char* fails : {"", "cuvidDecodePicture:60", "cuMemcpy2DAsync_v2:150"}) {
    setenv("FAKE_CUDA", fails, 1);
    const auto reader = OpenRange(film, {.card = 0}, range);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    int64_t frames = 0;
    while (true) {
      const auto frame = (*reader)->Next();
      ASSERT_TRUE(frame.ok()) << frame.status().message();
      if (!*frame) break;
      ++frames;
    }
    EXPECT_EQ(frames, 50);
    const auto use = (*reader)->card_use();
    ASSERT_TRUE(use);
    EXPECT_EQ(use->processor_frames > 0, *fails != '\0') << use->why_not;
    unsetenv("FAKE_CUDA");
  }
}

TEST_F(CardDecoderTest, SeveralFilmsAtOnceShareTheCard) {
  std::vector<fs::path> films;
  std::string names;
  for (int i = 0; i < 4; ++i) {
    films.push_back(
        Make(fmt::format("film{}.mp4", i),
             fmt::format("-f lavfi -i testsrc2=s=3{}0x240:r=25:d=2 -pix_fmt yuv420p -c:v libx264", i)));
    names += films.back().string() + ":";
  }
  setenv("FAKE_NVDEC_FILMS", names.c_str(), 1);
  std::vector<std::vector<std::string>> told(films.size());
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < films.size(); ++i)
      threads.emplace_back([&, i] {
        std::optional<CardUse> use;
        told[i] = Told(films[i], {.card = 0}, &use);
        EXPECT_TRUE(use && use->card_frames == 50 && use->processor_frames == 0);
      });
  }
  for (size_t i = 0; i < films.size(); ++i) {
    std::optional<CardUse> use;
    EXPECT_EQ(told[i], Told(films[i], {}, &use));
  }
}

TEST_F(CardDecoderTest, OfPicturesNobodySaysWhoDecodedThem) {
  const auto picture = Make("picture.png", "-f lavfi -i testsrc2=s=160x120 -frames:v 1");
  const auto reader = OpenSource(picture, {.card = 0});
  ASSERT_TRUE(reader.ok());
  EXPECT_FALSE((*reader)->card_use());
}

TEST_F(CardDecoderTest, SaysWhetherThereIsACard) {
  EXPECT_TRUE(CheckDecodingCard(0).ok());
  const Status none = CheckDecodingCard(40);
  EXPECT_EQ(none.code(), StatusCode::kDeviceUnavailable);
  EXPECT_THAT(none.message(), HasSubstr("the card 40 cannot be used"));
}

}  // namespace
}  // namespace crossface
