// Why the footage of a source cannot be had. Thread-safe.
#pragma once

#include <filesystem>

#include "crossface/gallery/source_record.h"
#include "crossface/util/status.h"

namespace crossface {

// What was wrong with opening the source's file: `problem`, or kNotFound with when and why `live --keep` let
// it go, where the film is gone for that. For whoever is about to tell it: it reads the gallery.
Status WhyGone(const std::filesystem::path& case_folder, const SourceRecord& source, Status problem);

}  // namespace crossface
