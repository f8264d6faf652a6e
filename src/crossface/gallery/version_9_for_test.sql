-- A gallery of schema 9, whose corrections said in one text what they change and how tracks look; pictures and vectors cut down.
PRAGMA application_id = 0x78666365;
PRAGMA user_version = 9;
BEGIN TRANSACTION;
CREATE TABLE assignments(
  track_id INTEGER PRIMARY KEY REFERENCES tracks(id) ON DELETE CASCADE,
  person_id INTEGER REFERENCES persons(id) ON DELETE CASCADE,
  confidence REAL NOT NULL, reason TEXT NOT NULL DEFAULT '');
INSERT INTO "assignments" VALUES(1,1,9.97169137001037597656e-01,'');
INSERT INTO "assignments" VALUES(2,2,9.97169137001037597656e-01,'');
CREATE TABLE checkpoints(
  source_id INTEGER PRIMARY KEY REFERENCES sources(id) ON DELETE CASCADE,
  next_frame INTEGER NOT NULL,
  next_shot INTEGER NOT NULL,
  next_track INTEGER NOT NULL,
  decoded INTEGER NOT NULL,
  dark INTEGER NOT NULL,
  still INTEGER NOT NULL,
  paced INTEGER NOT NULL,
  kept INTEGER NOT NULL,
  cuts INTEGER NOT NULL);
INSERT INTO "checkpoints" VALUES(1,109,1,2,109,0,3,87,19,0);
INSERT INTO "checkpoints" VALUES(2,77,1,2,77,0,0,63,14,0);
INSERT INTO "checkpoints" VALUES(3,35,1,1,35,0,0,28,7,0);
CREATE TABLE cohesion(
  person_id INTEGER PRIMARY KEY,
  value REAL NOT NULL,
  tracks_sha256 TEXT NOT NULL);
INSERT INTO "cohesion" VALUES(1,0.75,'e9586b616536950f82cad86972b68f4f99d3fb3cdf4013c0d1a0a09394ca96b5');
CREATE TABLE copies(
  number INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  source_sha256 TEXT NOT NULL,
  other_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  other_sha256 TEXT NOT NULL,
  kind TEXT NOT NULL,
  start_us INTEGER NOT NULL,
  other_start_us INTEGER NOT NULL,
  length_us INTEGER NOT NULL,
  votes INTEGER NOT NULL,
  alike REAL NOT NULL,
  mirrored INTEGER NOT NULL,
  cut_out TEXT NOT NULL);
INSERT INTO "copies" VALUES(1,1,'6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc',2,'e6c640c718e26f2ace77fd36cade8cd10d0ccfc27fa59ce1e6be549e9235f882','video',0,500000,2000000,9,0.96875,0,'');
CREATE TABLE corrections(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time TEXT NOT NULL,
  verb TEXT NOT NULL,
  body TEXT NOT NULL);
INSERT INTO "corrections" VALUES(1,'2026-11-23T12:58:35Z','rename','{"moves":[],"of":[],"overrides":[],"partings":[],"persons":[{"after":{"ignored":false,"name":"Anna"},"before":{"ignored":false,"name":"person-0001"},"id":1}],"pins":[[0,1,true]],"told":"rename person-0001 to Anna","tracks":[{"box":[290.41912841796875,79.29849243164062,68.23978424072266,90.97476196289062],"end_us":2567000,"face_us":0,"sha256":"e6c640c718e26f2ace77fd36cade8cd10d0ccfc27fa59ce1e6be549e9235f882","shot":0,"source":"asl_again.mkv","start_us":0,"templates":[{"model":"arcface_ms1m","sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","vector":"7f000000"}],"track":1}]}');
INSERT INTO "corrections" VALUES(2,'2026-11-23T12:58:35Z','ignore','{"moves":[[0,2,2,0.9971691370010376,1.0]],"of":[],"overrides":[],"partings":[],"persons":[{"after":{"ignored":true,"name":"person-0002"},"before":{"ignored":false,"name":"person-0002"},"id":2}],"pins":[[0,2,false]],"told":"ignore person-0002","tracks":[{"box":[273.0576171875,94.54113006591797,56.49431610107422,73.10330963134766],"end_us":3633000,"face_us":0,"sha256":"6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc","shot":0,"source":"asl_book.mkv","start_us":0,"templates":[{"model":"arcface_ms1m","sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","vector":"7f000000"}],"track":1}]}');
INSERT INTO "corrections" VALUES(3,'2026-11-23T12:58:35Z','undo','{"moves":[[0,2,2,1.0,0.9971691370010376]],"of":[2],"overrides":[],"partings":[],"persons":[{"after":{"ignored":false,"name":"person-0002"},"before":{"ignored":true,"name":"person-0002"},"id":2}],"pins":[],"told":"undo 2 (ignore person-0002)","tracks":[{"box":[273.0576171875,94.54113006591797,56.49431610107422,73.10330963134766],"end_us":3633000,"face_us":0,"sha256":"6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc","source":"asl_book.mkv","start_us":0,"track":1}]}');
INSERT INTO "corrections" VALUES(4,'2026-11-23T16:27:40Z','rename','{"moves":[],"of":[],"overrides":[],"partings":[],"persons":[{"after":{"ignored":false,"name":"Anne"},"before":{"ignored":false,"name":"Anna"},"id":1}],"pins":[],"told":"rename Anna to Anne","tracks":[]}');
INSERT INTO "corrections" VALUES(5,'2026-11-23T16:27:40Z','undo','{"moves":[],"of":[4],"overrides":[],"partings":[],"persons":[{"after":{"ignored":false,"name":"Anna"},"before":{"ignored":false,"name":"Anne"},"id":1}],"pins":[],"told":"undo 4 (rename Anna to Anne)","tracks":[]}');
CREATE TABLE exported_files(
  path TEXT PRIMARY KEY,
  face_id INTEGER NOT NULL, sha256 TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE exported_folders(
  person_id INTEGER PRIMARY KEY,
  folder TEXT NOT NULL,
  moving_to TEXT NOT NULL);
CREATE TABLE exported_logs(
  name TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "exported_logs" VALUES('sources.csv','e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
CREATE TABLE face_embeddings(
  face_id INTEGER NOT NULL REFERENCES faces(id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models(id),
  vector BLOB NOT NULL, norm REAL NOT NULL DEFAULT 0);
INSERT INTO "face_embeddings" VALUES(1,1,X'9A99193FCDCC4C3F',0.0);
INSERT INTO "face_embeddings" VALUES(1,2,X'9A99193FCDCC4C3F',0.0);
INSERT INTO "face_embeddings" VALUES(15,1,X'9A99193FCDCC4C3F',0.0);
INSERT INTO "face_embeddings" VALUES(15,2,X'9A99193FCDCC4C3F',0.0);
CREATE TABLE face_pictures(
  face_id INTEGER PRIMARY KEY REFERENCES faces(id) ON DELETE CASCADE,
  jpeg BLOB NOT NULL);
INSERT INTO "face_pictures" VALUES(1,X'FFD8FFD9');
INSERT INTO "face_pictures" VALUES(2,X'FFD8FFD9');
INSERT INTO "face_pictures" VALUES(15,X'FFD8FFD9');
INSERT INTO "face_pictures" VALUES(16,X'FFD8FFD9');
INSERT INTO "face_pictures" VALUES(34,X'FFD8FFD9');
INSERT INTO "face_pictures" VALUES(35,X'FFD8FFD9');
INSERT INTO "face_pictures" VALUES(36,X'FFD8FFD9');
INSERT INTO "face_pictures" VALUES(37,X'FFD8FFD9');
CREATE TABLE faces(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  frame INTEGER NOT NULL,
  pts INTEGER NOT NULL,
  time_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  x REAL NOT NULL,
  y REAL NOT NULL,
  width REAL NOT NULL,
  height REAL NOT NULL,
  score REAL NOT NULL,
  landmarks BLOB NOT NULL,
  seen_by INTEGER NOT NULL,
  looked INTEGER NOT NULL,
  quality REAL NOT NULL,
  jpeg_bytes INTEGER NOT NULL,
  UNIQUE(track_id, number));
INSERT INTO "faces" VALUES(1,1,1,0,33,0,33000,2.90419128417968749993e+02,7.92984924316406249991e+01,6.823978424072265625e+01,9.09747619628906249982e+01,9.99017119407653808593e-01,X'193E9C4380D3EC4286BEAB432555ED42B2C0A44307320A43A5DA9D433C4F17439528A94300AD1743',31,31,7.97460019588470458984e-01,4);
INSERT INTO "faces" VALUES(2,1,2,6,233,200000,33000,2.90288391113281250008e+02,7.05771179199218749982e+01,66.6500244140625,9.06207733154296875017e+01,9.99070107936859130859e-01,X'E5429C434690D7423255AB43E4DAD74262EDA4433413FB42F5C89D43B7450C43D136A943B3740C43',1,1,7.4791431427001953125e-01,4);
INSERT INTO "faces" VALUES(15,2,1,0,33,0,33000,273.0576171875,9.454113006591796875e+01,5.64943161010742187508e+01,7.31033096313476562491e+01,9.98883426189422607421e-01,X'23998E432DC3F642E9AD9B43885AF54204F99343BE00044342A98F435B971443E5719A4332FA1343',31,31,8.06235253810882568359e-01,4);
INSERT INTO "faces" VALUES(16,2,2,6,233,200000,33000,2.72234588623046874994e+02,9.46445159912109375017e+01,5.79564514160156250008e+01,7.28429107666015625017e+01,9.98933255672454833984e-01,X'EF148E43BF16F642FCF09A437EFDF442A0319343F5930343695A8F437409154331859943489F1443',1,1,7.87131607532501220703e-01,4);
INSERT INTO "faces" VALUES(34,3,1,0,33,0,33000,10.0,7.92984924316406249991e+01,6.823978424072265625e+01,9.09747619628906249982e+01,9.99017119407653808593e-01,X'193E9C4380D3EC4286BEAB432555ED42B2C0A44307320A43A5DA9D433C4F17439528A94300AD1743',31,31,7.97460019588470458984e-01,4);
INSERT INTO "faces" VALUES(35,4,1,0,33,0,33000,12.0,7.92984924316406249991e+01,6.823978424072265625e+01,9.09747619628906249982e+01,9.99017119407653808593e-01,X'193E9C4380D3EC4286BEAB432555ED42B2C0A44307320A43A5DA9D433C4F17439528A94300AD1743',31,31,7.97460019588470458984e-01,4);
INSERT INTO "faces" VALUES(36,4,2,6,33,0,33000,400.0,7.92984924316406249991e+01,6.823978424072265625e+01,9.09747619628906249982e+01,9.99017119407653808593e-01,X'193E9C4380D3EC4286BEAB432555ED42B2C0A44307320A43A5DA9D433C4F17439528A94300AD1743',31,31,7.97460019588470458984e-01,4);
INSERT INTO "faces" VALUES(37,3,2,6,33,0,33000,10.0,7.92984924316406249991e+01,6.823978424072265625e+01,9.09747619628906249982e+01,9.99017119407653808593e-01,X'193E9C4380D3EC4286BEAB432555ED42B2C0A44307320A43A5DA9D433C4F17439528A94300AD1743',31,31,7.97460019588470458984e-01,4);
CREATE TABLE facts(
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "facts" VALUES('clustering','agglomerative');
INSERT INTO "facts" VALUES('copies','1');
INSERT INTO "facts" VALUES('profile','balanced');
CREATE TABLE fingerprints(
  source_id INTEGER PRIMARY KEY REFERENCES sources(id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  version INTEGER NOT NULL,
  data BLOB NOT NULL);
CREATE TABLE models(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  dimensions INTEGER NOT NULL,
  UNIQUE(name, sha256));
INSERT INTO "models" VALUES(1,'arcface_ms1m','7cf60101536bcc5c2a7e08327c161d0007fde175fefb61da6bda5867f369dba8',2);
INSERT INTO "models" VALUES(2,'arcface_foamliu','1b015b7521b4d22d2beeb60c4958e77206a387accd965534c3b114b789e39e31',2);
CREATE TABLE persons(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  folded_name TEXT UNIQUE, ignored INTEGER NOT NULL DEFAULT 0, by_reference INTEGER NOT NULL DEFAULT 0);
INSERT INTO "persons" VALUES(1,'Anna','97 110 110 97 ',0,0);
INSERT INTO "persons" VALUES(2,'person-0002','112 101 114 115 111 110 45 48 48 48 50 ',0,0);
CREATE TABLE reference_faces(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  folded_name TEXT NOT NULL,
  photo TEXT NOT NULL,
  photo_sha256 TEXT NOT NULL,
  photo_width INTEGER NOT NULL,
  photo_height INTEGER NOT NULL,
  x REAL NOT NULL,
  y REAL NOT NULL,
  width REAL NOT NULL,
  height REAL NOT NULL,
  quality REAL NOT NULL,
  evidence REAL NOT NULL,
  picture BLOB NOT NULL,
  time TEXT NOT NULL,
  by TEXT NOT NULL);
INSERT INTO "reference_faces" VALUES(1,'Anna','anna','anna.jpg','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',640,480,10.0,20.0,30.0,40.0,0.75,0.5,X'FFD8FFD9','2026-11-30T01:00:00Z','');
CREATE TABLE reference_vectors(
  reference_id INTEGER NOT NULL REFERENCES reference_faces(id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  vector BLOB NOT NULL,
  PRIMARY KEY(reference_id, model, model_sha256)) WITHOUT ROWID;
INSERT INTO "reference_vectors" VALUES(1,'arcface_ms1m','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',X'0000803F');
CREATE TABLE scan_settings(
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE);
INSERT INTO "scan_settings" VALUES(1,'{"exhaustive":false,"models":{"arcface_foamliu":"1b015b7521b4d22d2beeb60c4958e77206a387accd965534c3b114b789e39e31","arcface_ms1m":"7cf60101536bcc5c2a7e08327c161d0007fde175fefb61da6bda5867f369dba8","mtcnn_onet":"b94f1a61445a6a6991533501427163e23e704184776083550a436ac4f9f790c7","mtcnn_pnet":"ef4bdc9423b9f729ba6d3e082d869c1e868512b5fdfbddf110096a9cbc4ec3b0","mtcnn_rnet":"2a8a38536a4e52e98c349d6169d6da37778331730944da04d23a37d4024d6c1c","retinaface":"63ce82661963e3cfc2e62baa03c90e42ea3606fa2b564ea6510c6bb9e003e01d","scrfd_2.5g":"db0f17edc07719104138b4a1a04b39cbdd0c80229a861a4f4bbb7632ea8dbae4","scrfd_500m":"cc76dca65c9325e5238f5bd4f104873feebb93844781b471cae3571820ae0914","yunet":"104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12"},"scan":1}');
CREATE TABLE source_places(
  path TEXT NOT NULL,
  part TEXT NOT NULL,
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  modified_ns INTEGER NOT NULL,
  PRIMARY KEY(path, part)) WITHOUT ROWID;
INSERT INTO "source_places" VALUES('/copies/x.mkv','2',1,'copies/x.mkv',7);
CREATE TABLE sources(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  rotation INTEGER NOT NULL,
  fps REAL NOT NULL,
  codec TEXT NOT NULL,
  stream_index INTEGER NOT NULL,
  time_base_num INTEGER NOT NULL,
  time_base_den INTEGER NOT NULL,
  created TEXT NOT NULL,
  created_from TEXT NOT NULL,
  latitude REAL,
  longitude REAL,
  device TEXT NOT NULL,
  decoded INTEGER NOT NULL,
  dark INTEGER NOT NULL,
  still INTEGER NOT NULL,
  paced INTEGER NOT NULL,
  kept INTEGER NOT NULL,
  cuts INTEGER NOT NULL,
  faces INTEGER NOT NULL,
  tracks INTEGER NOT NULL,
  state TEXT NOT NULL,
  message TEXT NOT NULL,
  settings_id INTEGER NOT NULL REFERENCES scan_settings(id), mirrored INTEGER NOT NULL DEFAULT 0, make TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '', software TEXT NOT NULL DEFAULT '', altitude REAL, located_from TEXT NOT NULL DEFAULT '', timecode TEXT NOT NULL DEFAULT '', timecode_from TEXT NOT NULL DEFAULT '', turn_from TEXT NOT NULL DEFAULT '', pixel_aspect_width INTEGER NOT NULL DEFAULT 1, pixel_aspect_height INTEGER NOT NULL DEFAULT 1, aspect_from TEXT NOT NULL DEFAULT '', part TEXT NOT NULL DEFAULT '', parts INTEGER NOT NULL DEFAULT 0, geometry_notes TEXT NOT NULL DEFAULT '', replaces INTEGER REFERENCES sources(id) ON DELETE CASCADE);
INSERT INTO "sources" VALUES(1,'asl_book.mkv','/footage/asl_book.mkv','6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc',265099,0,3666,640,480,0,30.0,'h264',0,1,1000,'','',NULL,NULL,'',109,0,3,87,19,0,2,1,'ok','',1,0,'','','',NULL,'','','','',1,1,'','2',3,'',NULL);
INSERT INTO "sources" VALUES(2,'asl_again.mkv','/footage/asl_again.mkv','e6c640c718e26f2ace77fd36cade8cd10d0ccfc27fa59ce1e6be549e9235f882',205376,0,2600,640,480,0,30.0,'h264',0,1,1000,'','',NULL,NULL,'',77,0,0,63,14,0,6,3,'ok','',1,0,'','','',NULL,'','','','',1,1,'','',0,'',NULL);
INSERT INTO "sources" VALUES(3,'hevc_livephoto.mov','/footage/hevc_livephoto.mov','38554568d3235cfb27b94c3dcd9a516dc7435e124eddff4059103656551e6f0d',710953,0,1167,720,1280,90,2.99572039942938666001e+01,'hevc',0,1,600,'2023-09-22T18:34:05+02:00','com.apple.quicktime.creationdate',52.4597,13.322,'Apple iPad mini',35,0,0,28,7,0,0,0,'ok','',1,0,'','','',NULL,'','','','file',1,1,'','',0,'',NULL);
CREATE TABLE suggestion_tracks(
  rank INTEGER NOT NULL REFERENCES suggestions(rank) ON DELETE CASCADE,
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  PRIMARY KEY(rank, track_id)) WITHOUT ROWID;
CREATE TABLE suggestions(
  rank INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  other_id INTEGER NOT NULL,
  probability REAL NOT NULL,
  gain REAL NOT NULL,
  settled INTEGER NOT NULL);
INSERT INTO "suggestions" VALUES(1,'merge',1,2,0.5,1.0,0);
CREATE TABLE templates(
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models(id),
  vector BLOB NOT NULL);
INSERT INTO "templates" VALUES(1,1,X'9A99193FCDCC4C3F');
INSERT INTO "templates" VALUES(1,2,X'9A99193FCDCC4C3F');
INSERT INTO "templates" VALUES(2,1,X'9A99193FCDCC4C3F');
INSERT INTO "templates" VALUES(2,2,X'9A99193FCDCC4C3F');
CREATE TABLE thumbnails(
  face_id INTEGER NOT NULL REFERENCES faces(id) ON DELETE CASCADE,
  pixels INTEGER NOT NULL,
  quality INTEGER NOT NULL,
  jpeg BLOB NOT NULL);
INSERT INTO "thumbnails" VALUES(1,96,72,X'FFD8FFD9');
CREATE TABLE tracks(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  shot INTEGER NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  quality REAL NOT NULL,
  may_form INTEGER NOT NULL, first_person_id INTEGER, evidence REAL NOT NULL DEFAULT 1, reason TEXT NOT NULL DEFAULT '', faces INTEGER NOT NULL DEFAULT 0,
  UNIQUE(source_id, number));
INSERT INTO "tracks" VALUES(1,2,1,0,0,2567000,7.97460019588470458984e-01,1,1,1.0,'',2);
INSERT INTO "tracks" VALUES(2,1,1,0,0,3633000,8.06235253810882568359e-01,1,2,0.25,'turned away',2);
INSERT INTO "tracks" VALUES(3,2,2,0,0,2567000,7.97460019588470458984e-01,1,1,1.0,'',2);
INSERT INTO "tracks" VALUES(4,2,3,0,0,2567000,7.97460019588470458984e-01,1,1,1.0,'',2);
CREATE TABLE tracks_together(
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  other_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  PRIMARY KEY(track_id, other_id)) WITHOUT ROWID;
INSERT INTO "tracks_together" VALUES(1,3);
INSERT INTO "tracks_together" VALUES(1,4);
CREATE UNIQUE INDEX face_embeddings_by_face ON face_embeddings(face_id, model_id);
CREATE UNIQUE INDEX templates_by_track ON templates(track_id, model_id);
CREATE INDEX assignments_by_person ON assignments(person_id);
CREATE INDEX suggestion_tracks_by_track ON suggestion_tracks(track_id);
CREATE INDEX copies_by_source ON copies(source_id);
CREATE INDEX copies_by_other ON copies(other_id);
CREATE INDEX source_places_by_source ON source_places(source_id);
CREATE INDEX tracks_together_by_other ON tracks_together(other_id);
CREATE UNIQUE INDEX thumbnails_by_face ON thumbnails(face_id, pixels, quality);
CREATE INDEX reference_faces_by_name ON reference_faces(folded_name);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('tracks',4);
INSERT INTO "sqlite_sequence" VALUES('faces',37);
INSERT INTO "sqlite_sequence" VALUES('persons',2);
INSERT INTO "sqlite_sequence" VALUES('corrections',5);
INSERT INTO "sqlite_sequence" VALUES('reference_faces',1);
COMMIT;
