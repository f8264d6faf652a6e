#include "crossface/app/case_facts.h"

#include <fmt/format.h>

namespace crossface {

Result<std::shared_ptr<const CaseFacts>> CaseFacts::Read(const Gallery& gallery) {
  auto facts = std::make_shared<CaseFacts>();
  CROSSFACE_ASSIGN_OR_RETURN(facts->sources_, gallery.ReadSources());
  for (size_t i = 0; i < facts->sources_.size(); ++i) facts->position_[facts->sources_[i].id] = i;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  for (const PersonRecord& person : persons) facts->persons_[person.id] = person.name;
  return std::shared_ptr<const CaseFacts>(std::move(facts));
}

const SourceRecord* CaseFacts::Source(int64_t id) const {
  const auto found = position_.find(id);
  return found == position_.end() ? nullptr : &sources_[found->second];
}

std::optional<Who> CaseFacts::Person(int64_t id) const {
  const auto found = persons_.find(id);
  return found == persons_.end() ? std::nullopt : std::optional(Who{found->first, found->second});
}

std::string CaseFacts::TrackName(int64_t source, int64_t number) const {
  const SourceRecord* record = Source(source);
  return fmt::format("{}:{}", record == nullptr ? "" : record->name, number);
}

CaseReader::Stamp CaseReader::StampOf(const std::filesystem::path& case_folder) {
  Stamp stamp{};
  size_t next = 0;
  for (const char* name : {"crossface.db", "crossface.db-wal"}) {
    struct stat facts {};
    ::stat((case_folder / name).c_str(), &facts);
    for (const int64_t fact :
         {int64_t{facts.st_size}, int64_t{facts.st_mtim.tv_sec}, int64_t{facts.st_mtim.tv_nsec}})
      stamp[next++] = fact;
  }
  return stamp;
}

Result<std::shared_ptr<const CaseFacts>> CaseReader::FactsAt(const Gallery& gallery,
                                                             const Stamp& stamp) const {
  {
    const MutexLock lock(mutex_);
    if (facts_ != nullptr && stamp_ == stamp) return facts_;
  }
  CROSSFACE_ASSIGN_OR_RETURN(auto facts, CaseFacts::Read(gallery));
  const MutexLock lock(mutex_);
  stamp_ = stamp;
  facts_ = facts;
  return facts;
}

}  // namespace crossface
