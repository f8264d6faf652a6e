#include "crossface/app/case_facts.h"

#include <fmt/format.h>

#include "crossface/gallery/facts.h"

namespace crossface {

Result<std::shared_ptr<const CaseFacts>> CaseFacts::Read(const Gallery& gallery, const CaseFacts* before) {
  auto facts = std::make_shared<CaseFacts>();
  CROSSFACE_ASSIGN_OR_RETURN(const std::string written, gallery.ReadFact(kSourcesFact));
  if (before != nullptr && !written.empty() && before->sources_->written == written) {
    facts->sources_ = before->sources_;
  } else {
    auto sources = std::make_shared<Sources>(Sources{.written = written});
    CROSSFACE_ASSIGN_OR_RETURN(sources->records, gallery.ReadSources());
    for (size_t i = 0; i < sources->records.size(); ++i) sources->position[sources->records[i].id] = i;
    facts->sources_ = std::move(sources);
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  for (const PersonRecord& person : persons) facts->persons_[person.id] = person.name;
  return std::shared_ptr<const CaseFacts>(std::move(facts));
}

const SourceRecord* CaseFacts::Source(int64_t id) const {
  const auto found = sources_->position.find(id);
  return found == sources_->position.end() ? nullptr : &sources_->records[found->second];
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
  std::shared_ptr<const CaseFacts> before;
  {
    const MutexLock lock(mutex_);
    if (facts_ != nullptr && stamp_ == stamp) return facts_;
    before = facts_;
  }
  CROSSFACE_ASSIGN_OR_RETURN(auto facts, CaseFacts::Read(gallery, before.get()));
  const MutexLock lock(mutex_);
  stamp_ = stamp;
  facts_ = facts;
  return facts;
}

}  // namespace crossface
