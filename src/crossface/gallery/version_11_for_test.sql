-- A gallery of schema 11, which kept no sizes of pictures that were exported; pictures and vectors cut down.
PRAGMA application_id = 0x78666365;
PRAGMA user_version = 11;
BEGIN TRANSACTION;
CREATE TABLE assignments(
  track_id INTEGER PRIMARY KEY REFERENCES tracks(id) ON DELETE CASCADE,
  person_id INTEGER REFERENCES persons(id) ON DELETE CASCADE,
  confidence REAL NOT NULL, reason TEXT NOT NULL DEFAULT '');
INSERT INTO assignments VALUES(1,1,0.99716913700103759765,'');
INSERT INTO assignments VALUES(2,2,0.99716913700103759765,'');
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
INSERT INTO checkpoints VALUES(1,109,1,2,109,0,3,87,19,0);
INSERT INTO checkpoints VALUES(2,77,1,2,77,0,0,63,14,0);
INSERT INTO checkpoints VALUES(3,35,1,1,35,0,0,28,7,0);
CREATE TABLE cohesion(
  person_id INTEGER PRIMARY KEY,
  value REAL NOT NULL,
  tracks_sha256 TEXT NOT NULL);
INSERT INTO cohesion VALUES(1,0.75,'e9586b616536950f82cad86972b68f4f99d3fb3cdf4013c0d1a0a09394ca96b5');
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
INSERT INTO copies VALUES(1,1,'6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc',2,'e6c640c718e26f2ace77fd36cade8cd10d0ccfc27fa59ce1e6be549e9235f882','video',0,500000,2000000,9,0.96875,0,'');
CREATE TABLE corrections(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time TEXT NOT NULL,
  verb TEXT NOT NULL,
  body TEXT NOT NULL, looks TEXT NOT NULL DEFAULT '');
INSERT INTO corrections VALUES(1,'2026-11-23T12:58:35Z','rename','{"moves":[],"of":[],"overrides":[],"partings":[],"persons":[{"after":{"ignored":false,"name":"Anna"},"before":{"ignored":false,"name":"person-0001"},"id":1}],"pins":[[0,1,true]],"told":"rename person-0001 to Anna","tracks":[{"box":[290.41912841796875,79.29849243164062,68.23978424072266,90.97476196289062],"end_us":2567000,"face_us":0,"sha256":"e6c640c718e26f2ace77fd36cade8cd10d0ccfc27fa59ce1e6be549e9235f882","shot":0,"source":"asl_again.mkv","start_us":0,"track":1}]}','[[{"model":"arcface_ms1m","sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","vector":"7f000000"}]]');
INSERT INTO corrections VALUES(2,'2026-11-23T12:58:35Z','ignore','{"moves":[[0,2,2,0.9971691370010376,1.0]],"of":[],"overrides":[],"partings":[],"persons":[{"after":{"ignored":true,"name":"person-0002"},"before":{"ignored":false,"name":"person-0002"},"id":2}],"pins":[[0,2,false]],"told":"ignore person-0002","tracks":[{"box":[273.0576171875,94.54113006591797,56.49431610107422,73.10330963134766],"end_us":3633000,"face_us":0,"sha256":"6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc","shot":0,"source":"asl_book.mkv","start_us":0,"track":1}]}','[[{"model":"arcface_ms1m","sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","vector":"7f000000"}]]');
INSERT INTO corrections VALUES(3,'2026-11-23T12:58:35Z','undo','{"moves":[[0,2,2,1.0,0.9971691370010376]],"of":[2],"overrides":[],"partings":[],"persons":[{"after":{"ignored":false,"name":"person-0002"},"before":{"ignored":true,"name":"person-0002"},"id":2}],"pins":[],"told":"undo 2 (ignore person-0002)","tracks":[{"box":[273.0576171875,94.54113006591797,56.49431610107422,73.10330963134766],"end_us":3633000,"face_us":0,"sha256":"6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc","source":"asl_book.mkv","start_us":0,"track":1}]}','');
INSERT INTO corrections VALUES(4,'2026-11-23T16:27:40Z','rename','{"moves":[],"of":[],"overrides":[],"partings":[],"persons":[{"after":{"ignored":false,"name":"Anne"},"before":{"ignored":false,"name":"Anna"},"id":1}],"pins":[],"told":"rename Anna to Anne","tracks":[]}','');
INSERT INTO corrections VALUES(5,'2026-11-23T16:27:40Z','undo','{"moves":[],"of":[4],"overrides":[],"partings":[],"persons":[{"after":{"ignored":false,"name":"Anna"},"before":{"ignored":false,"name":"Anne"},"id":1}],"pins":[],"told":"undo 4 (rename Anna to Anne)","tracks":[]}','');
INSERT INTO corrections VALUES(6,'2026-11-30T08:27:58Z','rename','{"moves":[],"of":[],"overrides":[],"partings":[],"persons":[{"after":{"by_reference":false,"ignored":false,"name":"Bea"},"before":{"by_reference":false,"ignored":false,"name":"person-0002"},"id":2}],"pins":[[0,2,true]],"told":"rename person-0002 to Bea","tracks":[{"box":[273.0576171875,94.54113006591797,56.49431610107422,73.10330963134766],"end_us":3633000,"face_us":0,"part":"2","sha256":"6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc","shot":0,"source":"asl_book.mkv","start_us":0,"track":1}]}','[[{"model":"arcface_ms1m","sha256":"7cf60101536bcc5c2a7e08327c161d0007fde175fefb61da6bda5867f369dba8","vector":"5f7f"},{"model":"arcface_foamliu","sha256":"1b015b7521b4d22d2beeb60c4958e77206a387accd965534c3b114b789e39e31","vector":"5f7f"}]]');
CREATE TABLE exported_files(
  path TEXT PRIMARY KEY,
  face_id INTEGER NOT NULL, sha256 TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
INSERT INTO exported_files VALUES('appearances.csv',0,'693544228fd7bc7f0430b20719485a5e0905306d1fbf495aa159b32889f54e72');
INSERT INTO exported_files VALUES('duplicates.csv',0,'f23ef59ef17e6f17df09861f2e750d9ee6042089d6d950e4ade38f7f07533741');
INSERT INTO exported_files VALUES('faces.csv',0,'ab2419b8ab07d70b92925063a1935a3b38723dfbe86d829ef7d9be4d146f2f21');
INSERT INTO exported_files VALUES('people/Anna/appearances.csv',0,'a20e499c0b6f016109718e8313eb9f4ad7ffe3d78dad678a99aa64ad3b3b3786');
INSERT INTO exported_files VALUES('people/Anna/faces.csv',0,'997db5da027be587292ec26ebb97df86be70835e574cc1243bc434651af43d95');
INSERT INTO exported_files VALUES('people/Anna/faces/asl_again_00-00-00.000_t1_f1.jpg',1,'');
INSERT INTO exported_files VALUES('people/Anna/faces/asl_again_00-00-00.200_t1_f2.jpg',2,'');
INSERT INTO exported_files VALUES('people/Anna/portrait.jpg',0,'32461d5bd1773012acef0ba15636752949bd7c2ce50f9172159d9f56cf0dd9af');
INSERT INTO exported_files VALUES('people/Bea/appearances.csv',0,'1292664812e0573eec6cd8c2701c779ff5c503d195a4d7393d128d63a30a0d8c');
INSERT INTO exported_files VALUES('people/Bea/faces.csv',0,'acecbda51bebd93d49c0c45a308e245c8242c86160e8c7c9bb4134911e51f8a2');
INSERT INTO exported_files VALUES('people/Bea/faces/asl_book_00-00-00.000_t1_f1.jpg',15,'');
INSERT INTO exported_files VALUES('people/Bea/faces/asl_book_00-00-00.200_t1_f2.jpg',16,'');
INSERT INTO exported_files VALUES('people/Bea/portrait.jpg',0,'32461d5bd1773012acef0ba15636752949bd7c2ce50f9172159d9f56cf0dd9af');
INSERT INTO exported_files VALUES('report.html',0,'f1e053c459178e8fa57a971197827d0df9cad49c42c83fb442be8c95f8f4afed');
INSERT INTO exported_files VALUES('sources.csv',0,'c6982e105fd3743a5938bd598990aefc3af2079616bc78bdf36420e002919a90');
INSERT INTO exported_files VALUES('suggestions.csv',0,'bb801c0bb6b11ebd1aadb1f627e8cf686a50e6a641449bf299e9eef58a49c267');
INSERT INTO exported_files VALUES('unassigned/appearances.csv',0,'1c333f7ad925ab590806f959403afcfc5ed53fa959d996ac50ba16f85b3b15ce');
INSERT INTO exported_files VALUES('unassigned/faces.csv',0,'ae6b2078a079b004204547730b70e3b6e242265d89d2249c05a025305b496950');
INSERT INTO exported_files VALUES('unassigned/faces/asl_again_00-00-00.000_t2_f1.jpg',34,'');
INSERT INTO exported_files VALUES('unassigned/faces/asl_again_00-00-00.000_t2_f2.jpg',37,'');
INSERT INTO exported_files VALUES('unassigned/faces/asl_again_00-00-00.000_t3_f1.jpg',35,'');
INSERT INTO exported_files VALUES('unassigned/faces/asl_again_00-00-00.000_t3_f2.jpg',36,'');
CREATE TABLE exported_folders(
  person_id INTEGER PRIMARY KEY,
  folder TEXT NOT NULL,
  moving_to TEXT NOT NULL);
INSERT INTO exported_folders VALUES(1,'people/Anna','');
INSERT INTO exported_folders VALUES(2,'people/Bea','');
CREATE TABLE exported_logs(
  name TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO exported_logs VALUES('appearances.csv','693544228fd7bc7f0430b20719485a5e0905306d1fbf495aa159b32889f54e72');
INSERT INTO exported_logs VALUES('duplicates.csv','f23ef59ef17e6f17df09861f2e750d9ee6042089d6d950e4ade38f7f07533741');
INSERT INTO exported_logs VALUES('faces.csv','ab2419b8ab07d70b92925063a1935a3b38723dfbe86d829ef7d9be4d146f2f21');
INSERT INTO exported_logs VALUES('report.html','f1e053c459178e8fa57a971197827d0df9cad49c42c83fb442be8c95f8f4afed');
INSERT INTO exported_logs VALUES('sources.csv','c6982e105fd3743a5938bd598990aefc3af2079616bc78bdf36420e002919a90');
INSERT INTO exported_logs VALUES('suggestions.csv','bb801c0bb6b11ebd1aadb1f627e8cf686a50e6a641449bf299e9eef58a49c267');
INSERT INTO exported_logs VALUES('writer','c9fa71884ecd45d02f866685616b03e5ae080871c5e7e4667713a1361d0b4834');
CREATE TABLE face_embeddings(
  face_id INTEGER NOT NULL REFERENCES faces(id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models(id),
  vector BLOB NOT NULL, norm REAL NOT NULL DEFAULT 0);
INSERT INTO face_embeddings VALUES(1,1,X'9a99193fcdcc4c3f',0.0);
INSERT INTO face_embeddings VALUES(1,2,X'9a99193fcdcc4c3f',0.0);
INSERT INTO face_embeddings VALUES(15,1,X'9a99193fcdcc4c3f',0.0);
INSERT INTO face_embeddings VALUES(15,2,X'9a99193fcdcc4c3f',0.0);
CREATE TABLE face_pictures(
  face_id INTEGER PRIMARY KEY REFERENCES faces(id) ON DELETE CASCADE,
  jpeg BLOB NOT NULL);
INSERT INTO face_pictures VALUES(1,X'ffd8ffd9');
INSERT INTO face_pictures VALUES(2,X'ffd8ffd9');
INSERT INTO face_pictures VALUES(15,X'ffd8ffd9');
INSERT INTO face_pictures VALUES(16,X'ffd8ffd9');
INSERT INTO face_pictures VALUES(34,X'ffd8ffd9');
INSERT INTO face_pictures VALUES(35,X'ffd8ffd9');
INSERT INTO face_pictures VALUES(36,X'ffd8ffd9');
INSERT INTO face_pictures VALUES(37,X'ffd8ffd9');
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
INSERT INTO faces VALUES(1,1,1,0,33,0,33000,290.41912841796874999,79.298492431640624999,68.23978424072265625,90.974761962890624998,0.99901711940765380859,X'193e9c4380d3ec4286beab432555ed42b2c0a44307320a43a5da9d433c4f17439528a94300ad1743',31,31,0.79746001958847045898,4);
INSERT INTO faces VALUES(2,1,2,6,233,200000,33000,290.28839111328125,70.577117919921874998,66.650024414062499999,90.620773315429687501,0.99907010793685913085,X'e5429c434690d7423255ab43e4dad74262eda4433413fb42f5c89d43b7450c43d136a943b3740c43',1,1,0.74791431427001953125,4);
INSERT INTO faces VALUES(15,2,1,0,33,0,33000,273.0576171875,94.54113006591796875,56.49431610107421875,73.103309631347656249,0.99888342618942260742,X'23998e432dc3f642e9ad9b43885af54204f99343be00044342a98f435b971443e5719a4332fa1343',31,31,0.80623525381088256835,4);
INSERT INTO faces VALUES(16,2,2,6,233,200000,33000,272.23458862304687499,94.644515991210937501,57.956451416015625,72.842910766601562501,0.99893325567245483398,X'ef148e43bf16f642fcf09a437efdf442a0319343f5930343695a8f437409154331859943489f1443',1,1,0.7871316075325012207,4);
INSERT INTO faces VALUES(34,3,1,0,33,0,33000,10.0,79.298492431640624999,68.23978424072265625,90.974761962890624998,0.99901711940765380859,X'193e9c4380d3ec4286beab432555ed42b2c0a44307320a43a5da9d433c4f17439528a94300ad1743',31,31,0.79746001958847045898,4);
INSERT INTO faces VALUES(35,4,1,0,33,0,33000,12.0,79.298492431640624999,68.23978424072265625,90.974761962890624998,0.99901711940765380859,X'193e9c4380d3ec4286beab432555ed42b2c0a44307320a43a5da9d433c4f17439528a94300ad1743',31,31,0.79746001958847045898,4);
INSERT INTO faces VALUES(36,4,2,6,33,0,33000,400.0,79.298492431640624999,68.23978424072265625,90.974761962890624998,0.99901711940765380859,X'193e9c4380d3ec4286beab432555ed42b2c0a44307320a43a5da9d433c4f17439528a94300ad1743',31,31,0.79746001958847045898,4);
INSERT INTO faces VALUES(37,3,2,6,33,0,33000,10.0,79.298492431640624999,68.23978424072265625,90.974761962890624998,0.99901711940765380859,X'193e9c4380d3ec4286beab432555ed42b2c0a44307320a43a5da9d433c4f17439528a94300ad1743',31,31,0.79746001958847045898,4);
CREATE TABLE facts(
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO facts VALUES('clustering','agglomerative');
INSERT INTO facts VALUES('copies','1');
INSERT INTO facts VALUES('profile','balanced');
INSERT INTO facts VALUES('run_log','4 6361c22c697d5d7239bd2ee3223222c601e0bf5d7a24011a8736b0d9a0171ce5');
INSERT INTO facts VALUES('sources_written','1');
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
INSERT INTO models VALUES(1,'arcface_ms1m','7cf60101536bcc5c2a7e08327c161d0007fde175fefb61da6bda5867f369dba8',2);
INSERT INTO models VALUES(2,'arcface_foamliu','1b015b7521b4d22d2beeb60c4958e77206a387accd965534c3b114b789e39e31',2);
CREATE TABLE persons(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  folded_name TEXT UNIQUE, ignored INTEGER NOT NULL DEFAULT 0, by_reference INTEGER NOT NULL DEFAULT 0);
INSERT INTO persons VALUES(1,'Anna','97 110 110 97 ',0,0);
INSERT INTO persons VALUES(2,'Bea','98 101 97 ',0,0);
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
INSERT INTO reference_faces VALUES(1,'Anna','anna','anna.jpg','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',640,480,10.0,20.0,30.0,40.0,0.75,0.5,X'ffd8ffd9','2026-11-30T01:00:00Z','');
CREATE TABLE reference_vectors(
  reference_id INTEGER NOT NULL REFERENCES reference_faces(id) ON DELETE CASCADE,
  model TEXT NOT NULL,
  model_sha256 TEXT NOT NULL,
  vector BLOB NOT NULL,
  PRIMARY KEY(reference_id, model, model_sha256)) WITHOUT ROWID;
INSERT INTO reference_vectors VALUES(1,'arcface_ms1m','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',X'0000803f');
CREATE TABLE scan_settings(
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE);
INSERT INTO scan_settings VALUES(1,'{"exhaustive":false,"models":{"arcface_foamliu":"1b015b7521b4d22d2beeb60c4958e77206a387accd965534c3b114b789e39e31","arcface_ms1m":"7cf60101536bcc5c2a7e08327c161d0007fde175fefb61da6bda5867f369dba8","mtcnn_onet":"b94f1a61445a6a6991533501427163e23e704184776083550a436ac4f9f790c7","mtcnn_pnet":"ef4bdc9423b9f729ba6d3e082d869c1e868512b5fdfbddf110096a9cbc4ec3b0","mtcnn_rnet":"2a8a38536a4e52e98c349d6169d6da37778331730944da04d23a37d4024d6c1c","retinaface":"63ce82661963e3cfc2e62baa03c90e42ea3606fa2b564ea6510c6bb9e003e01d","scrfd_2.5g":"db0f17edc07719104138b4a1a04b39cbdd0c80229a861a4f4bbb7632ea8dbae4","scrfd_500m":"cc76dca65c9325e5238f5bd4f104873feebb93844781b471cae3571820ae0914","yunet":"104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12"},"scan":1}');
CREATE TABLE source_places(
  path TEXT NOT NULL,
  part TEXT NOT NULL,
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  modified_ns INTEGER NOT NULL,
  PRIMARY KEY(path, part)) WITHOUT ROWID;
INSERT INTO source_places VALUES('/copies/x.mkv','2',1,'copies/x.mkv',7);
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
  settings_id INTEGER NOT NULL REFERENCES scan_settings(id), mirrored INTEGER NOT NULL DEFAULT 0, make TEXT NOT NULL DEFAULT '', model TEXT NOT NULL DEFAULT '', software TEXT NOT NULL DEFAULT '', altitude REAL, located_from TEXT NOT NULL DEFAULT '', timecode TEXT NOT NULL DEFAULT '', timecode_from TEXT NOT NULL DEFAULT '', turn_from TEXT NOT NULL DEFAULT '', pixel_aspect_width INTEGER NOT NULL DEFAULT 1, pixel_aspect_height INTEGER NOT NULL DEFAULT 1, aspect_from TEXT NOT NULL DEFAULT '', part TEXT NOT NULL DEFAULT '', parts INTEGER NOT NULL DEFAULT 0, geometry_notes TEXT NOT NULL DEFAULT '', replaces INTEGER REFERENCES sources(id) ON DELETE CASCADE, marked INTEGER NOT NULL DEFAULT 0);
INSERT INTO sources VALUES(1,'asl_book.mkv','/footage/asl_book.mkv','6ddf59ef6c4fdb6907802c33dec01ed5db2e0401ecf4f3b68c6c78fede62b4dc',265099,0,3666,640,480,0,30.0,'h264',0,1,1000,'','',NULL,NULL,'',109,0,3,87,19,0,2,1,'ok','',1,0,'','','',NULL,'','','','',1,1,'','2',3,'',NULL,0);
INSERT INTO sources VALUES(2,'asl_again.mkv','/footage/asl_again.mkv','e6c640c718e26f2ace77fd36cade8cd10d0ccfc27fa59ce1e6be549e9235f882',205376,0,2600,640,480,0,30.0,'h264',0,1,1000,'','',NULL,NULL,'',77,0,0,63,14,0,6,3,'ok','',1,0,'','','',NULL,'','','','',1,1,'','',0,'',NULL,0);
INSERT INTO sources VALUES(3,'hevc_livephoto.mov','/footage/hevc_livephoto.mov','38554568d3235cfb27b94c3dcd9a516dc7435e124eddff4059103656551e6f0d',710953,0,1167,720,1280,90,29.9572039942938666,'hevc',0,1,600,'2023-09-22T18:34:05+02:00','com.apple.quicktime.creationdate',52.459699999999997999,13.321999999999999175,'Apple iPad mini',35,0,0,28,7,0,0,0,'ok','',1,0,'','','',NULL,'','','','file',1,1,'','',0,'',NULL,0);
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
INSERT INTO suggestions VALUES(1,'merge',1,2,0.5,1.0,0);
CREATE TABLE templates(
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models(id),
  vector BLOB NOT NULL);
INSERT INTO templates VALUES(1,1,X'9a99193fcdcc4c3f');
INSERT INTO templates VALUES(1,2,X'9a99193fcdcc4c3f');
INSERT INTO templates VALUES(2,1,X'9a99193fcdcc4c3f');
INSERT INTO templates VALUES(2,2,X'9a99193fcdcc4c3f');
CREATE TABLE thumbnails(
  face_id INTEGER NOT NULL REFERENCES faces(id) ON DELETE CASCADE,
  pixels INTEGER NOT NULL,
  quality INTEGER NOT NULL,
  jpeg BLOB NOT NULL);
INSERT INTO thumbnails VALUES(1,96,72,X'ffd8ffd9');
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
INSERT INTO tracks VALUES(1,2,1,0,0,2567000,0.79746001958847045898,1,1,1.0,'',2);
INSERT INTO tracks VALUES(2,1,1,0,0,3633000,0.80623525381088256835,1,2,0.25,'turned away',2);
INSERT INTO tracks VALUES(3,2,2,0,0,2567000,0.79746001958847045898,1,1,1.0,'',2);
INSERT INTO tracks VALUES(4,2,3,0,0,2567000,0.79746001958847045898,1,1,1.0,'',2);
CREATE TABLE tracks_together(
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  other_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  PRIMARY KEY(track_id, other_id)) WITHOUT ROWID;
INSERT INTO tracks_together VALUES(1,3);
INSERT INTO tracks_together VALUES(1,4);
CREATE TABLE person_totals(
  person_id INTEGER PRIMARY KEY REFERENCES persons(id) ON DELETE CASCADE,
  tracks INTEGER NOT NULL,
  faces INTEGER NOT NULL,
  sources INTEGER NOT NULL,
  screen_us INTEGER NOT NULL,
  portrait INTEGER);
INSERT INTO person_totals VALUES(1,1,2,1,2567000,1);
INSERT INTO person_totals VALUES(2,1,2,1,3633000,15);
CREATE TABLE found_tracks(
  correction_id INTEGER NOT NULL REFERENCES corrections(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
  PRIMARY KEY(correction_id, number)) WITHOUT ROWID;
INSERT INTO found_tracks VALUES(1,0,1);
INSERT INTO found_tracks VALUES(6,0,2);
CREATE TABLE source_marks(
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  kind INTEGER NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('tracks',4);
INSERT INTO sqlite_sequence VALUES('faces',37);
INSERT INTO sqlite_sequence VALUES('persons',2);
INSERT INTO sqlite_sequence VALUES('corrections',6);
INSERT INTO sqlite_sequence VALUES('reference_faces',1);
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
CREATE INDEX assignments_of_nobody ON assignments(reason) WHERE person_id IS NULL;
CREATE INDEX sources_by_sha256 ON sources(sha256);
CREATE INDEX sources_by_counts ON sources(tracks, faces);
CREATE INDEX sources_that_replace ON sources(replaces) WHERE replaces IS NOT NULL;
CREATE INDEX found_tracks_by_track ON found_tracks(track_id);
CREATE INDEX source_marks_by_source ON source_marks(source_id);
COMMIT;
