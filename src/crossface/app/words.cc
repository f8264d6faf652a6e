#include "crossface/app/words.h"

#include <fmt/format.h>

#include "crossface/util/counted.h"
#include "crossface/util/time.h"

namespace crossface {

std::string ScannedAmount(int64_t video_ms, int64_t pictures) {
  std::string amount;
  if (video_ms > 0) amount = ShortDuration(static_cast<double>(video_ms) / 1000) + " of video";
  if (pictures > 0) amount += (amount.empty() ? "" : " and ") + Counted(pictures, "picture");
  return amount;
}

std::string ScanPace(int64_t video_ms, int64_t pictures, double seconds) {
  if (seconds <= 0) return "";
  if (video_ms > 0) return fmt::format("{:.1f}x real time", static_cast<double>(video_ms) / 1000 / seconds);
  return pictures > 0 ? fmt::format("{:.1f} pictures/s", static_cast<double>(pictures) / seconds) : "";
}

std::string WorkersText(const ScanProgress& progress) {
  if (!progress.workers) return "";
  const WorkersProgress& of = *progress.workers;
  std::string text = of.processes == 0 ? "no worker has answered yet"
                                       : fmt::format("{} on {}", Counted(of.processes, "worker"),
                                                     Counted(of.machines, "node"));
  text += fmt::format(", {} done, {} under way", Counted(of.done, "task"), of.under_way);
  if (of.waiting > 0) text += fmt::format(", {} waiting", of.waiting);
  if (of.repeated > 0) text += fmt::format(", {} repeated", of.repeated);
  return text;
}

std::string LetGoNews(const LetGoEvent& event) {
  std::string news = fmt::format("let {} go, {:.1f} MB", Counted(event.segments, "old recording"),
                                 static_cast<double>(event.bytes) / 1e6);
  std::string kept;
  const auto keep = [&kept](int64_t count, std::string_view why) {
    if (count > 0) kept += fmt::format("{}{} {}", kept.empty() ? "; kept: " : ", ", count, why);
  };
  keep(event.kept_for_people, "with people who have a name or were confirmed");
  keep(event.kept_unidentified, "not identified yet");
  keep(event.kept_other, "changed, or known from elsewhere");
  return news + kept;
}

}  // namespace crossface
