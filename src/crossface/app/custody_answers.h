// Answers about what proves and protects a case, about its formats for others, and about how right it is.
// Plain values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/custody/custody_summaries.h"
#include "crossface/evaluation/evaluation.h"
#include "crossface/export/export_formats.h"

namespace crossface {

struct VerifyAnswer {
  std::optional<VerifySummary> summary;
};

struct LocateAnswer {
  std::optional<LocateSummary> summary;
  std::optional<ExportSummary> exported;  // where something was found
};

struct ForgetAnswer {
  bool dry_run = false;
  std::optional<ForgetPlan> plan;
  std::optional<ForgetSummary> summary;
  std::optional<bool> was_pending;  // of finishing: something was left to do
  std::optional<ExportSummary> exported;
};

struct FormatsAnswer {
  std::filesystem::path out;
  std::vector<FormatSummary> formats;
  int64_t tracks = 0;  // of the case
};

struct EvaluateAnswer {
  std::optional<Evaluation> evaluation;
  size_t worst = 10;  // mistakes of each kind that JSON lists
};

}  // namespace crossface
