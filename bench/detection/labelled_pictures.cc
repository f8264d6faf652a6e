#include "detection/labelled_pictures.h"

#include <algorithm>
#include <map>
#include <regex>

#include "crossface/util/csv.h"
#include "crossface/util/file.h"

namespace crossface::bench {
namespace {

namespace fs = std::filesystem;

constexpr float kWiderOverlap = 0.5f;  // the benchmark's own rule
constexpr float kDlibOverlap = 0.3f;

using FacesByPicture = std::map<fs::path, std::vector<cv::Rect2f>>;

Status ReadWider(const fs::path& folder, FacesByPicture& faces) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(folder / "ground_truth.csv"));
  CROSSFACE_ASSIGN_OR_RETURN(const CsvTable table, ParseCsv(text));
  const int image = table.Column("image"), x = table.Column("x"), y = table.Column("y"),
            w = table.Column("w"), h = table.Column("h");
  if (std::min({image, x, y, w, h}) < 0)
    return Status(StatusCode::kCorrupt,
                  (folder / "ground_truth.csv").string() + ": wants the columns image,x,y,w,h");
  for (const auto& row : table.rows) {
    const auto number = [&](int column) { return std::stof(row[static_cast<size_t>(column)]); };
    faces[folder / row[static_cast<size_t>(image)]].emplace_back(number(x), number(y), number(w), number(h));
  }
  return Status();
}

Status ReadDlib(const fs::path& file, FacesByPicture& faces) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  static const std::regex kElement(
      R"re(<image file='([^']+)'|<box top='(-?\d+)' left='(-?\d+)' width='(\d+)' height='(\d+)')re");
  fs::path picture;
  for (std::sregex_iterator it(text.begin(), text.end(), kElement), end; it != end; ++it) {
    const auto& match = *it;
    if (match[1].matched) {
      picture = file.parent_path() / match[1].str();
      faces[picture];
    } else if (!picture.empty()) {
      const auto number = [&](size_t group) { return std::stof(match[group].str()); };
      faces[picture].emplace_back(number(3), number(2), number(4), number(5));
    }
  }
  return Status();
}

}  // namespace

Result<std::vector<LabelledPicture>> LoadLabelledPictures(const fs::path& folder) {
  std::vector<LabelledPicture> pictures;
  const auto add = [&](const FacesByPicture& faces, float overlap) {
    for (const auto& [path, boxes] : faces) pictures.push_back({path, boxes, overlap});
  };
  FacesByPicture wider, dlib;
  CROSSFACE_RETURN_IF_ERROR(ReadWider(folder / "wider_train_subset", wider));
  CROSSFACE_RETURN_IF_ERROR(ReadDlib(folder / "dlib_faces" / "training.xml", dlib));
  CROSSFACE_RETURN_IF_ERROR(ReadDlib(folder / "dlib_faces" / "testing.xml", dlib));
  add(dlib, kDlibOverlap);
  add(wider, kWiderOverlap);
  return pictures;
}

}  // namespace crossface::bench
