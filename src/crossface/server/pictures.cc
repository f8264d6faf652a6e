#include "crossface/server/pictures.h"

#include <array>

namespace crossface {

int ReadSize(QueryReader& query) {
  constexpr std::array<int, 6> kSizes = {128, 64, 96, 192, 256, 384};  // the first where none is asked for
  std::vector<std::string> words;
  for (const int size : kSizes) words.push_back(std::to_string(size));
  return kSizes.at(query.Word("size", words));
}

HttpAnswer PictureAnswer(Result<std::string> jpeg, const std::string& tag, const char* keep) {
  if (!jpeg.ok()) return ErrorAnswer(jpeg.status());
  HttpAnswer answer{.type = "image/jpeg", .body = *std::move(jpeg)};
  return answer.With("ETag", '"' + tag + '"').With("Cache-Control", keep);
}

}  // namespace crossface
