#include "crossface/gallery/recordings.h"

#include <fmt/format.h>

#include "crossface/gallery/facts.h"

namespace crossface {
namespace {

std::string KeyOf(const std::string& sha256) { return kLetGoFacts + sha256; }

}  // namespace

Status NoteLetGo(Gallery& gallery, const std::string& sha256, const LetGoRecord& record) {
  return gallery.WriteFact(KeyOf(sha256), record.time + " " + record.why);
}

Result<std::optional<LetGoRecord>> FindLetGo(const Gallery& gallery, const std::string& sha256) {
  if (sha256.empty()) return std::optional<LetGoRecord>();
  CROSSFACE_ASSIGN_OR_RETURN(const std::string fact, gallery.ReadFact(KeyOf(sha256)));
  const size_t space = fact.find(' ');
  if (space == std::string::npos) return std::optional<LetGoRecord>();
  return std::optional(LetGoRecord{fact.substr(0, space), fact.substr(space + 1)});
}

std::string LetGoText(const LetGoRecord& record) {
  return fmt::format(
      "the film was let go on {}, because live --keep asked for it ({}); what was found in it stays",
      record.time, record.why);
}

}  // namespace crossface
