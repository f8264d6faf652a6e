#include "crossface/tui/picture.h"

#include <chafa.h>
#include <fmt/format.h>

#include <ftxui/dom/node.hpp>
#include <ftxui/screen/screen.hpp>
#include <ftxui/screen/terminal.hpp>
#include <opencv2/core.hpp>
#include <utility>

#include "crossface/util/jpeg.h"
#include "crossface/util/unicode.h"

namespace crossface {
namespace {

// A screen shows a few dozen.
constexpr size_t kMostKept = 200;
// A cell is about twice as high as wide.
constexpr float kCellRatio = 0.5f;

struct Unref {
  void operator()(ChafaCanvas* canvas) const { chafa_canvas_unref(canvas); }
  void operator()(ChafaCanvasConfig* config) const { chafa_canvas_config_unref(config); }
  void operator()(ChafaSymbolMap* map) const { chafa_symbol_map_unref(map); }
  void operator()(ChafaTermInfo* info) const { chafa_term_info_unref(info); }
};
template <typename T>
using Chafa = std::unique_ptr<T, Unref>;

bool HasManyColours() { return ftxui::Terminal::ColorSupport() == ftxui::Terminal::TrueColor; }

ChafaCanvasMode ModeFor(Graphics graphics) {
  if (graphics == Graphics::kMono) return CHAFA_CANVAS_MODE_FGBG;
  if (graphics != Graphics::kCells || HasManyColours()) return CHAFA_CANVAS_MODE_TRUECOLOR;
  return ftxui::Terminal::ColorSupport() == ftxui::Terminal::Palette256 ? CHAFA_CANVAS_MODE_INDEXED_240
                                                                        : CHAFA_CANVAS_MODE_INDEXED_16;
}

ftxui::Color ColourOf(int raw) {
  if (raw < 0) return ftxui::Color::Default;
  if (!HasManyColours()) return static_cast<ftxui::Color::Palette256>(raw);
  return {static_cast<uint8_t>(raw >> 16), static_cast<uint8_t>(raw >> 8), static_cast<uint8_t>(raw)};
}

// Rows of three bytes a pixel that do not end on a multiple of four are read askew by chafa 1.12.
std::vector<uint8_t> WithFourBytes(const cv::Mat& bgr) {
  std::vector<uint8_t> pixels;
  pixels.reserve(bgr.total() * 4);
  for (int y = 0; y < bgr.rows; ++y) {
    for (int x = 0; x < bgr.cols; ++x) {
      const auto& pixel = bgr.at<cv::Vec3b>(y, x);
      pixels.insert(pixels.end(), {pixel[0], pixel[1], pixel[2], 255});
    }
  }
  return pixels;
}

}  // namespace

bool HasAnswered(const std::string& answers) {
  const size_t attributes = answers.rfind("\x1b[?");
  return attributes != std::string::npos && answers.find('c', attributes) != std::string::npos;
}

Graphics GraphicsOf(const std::string& answers) {
  if (answers.find("\x1b_Gi=31;OK") != std::string::npos) return Graphics::kKitty;
  const size_t attributes = answers.rfind("\x1b[?");
  if (attributes == std::string::npos) return Graphics::kCells;
  // The first number is the kind of terminal, the others say what it can.
  std::string list = answers.substr(attributes + 3, answers.find('c', attributes) - attributes - 3) + ";";
  return list.find(";4;") != std::string::npos ? Graphics::kSixel : Graphics::kCells;
}

struct PictureBook::Drawn {
  struct Cell {
    std::string character = " ";
    ftxui::Color ink = ftxui::Color::Default, paper = ftxui::Color::Default;
  };
  int columns = 0, rows = 0;  // of the picture itself
  std::vector<Cell> cells;    // row by row
  std::shared_ptr<const std::string> sequence;
};

class PictureBook::Node final : public ftxui::Node {
 public:
  Node(std::shared_ptr<const Drawn> drawn, int columns, int rows,
       std::shared_ptr<std::vector<PlacedPicture>> placed)
      : drawn_(std::move(drawn)), columns_(columns), rows_(rows), placed_(std::move(placed)) {}

  void ComputeRequirement() override {
    requirement_.min_x = columns_;
    requirement_.min_y = rows_;
  }

  void Render(ftxui::Screen& screen) override {
    const int left = box_.x_min + (columns_ - drawn_->columns) / 2;
    const int top = box_.y_min + (rows_ - drawn_->rows) / 2;
    if (drawn_->sequence) {
      // Pixels know no edges: what does not fit as a whole is left out.
      if (left + drawn_->columns <= screen.dimx() && top + drawn_->rows <= screen.dimy() &&
          top + drawn_->rows - 1 <= box_.y_max)
        placed_->push_back({left, top, drawn_->rows, drawn_->sequence});
      return;
    }
    for (int y = 0; y < drawn_->rows; ++y) {
      for (int x = 0; x < drawn_->columns; ++x) {
        if (left + x > box_.x_max || top + y > box_.y_max) continue;
        const Drawn::Cell& cell =
            drawn_->cells[static_cast<size_t>(y) * static_cast<size_t>(drawn_->columns) +
                          static_cast<size_t>(x)];
        ftxui::Pixel& pixel = screen.PixelAt(left + x, top + y);
        pixel.character = cell.character;
        pixel.foreground_color = cell.ink;
        pixel.background_color = cell.paper;
      }
    }
  }

 private:
  const std::shared_ptr<const Drawn> drawn_;
  const int columns_, rows_;
  const std::shared_ptr<std::vector<PlacedPicture>> placed_;
};

ftxui::Element PictureBook::Draw(const std::string& name, const std::function<std::string()>& jpeg,
                                 int columns, int rows) {
  if (drawn_.size() > kMostKept) drawn_.clear();
  std::shared_ptr<const Drawn>& drawn = drawn_[fmt::format("{}x{} {}", columns, rows, name)];
  if (!drawn) drawn = Make(jpeg(), columns, rows);
  return std::make_shared<Node>(drawn, columns, rows, placed_);
}

std::vector<PlacedPicture> PictureBook::TakePlaced() { return std::exchange(*placed_, {}); }

std::shared_ptr<const PictureBook::Drawn> PictureBook::Make(const std::string& jpeg, int columns,
                                                            int rows) const {
  auto drawn = std::make_shared<Drawn>();
  const cv::Mat picture = DecodeJpeg(jpeg);
  if (picture.empty() || columns < 1 || rows < 1) return drawn;
  chafa_calc_canvas_geometry(picture.cols, picture.rows, &columns, &rows, kCellRatio, TRUE, FALSE);
  const Chafa<ChafaCanvasConfig> config(chafa_canvas_config_new());
  chafa_canvas_config_set_geometry(config.get(), columns, rows);
  chafa_canvas_config_set_cell_geometry(config.get(), cell_width_, cell_height_);
  chafa_canvas_config_set_canvas_mode(config.get(), ModeFor(graphics_));
  const Chafa<ChafaSymbolMap> symbols(chafa_symbol_map_new());
  // What the fonts of every terminal have.
  chafa_symbol_map_add_by_tags(
      symbols.get(),
      static_cast<ChafaSymbolTags>(CHAFA_SYMBOL_TAG_SPACE | CHAFA_SYMBOL_TAG_SOLID | CHAFA_SYMBOL_TAG_HALF |
                                   CHAFA_SYMBOL_TAG_QUAD |
                                   (graphics_ == Graphics::kMono ? CHAFA_SYMBOL_TAG_STIPPLE : 0)));
  chafa_canvas_config_set_symbol_map(config.get(), symbols.get());
  if (graphics_ == Graphics::kKitty) chafa_canvas_config_set_pixel_mode(config.get(), CHAFA_PIXEL_MODE_KITTY);
  if (graphics_ == Graphics::kSixel)
    chafa_canvas_config_set_pixel_mode(config.get(), CHAFA_PIXEL_MODE_SIXELS);
  const Chafa<ChafaCanvas> canvas(chafa_canvas_new(config.get()));
  const std::vector<uint8_t> pixels = WithFourBytes(picture);
  chafa_canvas_draw_all_pixels(canvas.get(), CHAFA_PIXEL_BGRA8_UNASSOCIATED, pixels.data(), picture.cols,
                               picture.rows, 4 * picture.cols);
  drawn->columns = columns;
  drawn->rows = rows;
  if (graphics_ == Graphics::kKitty || graphics_ == Graphics::kSixel) {
    // Its default knows both protocols. It is made anew for whoever asks.
    const Chafa<ChafaTermInfo> terminal(chafa_term_db_get_fallback_info(chafa_term_db_get_default()));
    GString* text = chafa_canvas_print(canvas.get(), terminal.get());
    drawn->sequence = std::make_shared<const std::string>(text->str, text->len);
    g_string_free(text, TRUE);
    return drawn;
  }
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const char32_t character = chafa_canvas_get_char_at(canvas.get(), x, y);
      int ink = -1, paper = -1;
      if (graphics_ != Graphics::kMono) chafa_canvas_get_raw_colors_at(canvas.get(), x, y, &ink, &paper);
      drawn->cells.push_back({ToUtf8({&character, 1}), ColourOf(ink), ColourOf(paper)});
    }
  }
  return drawn;
}

}  // namespace crossface
