// What the last grouping suggests to a reviewer. Part of Gallery, whose rules for threads and errors apply.
#pragma once

#include <vector>

#include "crossface/gallery/connection.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

class SuggestionStore {
 public:
  explicit SuggestionStore(Connection& connection) : connection_(connection) {}

  Result<std::vector<SuggestionRecord>> Read();
  Status Settle(const std::vector<int64_t>& ranks);
  // REQUIRES: a transaction. `person_ids`: in the order that the suggestions name persons by.
  void Replace(const std::vector<Gallery::NewSuggestion>& suggestions,
               const std::vector<int64_t>& person_ids);
  // REQUIRES: a transaction. Removes all that speaks of these persons.
  void Forget(const std::vector<int64_t>& person_ids);

 private:
  Connection& connection_;
};

}  // namespace crossface
