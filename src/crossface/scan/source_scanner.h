// Scans one source, from its first frame (or a checkpoint) to finished tracks: decode, select, detect, track,
// embed.
//
// The calling thread decodes, selects and tracks; detection and embedding run on the pool, a bounded number
// of frames ahead, so that memory does not grow with the length of the video. Results do not depend on the
// number of threads: what runs beside what never changes a result, and results are taken in frame order. One
// object per source; not thread-safe.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/copies/fingerprint.h"
#include "crossface/gallery/records.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/scan/scan_meter.h"
#include "crossface/scan/scan_settings.h"
#include "crossface/select/source_marks.h"
#include "crossface/util/byte_budget.h"
#include "crossface/util/directory.h"
#include "crossface/util/thread_pool.h"

namespace crossface {

struct ScanPosition {
  int64_t time_ms = 0;  // of the last decoded frame
  int64_t frames = 0;   // decoded
  int64_t faces = 0;    // found so far
  SelectCounts counts;  // of the frames that were chosen among so far
};

// The tracks of whole shots, in order, and where to go on after them.
struct ScanChunk {
  std::vector<TrackRecord> tracks;
  ScanCheckpoint checkpoint;
  SourceMarks marks;
};

struct ScanCallbacks {
  std::function<Status(ScanChunk)> chunk;             // called in order; an error stops the scan
  std::function<void(const ScanPosition&)> position;  // called often; must be quick
  std::function<void(const Frame&)> kept;             // every frame that is searched, in order; may be empty
  std::stop_token stop;                               // gives kInterrupted, within a second or so
  // Of what is in memory of pictures and faces, shared with other scans; null: as many frames as the threads
  // are kept busy with.
  ByteBudget* budget = nullptr;
  // Where the faces' pictures wait for the end of their shot, in files without a name; null: in memory.
  const Directory* spool_folder = nullptr;
  ScanMeter* meter = nullptr;  // null: nobody measures
  // Frames are chosen and shots found, and nothing is searched: no shot has tracks.
  bool survey = false;
};

struct ScanOutcome {
  SelectCounts counts;
  Status damage;                   // kCorrupt when the source was read only in part
  std::vector<std::string> notes;  // FrameReader::notes
  Fingerprint fingerprint;         // of the whole source, wherever the scan went on from
  int64_t first_pts = 0;           // of the source's first frame
};

// Errors: those of FrameReader::Next, of the models, and of the chunk callback; kIo when the source could not
// be read to its end.
Result<ScanOutcome> ScanSource(FrameReader& reader, const ScanCheckpoint& from, const ScanModels& models,
                               const ScanSettings& settings, ThreadPool& pool,
                               const ScanCallbacks& callbacks);

}  // namespace crossface
