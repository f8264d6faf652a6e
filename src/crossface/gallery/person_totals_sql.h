// What tracks come to, person by person: the one text of it, for the schema and for what is kept of it. A
// macro, because statements are literals.
#pragma once

// A row per person, once "GROUP BY person_id" follows. Scans that are not complete and will replace others
// are nobody's business yet. SQLite gives the other columns of the row that has the maximum.
#define PERSON_TOTALS_SQL                                                                                    \
  "SELECT person_id, count(*) AS tracks, sum(tracks.faces) AS faces, count(DISTINCT source_id) AS sources, " \
  "sum(end_us - start_us) AS screen_us, (SELECT iif(max(best.quality) IS NULL, NULL, best.id) FROM "         \
  "assignments AS own JOIN faces AS best ON best.track_id = own.track_id WHERE own.person_id = "             \
  "assignments.person_id AND jpeg_bytes > 0) AS portrait FROM assignments JOIN tracks ON tracks.id = "       \
  "assignments.track_id WHERE person_id IS NOT NULL AND source_id NOT IN (SELECT id FROM sources WHERE "     \
  "replaces IS NOT NULL)"
