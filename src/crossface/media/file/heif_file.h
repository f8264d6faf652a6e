// A HEIF or AVIF file in memory, opened by libheif: what its users share. Values and functions, thread-safe.
#pragma once

#include <libheif/heif.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

struct HeifDeleter {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_image* image) const { heif_image_release(image); }
  void operator()(heif_decoding_options* options) const { heif_decoding_options_free(options); }
  void operator()(heif_color_profile_nclx* colours) const { heif_nclx_color_profile_free(colours); }
};
template <typename T>
using HeifPtr = std::unique_ptr<T, HeifDeleter>;

// By the brand that the file begins with (ISO 23008-12; AVIF); also of sequences of pictures.
bool IsHeif(std::string_view file);

// The context points to `content`, which must outlive it. Errors: as StatusOf.
Result<HeifPtr<heif_context>> OpenHeif(std::string_view content);

// The pictures that are to be looked at, the main one first: without thumbnails, tiles, depth and gain maps.
std::vector<heif_item_id> ListHeifPictures(heif_context* context);

// Ok, kUnsupported, kOutOfResources or kCorrupt, with libheif's words and nothing else.
Status StatusOf(const heif_error& error);

}  // namespace crossface
