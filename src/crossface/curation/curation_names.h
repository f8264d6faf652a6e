// What users call persons and tracks on the command line. Pure functions, thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "crossface/curation/curation_state.h"

namespace crossface {

// A person's name (whatever its case) or number ("7", "person-0007" of a person who has another name by now).
// Errors: kInvalidArgument, with the names that are nearest.
Result<int64_t> FindPerson(const std::map<int64_t, PersonFacts>& persons, const std::string& text);
Result<int64_t> FindPerson(const CurationState& state, const std::string& text);
std::map<int64_t, PersonFacts> FactsOf(const std::vector<PersonRecord>& persons);  // by id

// Tracks, each once, in the order given: "clips/a.mp4:3", "a.mp4:3" when only one source is called so, or the
// path of an exported picture of a face of the track. Errors: kInvalidArgument, saying what is wrong.
Result<std::vector<size_t>> FindTracks(const CurationState& state, const std::vector<std::string>& texts);

// By name, or by file name when it is the only one. Returns a position in `state.sources`.
Result<size_t> FindSource(const CurationState& state, const std::string& text);

}  // namespace crossface
