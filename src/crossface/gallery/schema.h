// The tables of a gallery and how older ones are brought up to date. SQLite's application_id marks a gallery;
// its user_version counts the migrations that were applied. Documented for users in docs/case-folder.md.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "crossface/util/status.h"

namespace crossface {

// "xfce" in ASCII.
inline constexpr int64_t kGalleryApplicationId = 0x78666365;

// The element at position N turns version N into version N + 1; the first makes the tables.
std::span<const std::string_view> GalleryMigrations();

// Brings the database to version migrations.size(), in one transaction. Throws SQLite::Exception. Errors:
// kUnsupported (written by a newer program), kInvalidArgument (the database of another program).
Status Migrate(SQLite::Database& database, std::span<const std::string_view> migrations);

// Makes a database of any version look like one of the newest to this connection, which is only to read from
// it, and changes nothing in the file. Throws and errors as above; kUnsupported also for one without tables.
Status PrepareReading(SQLite::Database& database);

}  // namespace crossface
