#include "crossface/media/read/tiff_page.h"

#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crossface/media/read/picture_limits.h"
#include "crossface/media/read/tiff_jpegs.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/rational.h>
}

namespace crossface {
namespace {

constexpr size_t kMaxDirectories = 10'000;
constexpr tmsize_t kMaxAllocation = 1LL << 31;
constexpr uint16_t kPhotometricLinearRaw = 34892;

struct TiffDeleter {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

// What libtiff reads from, and where its messages go.
class TiffInput {
 public:
  explicit TiffInput(const InputFile& file) : file_(file) {}

  std::unique_ptr<TIFF, TiffDeleter> Open() {
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               &TIFFOpenOptionsFree);
    if (!options) throw std::bad_alloc();
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxAllocation);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &TakeError, this);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &TakeWarning, this);
    // "m": no memory mapping, so that a file that shrinks is an error and no crash.
    return std::unique_ptr<TIFF, TiffDeleter>(TIFFClientOpenExt("TIFF", "rm", this, &Read, &Write, &Seek,
                                                                &Close, &Size, &Map, &Unmap, options.get()));
  }

  // From now on this byte is read in place of the file's.
  void Replace(int64_t at, char byte) { replaced_ = {at, byte}; }

  void ForgetErrors() { errors_ = 0; }
  int errors() const { return errors_; }
  const std::string& last_error() const { return last_error_; }

 private:
  static TiffInput& Self(thandle_t handle) { return *static_cast<TiffInput*>(handle); }

  static tmsize_t Read(thandle_t handle, void* buffer, tmsize_t size) {
    TiffInput& self = Self(handle);
    const Result<std::string> bytes =
        self.file_.ReadAt(self.position_, static_cast<size_t>(std::max<tmsize_t>(size, 0)));
    if (!bytes.ok()) return -1;
    std::memcpy(buffer, bytes->data(), bytes->size());
    if (self.replaced_) {
      const int64_t at = self.replaced_->at - self.position_;
      if (at >= 0 && at < static_cast<int64_t>(bytes->size()))
        static_cast<char*>(buffer)[at] = self.replaced_->byte;
    }
    self.position_ += static_cast<int64_t>(bytes->size());
    return static_cast<tmsize_t>(bytes->size());
  }
  static tmsize_t Write(thandle_t, void*, tmsize_t) { return -1; }
  static toff_t Seek(thandle_t handle, toff_t offset, int whence) {
    TiffInput& self = Self(handle);
    const int64_t base = whence == SEEK_CUR ? self.position_ : whence == SEEK_END ? self.file_.size() : 0;
    const int64_t wanted = base + static_cast<int64_t>(offset);
    if (wanted < 0) return static_cast<toff_t>(-1);
    self.position_ = wanted;
    return static_cast<toff_t>(wanted);
  }
  static int Close(thandle_t) { return 0; }
  static toff_t Size(thandle_t handle) { return static_cast<toff_t>(Self(handle).file_.size()); }
  static int Map(thandle_t, void**, toff_t*) { return 0; }
  static void Unmap(thandle_t, void*, toff_t) {}

  static int TakeError(TIFF*, void* user, const char*, const char* format, va_list arguments) {
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    auto& self = *static_cast<TiffInput*>(user);
    ++self.errors_;
    self.last_error_ = EscapeInvalidUtf8(Trim(text));
    return 1;
  }
  static int TakeWarning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

  struct Replaced {
    int64_t at = 0;
    char byte = 0;
  };
  const InputFile& file_;
  int64_t position_ = 0;
  std::optional<Replaced> replaced_;
  int errors_ = 0;
  std::string last_error_;
};

template <typename T>
T Tag(TIFF* tiff, uint32_t tag, T absent = {}) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : absent;
}

struct Directory {
  uint64_t offset = 0;
  int64_t pixels = 0;
  bool copy = false;  // a thumbnail, a mask, a smaller copy
  bool sub = false;   // hangs on another directory, as cameras have their pictures
};

class TiffPage final : public PictureDecoder {
 public:
  TiffPage(const InputFile& file, int64_t max_pixels)
      : file_(file),
        name_(DisplayPath(file.path())),
        max_pixels_(max_pixels),
        input_(file),
        tiff_(input_.Open()) {}

  Status Open(int page, TiffFacts* facts) {
    page_ = page;
    if (!tiff_) return page == 1 && UseJpeg(0).ok() ? Status() : Broken(input_.last_error());
    ListDirectories();
    facts->raw = raw_;
    std::vector<Directory> pages = raw_ ? LargestReadable() : Pages();
    facts->pages = std::max<int>(1, static_cast<int>(pages.size()));
    if (raw_ && UseJpeg(pages.empty() ? 0 : pages.front().pixels).ok()) return Status();
    if (raw_ && pages.empty()) {
      return Status(
          StatusCode::kUnsupported,
          name_ + ": is a camera's raw picture without a developed copy; develop it to JPEG or TIFF");
    }
    if (pages.empty()) return UseJpeg(0).ok() ? Status() : Broken("it holds no picture");
    if (page > static_cast<int>(pages.size()))
      return Status(StatusCode::kNotFound, fmt::format("{}: has no page {}", name_, page));
    input_.ForgetErrors();
    if (!Select(pages[static_cast<size_t>(page - 1)].offset)) return Broken(input_.last_error());
    if (const Status readable = CheckReadable(); !readable.ok()) {
      return page == 1 && UseJpeg(0).ok() ? Status() : readable;
    }
    facts->orientation = Tag<uint16_t>(tiff_.get(), TIFFTAG_ORIENTATION, 1);
    if (page == 1 && !raw_ && chain_is_broken_) complaint_ = "the list of its pages is damaged";
    return Status();
  }

  Result<LibavPtr<AVFrame>> Next() override {
    if (std::exchange(given_, true)) return LibavPtr<AVFrame>();
    if (jpeg_) return DecodeJpeg(file_, *jpeg_);
    const auto width = Tag<uint32_t>(tiff_.get(), TIFFTAG_IMAGEWIDTH),
               height = Tag<uint32_t>(tiff_.get(), TIFFTAG_IMAGELENGTH);
    std::vector<uint32_t> raster(size_t{width} * height);
    // Rows stay as they are stored: turning is for the one who asked.
    TIFFSetField(tiff_.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    input_.ForgetErrors();
    const int done =
        TIFFReadRGBAImageOriented(tiff_.get(), width, height, raster.data(), ORIENTATION_TOPLEFT, 0);
    const bool empty =
        std::all_of(raster.begin(), raster.end(), [&](uint32_t pixel) { return pixel == raster.front(); });
    if (done == 0 || (input_.errors() > 0 && empty)) {
      return page_ == 1 && UseJpeg(0).ok() ? DecodeJpeg(file_, *jpeg_) : Broken(input_.last_error());
    }
    if (input_.errors() > 0) complaint_ = input_.last_error();
    return MakeFrame(raster, static_cast<int>(width), static_cast<int>(height));
  }

  std::string complaint() const override { return complaint_; }

 private:
  Status Broken(const std::string& why) const {
    return Status(StatusCode::kCorrupt,
                  fmt::format("{}: not a single picture could be decoded ({}); get another copy "
                              "of the file",
                              name_, why.empty() ? "TIFF" : why));
  }

  // In place of a page that libtiff cannot read, or reads in a smaller copy: a JPEG picture that is all
  // there.
  Status UseJpeg(int64_t more_pixels_than) {
    const auto jpegs = FindJpegsInTiff(file_);
    if (jpegs.empty() || jpegs.front().pixels <= more_pixels_than || jpegs.front().pixels > max_pixels_)
      return Status(StatusCode::kNotFound, "there is none");
    jpeg_ = jpegs.front();
    return Status();
  }

  void ListDirectories() {
    const std::string head = file_.ReadAt(0, 10).ok() ? *file_.ReadAt(0, 10) : "";
    raw_ = head.ends_with("CR");  // Canon's
    std::vector<uint64_t> sub_offsets;
    do {
      Note(false);
      uint16_t count = 0;
      void* offsets = nullptr;
      if (TIFFGetField(tiff_.get(), TIFFTAG_SUBIFD, &count, &offsets) == 1 && offsets != nullptr) {
        const auto* first = static_cast<const uint64_t*>(offsets);
        sub_offsets.insert(sub_offsets.end(), first, first + std::min<uint16_t>(count, 16));
      }
    } while (directories_.size() < kMaxDirectories && TIFFReadDirectory(tiff_.get()) == 1);
    chain_is_broken_ = directories_.size() < kMaxDirectories && TIFFLastDirectory(tiff_.get()) == 0;
    for (const uint64_t offset : sub_offsets) {
      if (TIFFSetSubDirectory(tiff_.get(), offset) == 1) Note(true);
    }
  }

  void Note(bool sub) {
    const auto width = Tag<uint32_t>(tiff_.get(), TIFFTAG_IMAGEWIDTH),
               height = Tag<uint32_t>(tiff_.get(), TIFFTAG_IMAGELENGTH);
    const auto kind = Tag<uint32_t>(tiff_.get(), TIFFTAG_SUBFILETYPE);
    const auto colours = Tag<uint16_t>(tiff_.get(), TIFFTAG_PHOTOMETRIC);
    raw_ = raw_ || colours == PHOTOMETRIC_CFA || colours == kPhotometricLinearRaw;
    if (width == 0 || height == 0) return;
    directories_.push_back({.offset = TIFFCurrentDirOffset(tiff_.get()),
                            .pixels = int64_t{width} * height,
                            .copy = (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0,
                            .sub = sub});
  }

  std::vector<Directory> Pages() const {
    std::vector<Directory> pages;
    for (const bool copies_too : {false, true}) {
      for (const Directory& directory : directories_) {
        if (!directory.sub && (copies_too || !directory.copy)) pages.push_back(directory);
      }
      if (!pages.empty()) break;
    }
    return pages;
  }

  std::vector<Directory> LargestReadable() {
    std::vector<Directory> sorted = directories_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.pixels > b.pixels; });
    for (const Directory& directory : sorted) {
      if (Select(directory.offset) && CheckReadable().ok()) return {directory};
    }
    return {};
  }

  bool Select(uint64_t offset) {
    if (TIFFSetSubDirectory(tiff_.get(), offset) != 1) return false;
    // Tables of the newer JPEG compression under the number of the older one, which has none: the number is
    // wrong.
    if (Tag<uint16_t>(tiff_.get(), TIFFTAG_COMPRESSION) != COMPRESSION_OJPEG) return true;
    if (const auto place = PlaceOfCompression(static_cast<int64_t>(offset))) {
      input_.Replace(*place, COMPRESSION_JPEG);
      return TIFFSetSubDirectory(tiff_.get(), offset) == 1;
    }
    return true;
  }

  // Of the low byte of the number of the compression, in a directory that has JPEG tables.
  std::optional<int64_t> PlaceOfCompression(int64_t directory) const {
    const Result<std::string> head = file_.ReadAt(0, 2), bytes = file_.ReadAt(directory, 2 + 12 * 512);
    if (!head.ok() || !bytes.ok() || bytes->size() < 2) return std::nullopt;
    const bool little = *head == "II";
    const auto number = [&](size_t at) {
      const auto first = static_cast<uint8_t>((*bytes)[at]), second = static_cast<uint8_t>((*bytes)[at + 1]);
      return little ? first | second << 8 : first << 8 | second;
    };
    std::optional<int64_t> place;
    bool tables = false;
    for (size_t at = 2; at + 12 <= bytes->size() && at < 2 + 12 * static_cast<size_t>(number(0)); at += 12) {
      if (number(at) == TIFFTAG_COMPRESSION) place = directory + static_cast<int64_t>(at) + (little ? 8 : 9);
      tables = tables || number(at) == TIFFTAG_JPEGTABLES;
    }
    return tables ? place : std::nullopt;
  }

  Status CheckReadable() {
    const auto width = Tag<uint32_t>(tiff_.get(), TIFFTAG_IMAGEWIDTH),
               height = Tag<uint32_t>(tiff_.get(), TIFFTAG_IMAGELENGTH);
    CROSSFACE_RETURN_IF_ERROR(CheckPixels(name_, int64_t{width} * height, max_pixels_));
    const auto compression = Tag<uint16_t>(tiff_.get(), TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    char why[1024] = "";
    if (TIFFIsCODECConfigured(compression) == 0) {
      return Status(
          StatusCode::kUnsupported,
          fmt::format("{}: is a TIFF of a kind that cannot be read (compression {}); convert it to a plain "
                      "TIFF, PNG or JPEG",
                      name_, compression));
    }
    if (TIFFRGBAImageOK(tiff_.get(), why) == 1) return Status();
    return Status(
        StatusCode::kUnsupported,
        fmt::format(
            "{}: is a TIFF of a kind that cannot be read ({}); convert it to a plain TIFF, PNG or JPEG",
            name_, EscapeInvalidUtf8(Trim(why))));
  }

  Result<LibavPtr<AVFrame>> MakeFrame(const std::vector<uint32_t>& raster, int width, int height) const {
    auto frame = NewFrame(AV_PIX_FMT_RGBA, width, height);
    const size_t row = static_cast<size_t>(width);
    for (int y = 0; y < height; ++y)
      std::memcpy(frame->data[0] + int64_t{y} * frame->linesize[0],
                  raster.data() + row * static_cast<size_t>(y), row * 4);
    // Fax machines have other pixels a centimetre across than down.
    const auto across = Tag<float>(tiff_.get(), TIFFTAG_XRESOLUTION),
               down = Tag<float>(tiff_.get(), TIFFTAG_YRESOLUTION);
    if (across > 0 && down > 0) frame->sample_aspect_ratio = av_d2q(double{down} / double{across}, 10'000);
    return frame;
  }

  const InputFile& file_;
  const std::string name_;
  const int64_t max_pixels_;
  TiffInput input_;
  std::unique_ptr<TIFF, TiffDeleter> tiff_;
  std::vector<Directory> directories_;
  std::optional<JpegInTiff> jpeg_;
  int page_ = 1;
  bool raw_ = false, chain_is_broken_ = false, given_ = false;
  std::string complaint_;
};

}  // namespace

Result<std::unique_ptr<PictureDecoder>> OpenTiffPage(const InputFile& file, int page, int64_t max_pixels,
                                                     TiffFacts* facts) {
  auto opened = std::make_unique<TiffPage>(file, max_pixels);
  CROSSFACE_RETURN_IF_ERROR(opened->Open(page, facts));
  return std::unique_ptr<PictureDecoder>(std::move(opened));
}

}  // namespace crossface
