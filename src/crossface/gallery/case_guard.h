// What keeps a case that comes from somebody else from doing harm: everything here is about bytes that
// another program may have written. Pure functions but for the files they look at; thread-safe.
#pragma once

#include <SQLiteCpp/Database.h>

#include <span>
#include <string_view>

#include "crossface/gallery/records.h"
#include "crossface/util/directory.h"
#include "crossface/util/status.h"

namespace crossface {

// The files of the database are files and not links, pipes or folders; to be written, none of them has a
// second name elsewhere; and no journal asks SQLite to delete a file that it names. Ok where they are
// missing. Errors: kPermissionDenied, kCorrupt.
Status CheckDatabaseFiles(const Directory& case_folder, bool writable);

// The tables are those that these migrations make, and there is nothing else that could act on reading or
// writing them: no triggers, views, virtual tables or changed columns. Throws SQLite::Exception. Errors:
// kCorrupt, naming what is there too much, in words that go on after the file's name.
Status CheckSchema(SQLite::Database& database, std::span<const std::string_view> migrations);

// Turns off what only a hostile database would use. Throws SQLite::Exception.
void HardenConnection(SQLite::Database& database);

// A path that an export may have written, and the next one may remove. Errors: kCorrupt.
Status CheckExportedPath(const std::string& path);
// The same for a person's folder, and where it is moved to.
Status CheckExportedFolder(const ExportedFolder& folder);
// The person has a name that crossface would have given to a folder. Errors: kCorrupt.
Status CheckStoredPerson(const PersonRecord& person);
// Its numbers are ones that can be reckoned with, and its settings are not nested without end. Errors:
// kCorrupt.
Status CheckStoredSource(const SourceRecord& source);
// Its body is not nested without end. Errors: kCorrupt.
Status CheckStoredCorrection(const CorrectionRecord& correction);
// Its numbers are ones that can be reckoned with. Errors: kCorrupt.
Status CheckStoredFace(const FaceRecord& face);

}  // namespace crossface
