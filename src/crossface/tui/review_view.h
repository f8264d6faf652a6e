// One screen of a review. Not thread-safe.
#pragma once

#include <ftxui/dom/elements.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crossface/tui/key.h"
#include "crossface/tui/review_desk.h"

namespace crossface {

class ReviewView {
 public:
  explicit ReviewView(ReviewDesk& desk) : desk_(desk) {}
  virtual ~ReviewView() = default;
  ReviewView(const ReviewView&) = delete;
  ReviewView& operator=(const ReviewView&) = delete;

  using Keys = std::vector<std::pair<std::string, std::string>>;

  virtual std::string Title() const = 0;
  // What stands between the title and the line of messages, so many rows high.
  virtual ftxui::Element Draw(int rows) = 0;
  // Those of the last line, and those that help tells besides.
  virtual Keys MainKeys() const = 0;
  virtual Keys MoreKeys() const = 0;
  virtual void Press(const Key& key) = 0;
  // What is shown may be out of date: it is read again.
  virtual void Refresh() = 0;
  // Whether there is nothing left to show: the screen before it comes back.
  virtual bool over() const { return over_; }

  // The screen that the user went on to; null where it is this one.
  std::unique_ptr<ReviewView> TakeNext() { return std::move(next_); }

 protected:
  void Leave() { over_ = true; }
  void GoTo(std::unique_ptr<ReviewView> next) { next_ = std::move(next); }

  ReviewDesk& desk_;

 private:
  bool over_ = false;
  std::unique_ptr<ReviewView> next_;
};

std::unique_ptr<ReviewView> MakePeopleView(ReviewDesk& desk);
std::unique_ptr<ReviewView> MakePersonView(ReviewDesk& desk, int64_t person);
std::unique_ptr<ReviewView> MakeFacesView(ReviewDesk& desk, int64_t track, const std::string& name);
std::unique_ptr<ReviewView> MakeSuggestionsView(ReviewDesk& desk);

}  // namespace crossface
