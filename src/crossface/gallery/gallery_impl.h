// What a Gallery consists of: the open database, and a store for each kind of thing in it. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "crossface/gallery/browse_store.h"
#include "crossface/gallery/connection.h"
#include "crossface/gallery/copy_store.h"
#include "crossface/gallery/correction_store.h"
#include "crossface/gallery/export_store.h"
#include "crossface/gallery/gallery.h"
#include "crossface/gallery/mark_store.h"
#include "crossface/gallery/person_store.h"
#include "crossface/gallery/reference_store.h"
#include "crossface/gallery/source_store.h"
#include "crossface/gallery/suggestion_store.h"
#include "crossface/gallery/thumbnail_store.h"
#include "crossface/gallery/totals_store.h"
#include "crossface/gallery/track_store.h"
#include "crossface/gallery/writer_lock.h"
#include "crossface/util/directory.h"

namespace crossface {

class Gallery::Impl {
 public:
  Impl(Directory case_folder, std::optional<WriterLock> lock, std::unique_ptr<Connection> opened)
      : folder(std::move(case_folder)),
        writer_lock(std::move(lock)),
        connection(std::move(opened)),
        sources(*connection),
        tracks(*connection),
        persons(*connection),
        corrections(*connection),
        suggestions(*connection),
        copies(*connection),
        marks(*connection),
        totals(*connection),
        references(*connection),
        thumbnails(*connection),
        browse(*connection),
        exports(*connection) {}

  // REQUIRES: a transaction.
  void RemoveScan(int64_t source_id) {
    totals.DropOfSource(source_id);
    tracks.RemoveScan(source_id);
    totals.Renew();
  }

  const Directory folder;
  std::optional<WriterLock> writer_lock;  // outlives the connection: closing it writes
  std::unique_ptr<Connection> connection;
  SourceStore sources;
  TrackStore tracks;
  PersonStore persons;
  CorrectionStore corrections;
  SuggestionStore suggestions;
  CopyStore copies;
  MarkStore marks;
  TotalsStore totals;
  ReferenceStore references;
  ThumbnailStore thumbnails;
  BrowseStore browse;
  ExportStore exports;
};

}  // namespace crossface
