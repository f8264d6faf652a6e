// Keys of Gallery::ReadFact that more than one layer knows.
#pragma once

namespace crossface {

// Stands there from the moment at which something was removed until the database file was rebuilt without it.
inline constexpr char kForgettingFact[] = "forgetting";
// How many groupings there were.
inline constexpr char kGroupingsFact[] = "groupings";
// How often sources or their tracks were written: what was read of sources holds as long as this is the same.
inline constexpr char kSourcesFact[] = "sources_written";
// How the last grouping was asked for.
inline constexpr char kMethodFact[] = "clustering";
inline constexpr char kProfileFact[] = "profile";
// Stands there while the case folder is not yet what corrections made of the case, because they were answered
// before.
inline constexpr char kExportOwedFact[] = "export_owed";
// How far the log of runs goes. No export shows it.
inline constexpr char kRunLogFact[] = "run_log";
// Followed by a film's SHA-256: see gallery/recordings.h. No export shows it.
inline constexpr char kLetGoFacts[] = "let_go:";

}  // namespace crossface
