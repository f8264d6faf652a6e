#include "crossface/media/file/heif_file.h"

#include <algorithm>
#include <array>

#include "crossface/util/text.h"

namespace crossface {
namespace {

constexpr std::array<std::string_view, 12> kBrands = {"heic", "heix", "heim", "heis", "hevc", "hevm",
                                                      "hevs", "mif1", "msf1", "avif", "avis", "miaf"};

}  // namespace

bool IsHeif(std::string_view file) {
  return file.size() >= 12 && file.substr(4, 4) == "ftyp" &&
         std::find(kBrands.begin(), kBrands.end(), file.substr(8, 4)) != kBrands.end();
}

Result<HeifPtr<heif_context>> OpenHeif(std::string_view content) {
  HeifPtr<heif_context> context(heif_context_alloc());
  if (!context) return Status(StatusCode::kOutOfResources, "not enough memory for a picture");
  // A picture is one piece of work; others are done beside it.
  heif_context_set_max_decoding_threads(context.get(), 0);
  CROSSFACE_RETURN_IF_ERROR(StatusOf(
      heif_context_read_from_memory_without_copy(context.get(), content.data(), content.size(), nullptr)));
  return context;
}

std::vector<heif_item_id> ListHeifPictures(heif_context* context) {
  std::vector<heif_item_id> pictures(
      static_cast<size_t>(std::max(heif_context_get_number_of_top_level_images(context), 0)));
  heif_context_get_list_of_top_level_image_IDs(context, pictures.data(), static_cast<int>(pictures.size()));
  heif_item_id main = 0;
  if (heif_context_get_primary_image_ID(context, &main).code != heif_error_Ok) return pictures;
  std::stable_partition(pictures.begin(), pictures.end(), [&](heif_item_id id) { return id == main; });
  return pictures;
}

Status StatusOf(const heif_error& error) {
  if (error.code == heif_error_Ok) return Status();
  const std::string words = EscapeInvalidUtf8(error.message);
  switch (error.code) {
    case heif_error_Memory_allocation_error:
      return Status(StatusCode::kOutOfResources, words);
    case heif_error_Unsupported_feature:
    case heif_error_Unsupported_filetype:
      return Status(StatusCode::kUnsupported, words);
    default:
      return Status(StatusCode::kCorrupt, words);
  }
}

}  // namespace crossface
