#include "crossface/media/write/video_copy_facts.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "crossface/media/read/display_colours.h"
#include "crossface/util/text.h"

extern "C" {
#include <libavutil/dict.h>
}

namespace crossface {
namespace {

// Tags that a reader makes up of the container itself, and the writer writes anew.
constexpr const char* kContainersOwnTags[] = {"major_brand", "minor_version", "compatible_brands", "encoder",
                                              "DURATION",    "duration",      "vendor_id"};

}  // namespace

void CopyTags(const AVDictionary* from, AVDictionary** to) {
  av_dict_copy(to, from, 0);
  for (const char* name : kContainersOwnTags) av_dict_set(to, name, nullptr, 0);
}

const char* ContainerOf(const std::filesystem::path& path) {
  const std::string extension = LowerAscii(path.extension().string());
  if (extension == ".mp4" || extension == ".m4v") return "mp4";
  if (extension == ".mov") return "mov";
  if (extension == ".mkv") return "matroska";
  return nullptr;
}

Colours ColoursOf(const AVCodecParameters& codec) {
  if (IsHighDynamicRange(codec.color_trc))
    return {AVCOL_PRI_BT709, AVCOL_TRC_BT709, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG};
  Colours colours{codec.color_primaries, codec.color_trc, codec.color_space, AVCOL_RANGE_MPEG};
  // Not matrices between YUV and RGB that a decoder of this copy could use.
  if (colours.matrix == AVCOL_SPC_RGB || colours.matrix == AVCOL_SPC_YCGCO)
    colours.matrix = AVCOL_SPC_UNSPECIFIED;
  const bool full_range_yuv = codec.format == AV_PIX_FMT_YUVJ420P || codec.format == AV_PIX_FMT_YUVJ422P ||
                              codec.format == AV_PIX_FMT_YUVJ444P;
  if (full_range_yuv || codec.color_range == AVCOL_RANGE_JPEG) colours.range = AVCOL_RANGE_JPEG;
  return colours;
}

}  // namespace crossface
