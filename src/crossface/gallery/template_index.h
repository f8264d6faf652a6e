// Finds the tracks whose vectors point nearest to a given direction without looking at all of them, and keeps
// what it needs for that in a folder beside the gallery. An index only proposes tracks: whoever uses it
// compares the gallery's own vectors afterwards, and can make it anew from these at any time.
//
// A navigable small world graph (Malkov and Yashunin, PAMI 2020) by hnswlib, built by one thread: the same
// vectors added in the same order to the same index give the same answers on every machine. Nearest() may be
// called from several threads at once, Add() and Remove() by nobody beside them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "crossface/util/directory.h"
#include "crossface/util/status.h"

namespace crossface {

// Links per node, nodes looked at while it is built, and nodes looked at per question. bench_search with
// 100,000 vectors of 512: recall@10 .903 / .958 / .990 with a breadth of 200 / 400 / 800 in 1.4 / 2.7 / 5.0
// ms; with 10,000, .990 with 200; with a million, .988 / .991 / .994 with 4,000 / 4,800 / 5,600 in 39 / 45 /
// 51 ms (an exact scan: 213). The default is meant for a million. Twice the build breadth takes 1.6 times as
// long and adds .001.
struct TemplateIndexOptions {
  int links = 16;
  int build_breadth = 100;
  int breadth = 4800;
};

class TemplateIndex {
 public:
  // The folder of a case that an index is kept in, relative to the case's.
  static constexpr char kFolder[] = "search";

  // `identity` says what kind of vectors these are: an index is loaded only under the identity it was saved
  // with. Throws std::bad_alloc.
  TemplateIndex(int dimensions, std::string identity, size_t capacity, TemplateIndexOptions options = {});
  ~TemplateIndex();

  // Errors: kNotFound (none is saved), kMismatch (of another identity, other options included), kCorrupt
  // (damaged, as its SHA-256 tells), those of reading.
  static Result<std::unique_ptr<TemplateIndex>> Load(const Directory& folder, int dimensions,
                                                     const std::string& identity,
                                                     TemplateIndexOptions options = {});
  // Replaces what is saved there; after a crash at any moment, and after an error, the former one is still
  // there. One program at a time (the gallery's lock). Errors: kPermissionDenied, kOutOfResources, kIo.
  Status Save(const Directory& folder) const;

  // `unit`: of unit length. `version` tells, for whoever loads the index, which vector of the track it was.
  // Throws std::logic_error for a track that is or was in it, and for another number of dimensions.
  void Add(int64_t track_id, int64_t version, std::span<const float> unit);
  // The track is not proposed any more. Its vector stays until the index is made anew: forgetting deletes the
  // folder.
  void Remove(int64_t track_id);

  // Up to `wanted` tracks, the nearest first.
  std::vector<int64_t> Nearest(std::span<const float> unit, size_t wanted) const;

  const std::unordered_map<int64_t, int64_t>& versions() const { return versions_; }  // of all tracks in it
  size_t removed() const;  // vectors that take part in the search and are never proposed

 private:
  class Graph;
  TemplateIndex(std::unique_ptr<Graph> graph, std::string identity);
  std::unique_ptr<Graph> graph_;
  std::string identity_;
  std::unordered_map<int64_t, int64_t> versions_;
};

// What is wrong with the files of an index; nothing when there is none or it is sound. Whether it is of the
// gallery as it is now does not matter: the next search sees to that. Paths are relative to the case folder.
struct TemplateIndexProblem {
  std::string path, message;
  bool extra = false;  // a file that is none of the index's
};
Result<std::vector<TemplateIndexProblem>> CheckTemplateIndex(const Directory& case_folder);

// Deletes the folder with all that is in it. Errors: kPermissionDenied, kIo.
Status DeleteTemplateIndex(const Directory& case_folder);

}  // namespace crossface
