#include "crossface/util/jpeg.h"

// Needs what stdio.h declares.
#include <cstdio>
//
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

namespace crossface {
namespace {

constexpr int64_t kMostPixels = int64_t{1} << 26;

// libjpeg's way out of an error is a jump: what is alive between setjmp and the jump must need no destructor.
struct Failure {
  jpeg_error_mgr manager;
  jmp_buf jump;
};

[[noreturn]] void Jump(j_common_ptr info) { longjmp(reinterpret_cast<Failure*>(info->err)->jump, 1); }

void SayNothing(j_common_ptr) {}

jpeg_error_mgr* Silenced(Failure* failure) {
  jpeg_error_mgr* const manager = jpeg_std_error(&failure->manager);
  manager->error_exit = Jump;
  manager->output_message = SayNothing;
  return manager;
}

// False where libjpeg fails, or the picture is none of ours. Makes `bgr`.
bool Decode(jpeg_decompress_struct* info, Failure* failure, std::string_view jpeg, cv::Mat* bgr) {
  if (setjmp(failure->jump) != 0) return false;
  jpeg_create_decompress(info);
  jpeg_mem_src(info, reinterpret_cast<const unsigned char*>(jpeg.data()),
               static_cast<unsigned long>(jpeg.size()));
  jpeg_read_header(info, TRUE);
  if (info->num_components != 1 && info->num_components != 3) return false;
  if (static_cast<int64_t>(info->image_width) * info->image_height > kMostPixels) return false;
  info->out_color_space = JCS_EXT_BGR;
  jpeg_start_decompress(info);
  bgr->create(static_cast<int>(info->output_height), static_cast<int>(info->output_width), CV_8UC3);
  while (info->output_scanline < info->output_height) {
    JSAMPROW row = bgr->ptr(static_cast<int>(info->output_scanline));
    jpeg_read_scanlines(info, &row, 1);
  }
  jpeg_finish_decompress(info);
  return true;
}

// False where libjpeg fails. The comment belongs to `info`.
bool ReadComment(jpeg_decompress_struct* info, Failure* failure, std::string_view jpeg,
                 std::string_view* comment) {
  if (setjmp(failure->jump) != 0) return false;
  jpeg_create_decompress(info);
  jpeg_mem_src(info, reinterpret_cast<const unsigned char*>(jpeg.data()),
               static_cast<unsigned long>(jpeg.size()));
  jpeg_save_markers(info, JPEG_COM, 0xFFFF);
  jpeg_read_header(info, TRUE);
  if (info->marker_list != nullptr)
    *comment = {reinterpret_cast<const char*>(info->marker_list->data), info->marker_list->data_length};
  return true;
}

// The result, which is malloc's, in `bytes`.
bool Encode(jpeg_compress_struct* info, Failure* failure, const cv::Mat& bgr, int quality,
            std::string_view comment, unsigned char** bytes, unsigned long* size) {
  if (setjmp(failure->jump) != 0) return false;
  jpeg_create_compress(info);
  jpeg_mem_dest(info, bytes, size);
  info->image_width = static_cast<JDIMENSION>(bgr.cols);
  info->image_height = static_cast<JDIMENSION>(bgr.rows);
  info->input_components = 3;
  info->in_color_space = JCS_EXT_BGR;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, quality, TRUE);
  jpeg_start_compress(info, TRUE);
  if (!comment.empty())
    jpeg_write_marker(info, JPEG_COM, reinterpret_cast<const JOCTET*>(comment.data()),
                      static_cast<unsigned>(comment.size()));
  while (info->next_scanline < info->image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(bgr.ptr(static_cast<int>(info->next_scanline)));
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
  return true;
}

}  // namespace

std::string EncodeJpeg(const cv::Mat& bgr, int quality, std::string_view comment) {
  if (bgr.empty() || bgr.type() != CV_8UC3) throw std::logic_error("only 8-bit BGR is encoded");
  jpeg_compress_struct info{};
  Failure failure{};
  info.err = Silenced(&failure);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool encoded = Encode(&info, &failure, bgr, quality, comment, &bytes, &size);
  jpeg_destroy_compress(&info);
  std::string jpeg;
  if (encoded) jpeg.assign(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  if (!encoded) throw std::runtime_error("a picture cannot be encoded as JPEG");
  return jpeg;
}

std::string EncodeSmallJpeg(const cv::Mat& bgr, int most_side, int quality) {
  const double scale = static_cast<double>(most_side) / std::max(bgr.cols, bgr.rows);
  if (scale >= 1) return EncodeJpeg(bgr, quality);
  const cv::Size size(std::max(1, cvRound(bgr.cols * scale)), std::max(1, cvRound(bgr.rows * scale)));
  cv::Mat small;
  cv::resize(bgr, small, size, 0, 0, cv::INTER_AREA);
  return EncodeJpeg(small, quality);
}

cv::Mat DecodeJpeg(std::string_view jpeg) {
  if (jpeg.empty()) return {};
  jpeg_decompress_struct info{};
  Failure failure{};
  info.err = Silenced(&failure);
  cv::Mat bgr;
  const bool decoded = Decode(&info, &failure, jpeg, &bgr);
  jpeg_destroy_decompress(&info);
  return decoded ? bgr : cv::Mat();
}

std::string JpegComment(std::string_view jpeg) {
  if (jpeg.empty()) return "";
  jpeg_decompress_struct info{};
  Failure failure{};
  info.err = Silenced(&failure);
  std::string_view found;
  std::string comment;
  if (ReadComment(&info, &failure, jpeg, &found)) comment = found;
  jpeg_destroy_decompress(&info);
  return comment;
}

}  // namespace crossface
