// What the gallery keeps and older ones lack, as it follows from their tables: migrations write it once, and
// readers of older galleries see it as views. Macros, because they are parts of literals.
#pragma once

// Tracks with faces in one frame. Two boxes that overlap much are one face that was reported twice: such
// tracks are not told apart. tracks_together.h says the same of tracks that are being written.
#define SEEN_TOGETHER_SQL                                                                                \
  "WITH seen AS MATERIALIZED (SELECT source_id, frame, track_id, x, y, width, height FROM main.faces "   \
  "JOIN main.tracks ON tracks.id = track_id), both AS (SELECT a.track_id AS track_id, b.track_id AS "    \
  "other_id, "                                                                                           \
  "a.width * a.height + b.width * b.height AS area, "                                                    \
  "max(0, min(a.x + a.width, b.x + b.width) - max(a.x, b.x)) * "                                         \
  "max(0, min(a.y + a.height, b.y + b.height) - max(a.y, b.y)) AS common FROM seen AS a JOIN seen AS b " \
  "ON a.source_id = b.source_id AND a.frame = b.frame AND a.track_id < b.track_id) "                     \
  "SELECT track_id, other_id FROM both GROUP BY track_id, other_id "                                     \
  "HAVING max(common > 0 AND common >= 0.3 * (area - common)) = 0"

// What corrections say of looks is most of their bytes, and seldom needed. An array with one of "templates"
// for each of the body's tracks.
#define HAS_TRACKS "json_valid(body) AND json_type(body, '$.tracks') = 'array'"
#define LOOKS_SQL                                                                                          \
  "CASE WHEN " HAS_TRACKS                                                                                  \
  " AND instr(body, '\"templates\"') > 0 THEN (SELECT json_group_array(json("                              \
  "coalesce(json_extract(track.value, '$.templates'), '[]'))) FROM json_each(body, '$.tracks') AS track) " \
  "ELSE '' END"
#define BODY_WITHOUT_LOOKS_SQL                                                                             \
  "CASE WHEN " HAS_TRACKS                                                                                  \
  " THEN json_set(body, '$.tracks', (SELECT "                                                              \
  "json_group_array(json_remove(track.value, '$.templates')) FROM json_each(body, '$.tracks') AS track)) " \
  "ELSE body END"
