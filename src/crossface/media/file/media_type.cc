#include "crossface/media/file/media_type.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "crossface/media/file/camera_raw.h"
#include "crossface/media/file/heif_file.h"
#include "crossface/media/file/iso_boxes.h"

namespace crossface {
namespace {

// libav's scores: at AVPROBE_SCORE_RETRY (25 of 100) and below it asks for more bytes. Of the 75 videos and
// odd files and 1,108 photos of the developers' test data the lowest right answer is 26 (JPEG, MPEG program
// stream). Of the 48,139 files in a Debian's /usr/share nine catalogues and time zones are taken for a video
// at 25, and two files above it; of 114,644 in /usr/share, /usr/lib and /etc of another none but one above
// it.
constexpr int kLeastScore = AVPROBE_SCORE_RETRY + 1;

// Demuxers that would open further files or addresses, or that draw text as pictures.
constexpr std::array<std::string_view, 11> kNotContent = {
    "concat", "dash", "hls", "imf", "image2", "lavfi", "rtsp", "sdp", "tty", "vapoursynth", "libopenmpt"};

// Containers that hold pictures, by the first of libav's names; still images end in "_pipe".
constexpr std::array<std::string_view, 65> kPictureContainers = {
    "3dostr",     "apng",        "asf",  "av1",      "avi",    "avs2",      "avs3",      "bink",      "c93",
    "cavsvideo",  "cdxl",        "dhav", "dirac",    "dnxhd",  "dv",        "filmstrip", "flic",      "flv",
    "gif",        "gxf",         "h261", "h263",     "h264",   "hevc",      "ifv",       "ingenient", "iv8",
    "ivf",        "ivr",         "kux",  "live_flv", "lvf",    "lxf",       "m4v",       "matroska",  "mjpeg",
    "mjpeg_2000", "mlv",         "mov",  "mpeg",     "mpegts", "mpegvideo", "mpjpeg",    "msnwctcp",  "mtv",
    "mv",         "mxf",         "mxg",  "nsv",      "nut",    "nuv",       "obu",       "ogg",       "pva",
    "r3d",        "rm",          "roq",  "smjpeg",   "ty",     "vc1",       "vc1test",   "vividas",   "vivo",
    "wtv",        "yuv4mpegpipe"};

bool Contains(const auto& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

MediaType Describe(const AVInputFormat* format) {
  MediaType type{.format = format};
  const std::string_view names = format->name;
  const std::string_view name = names.substr(0, names.find(','));
  type.names_other_files = Contains(kNotContent, name);
  type.still = name.ends_with("_pipe") && name != "gif_pipe";
  // Formats of drawings, kept as text: C programs are taken for them.
  const bool drawing = name == "svg_pipe" || name == "xbm_pipe" || name == "xpm_pipe";
  type.picture_container =
      (type.still && !drawing) || name == "gif_pipe" || Contains(kPictureContainers, name);
  return type;
}

// Classic and with 64-bit offsets, in both byte orders.
bool IsTiff(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 4);
  return start == std::string_view("II*\0", 4) || start == std::string_view("MM\0*", 4) ||
         start == std::string_view("II+\0", 4) || start == std::string_view("MM\0+", 4);
}

bool IsAnimatedWebp(std::string_view bytes) {
  constexpr size_t kFlags = 20;
  constexpr char kAnimation = 2;
  return bytes.size() > kFlags && bytes.starts_with("RIFF") && bytes.substr(8, 8) == "WEBPVP8X" &&
         (bytes[kFlags] & kAnimation) != 0;
}

MediaType Recognise(std::string_view bytes) {
  std::vector<unsigned char> padded(bytes.begin(), bytes.end());
  padded.resize(bytes.size() + AVPROBE_PADDING_SIZE);
  const AVProbeData data{.filename = "", .buf = padded.data(), .buf_size = static_cast<int>(bytes.size())};
  int score = 0;
  const AVInputFormat* const format = av_probe_input_format3(&data, 1, &score);
  MediaType type = format != nullptr && score >= kLeastScore ? Describe(format) : MediaType{};
  // libav doubts a picture with something behind its end that looks like a part of another.
  if (type.format == nullptr && bytes.starts_with("\xFF\xD8\xFF"))
    if (const AVInputFormat* const jpeg = av_find_input_format("jpeg_pipe")) type = Describe(jpeg);
  if (IsTiff(bytes)) {
    type.tiff = type.still = type.picture_container = true;
    type.names_other_files = false;
  }
  if (IsAnimatedWebp(bytes)) {
    type.animated_webp = type.picture_container = true;
    type.still = false;
  }
  return type;
}

// A sequence of pictures has an index of its own, which libav reads as that of a film.
MediaType DescribeHeif(const InputFile& file) {
  const auto boxes = ListIsoBoxes(file, 0, file.size());
  const bool sequence =
      std::any_of(boxes.begin(), boxes.end(), [](const IsoBox& box) { return box.type == "moov"; });
  if (sequence)
    if (const AVInputFormat* const film = av_find_input_format("mov")) return Describe(film);
  return MediaType{.still = true, .picture_container = true, .heif = true};
}

}  // namespace

Result<MediaType> RecogniseMedia(const InputFile& file, Look look) {
  const size_t most = look == Look::kQuick ? 1 << 16 : 1 << 20;
  for (size_t count = 1 << 12; count <= most; count <<= 4) {
    Result<std::string> bytes = file.ReadAt(0, count);
    if (!bytes.ok()) return bytes.status();
    if (IsHeif(*bytes)) return DescribeHeif(file);
    if (IsRawPicture(*bytes)) return MediaType{.still = true, .picture_container = true, .camera_raw = true};
    const bool all = bytes->size() < count;
    const MediaType type = Recognise(*bytes);
    if (type.format != nullptr || type.tiff || all) return type;
  }
  return MediaType{};
}

}  // namespace crossface
