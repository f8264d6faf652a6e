#include "crossface/scan/kept_answers.h"

#include "crossface/util/hash.h"

namespace crossface {
namespace {

constexpr size_t kKeyDigits = 64;

bool IsKey(const std::string& name) {
  return name.size() == kKeyDigits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string KeptAnswers::KeyOf(std::string_view asked) { return Sha256Hex(asked); }

std::optional<std::string> KeptAnswers::Find(const std::string& key) const {
  auto answer = case_folder_.Read(FileOf(key));
  return answer.ok() ? std::optional(*std::move(answer)) : std::nullopt;
}

Status KeptAnswers::Keep(const std::string& key, std::string_view answer) const {
  return case_folder_.Write(FileOf(key), answer);
}

void KeptAnswers::Remove(const std::string& key) const {
  static_cast<void>(case_folder_.RemoveFile(FileOf(key)));
}

Status KeptAnswers::RemoveAll(const Directory& case_folder) {
  if (!KeptAnswers(case_folder).any()) return Status();
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Directory::Entry> entries, case_folder.List(kFolder));
  for (const Directory::Entry& entry : entries) {
    if (entry.kind == Directory::Kind::kFile && IsKey(entry.name))
      CROSSFACE_RETURN_IF_ERROR(case_folder.RemoveFile(FileOf(entry.name)));
  }
  // Where somebody else's files are in it, it stays.
  static_cast<void>(case_folder.RemoveFolder(kFolder));
  return Status();
}

}  // namespace crossface
