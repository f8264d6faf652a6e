// What is known of a case in the formats of other programs (docs/exports.md): each function gives the content
// of one file. Pure functions, thread-safe; same case, same bytes. Names come from files and users: each
// format's own escapes are used, so that none can end a field, a tag or a line.
#pragma once

#include <string>
#include <vector>

#include "crossface/export/case_view.h"

namespace crossface {

// True for a picture, which has no time axis.
bool IsStill(const SourceRecord& source);

// The positions in view.tracks of a source's tracks, by start, then number.
std::vector<size_t> TracksOf(const CaseView& view, size_t source);

// The person's name, or "unassigned".
std::string WhoIs(const CaseView& view, size_t track);

// WebVTT (W3C): a cue per track, in the voice of its person.
std::string WebVtt(const CaseView& view, size_t source);

// EDL, CMX3600: an event per track of a person, one after the other on the record side; out points exclusive.
// A file holds 999 events at most, so there may be several; none where no person appears.
std::vector<std::string> Edls(const CaseView& view, size_t source);

// OpenTimelineIO: the source as one clip with a marker per track of a person.
std::string Otio(const CaseView& view, size_t source);

// An XMP sidecar of a picture with the face regions of the Metadata Working Group, relative to the picture as
// it is stored.
std::string XmpSidecar(const CaseView& view, size_t source);

// CVAT for video 1.1: a track of boxes per track.
std::string CvatXml(const CaseView& view, size_t source);

// MOT Challenge 1.1 as CVAT reads it: gt/gt.txt, and who the identities in it are.
std::string MotRows(const CaseView& view, size_t source);
std::string MotSequence(const CaseView& view, size_t source);
std::string MotIdentities(const CaseView& view, size_t source);

// GraphML: persons, and what joins two who appear in one source.
std::string GraphMl(const CaseView& view);

// JSON Lines (docs/schema/*.json): one object a line.
std::string PersonsJsonl(const CaseView& view);
std::string SourcesJsonl(const CaseView& view);
std::string AppearancesJsonl(const CaseView& view);
std::string FacesJsonl(const CaseView& view);

// A log of the case folder made safe to open in a spreadsheet: a text that it would take for a formula gets
// an apostrophe in front.
std::string SpreadsheetCsv(const std::string& csv);

// Text for XML 1.0, in content and in attributes: characters that it cannot hold become U+FFFD.
std::string XmlText(std::string_view text);

}  // namespace crossface
