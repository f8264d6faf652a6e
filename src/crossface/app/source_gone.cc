#include "crossface/app/source_gone.h"

#include <utility>

#include "crossface/app/source_media.h"
#include "crossface/gallery/gallery.h"
#include "crossface/gallery/recordings.h"

namespace crossface {

Status WhyGone(const std::filesystem::path& case_folder, const SourceRecord& source, Status problem) {
  if (problem.ok() || problem.code() == StatusCode::kInterrupted || IsThere(source)) return problem;
  const auto gallery = Gallery::Open(case_folder, Gallery::Mode::kRead);
  if (!gallery.ok()) return problem;
  const auto let_go = FindLetGo(**gallery, source.sha256);
  if (!let_go.ok() || !*let_go) return problem;
  return Status(StatusCode::kNotFound, source.name + ": " + LetGoText(**let_go));
}

}  // namespace crossface
