#!/usr/bin/env python3
"""Writes the description of the web API (OpenAPI 3.1), out of what follows and the answers' JSON Schemas.

usage: make_openapi.py > docs/openapi.json
What an answer of --json has too is taken from docs/schema, so that both say the same. A test sees to it that docs/openapi.json
is what comes out here.
"""
import json

from openapi_words import *


def describe_basics():
    define("Error", obj(
        "why something was not done", optional=["remedy", "version", "changes"],
        code=text("what kind of error, such as: invalid argument, not found, permission denied, read or write error, damaged, unsupported, "
                  "no video, model missing, out of resources, device unavailable, mismatch, interrupted, internal error, unauthorised, "
                  "forbidden, method not allowed, too large, too many requests, stale"),
        message=text("for people: what happened and what to do"),
        remedy=take({"$ref": COMMON + "error/properties/remedy"}, "", FOLDER),
        version=text("of a stale change: the case's version now"),
        changes=listed({"$ref": "#/components/schemas/Change"}, "of a stale change: the corrections since")))
    define("Who", obj("a person", id=shared("person_id"), name=shared("person_name")))
    version = define("Version", text("of what is known of a case's people; every correction and grouping gives another", minLength=1))
    operation("get", "/openapi.json", "getDescription", "this description", {"type": "object"}, security=False)
    session = define("Session", obj("who is logged in", role=choice("viewer looks; reviewer changes", "reviewer", "viewer"),
                                    name=text("whom corrections are logged under; empty where there is one user")))
    operation("post", "/session", "logIn", "exchanges the token of the start (or a password) for the cookie of a session", session,
              body=obj("the token, or name and password", optional=["token", "name", "password"],
                       token=text("as the line of the start has it", maxLength=200), name=text("of the user", maxLength=100),
                       password=text("of the user", maxLength=1000)), security=False)
    operation("get", "/session", "getSession", "who is logged in", session)
    operation("delete", "/session", "logOut", "ends the session", status=204)
    choices = listed(text("a name"), "what can be chosen")
    operation("get", "/about", "getAbout", "what this program is and can do here", define("About", obj(
        "the program", version=text("of the program"), roots=listed(text("absolute path, or s3://bucket/folder"), "folders whose content may be added to cases"),
        new_cases=or_null(text(""), "folder that new cases are made in; null where none was given"),
        methods=choices, profiles=choices, formats=choices, device=text("what networks run on"), processors=integer("of this computer"),
        missing_models=listed(text("a name"), "known, and not installed"), ready=flag("a scan can be run"))))
    return version, session


def describe_cases():
    case = define("CaseEntry", obj(
        "a case", id=text("of the case, for addresses", pattern="^[0-9a-f]{16}$"), name=text("of its folder"),
        folder=text("absolute path"), bytes=integer("of its database"),
        problem=or_null(text(""), "why it cannot be read; null when it can")))
    operation("get", "/cases", "listCases", "the cases of this server",
              define("CaseList", obj("the cases", cases=listed(case, "by name"))))
    operation("post", "/cases", "createCase", "makes an empty case in the folder of new cases", case, status=201, role="reviewer",
              body=obj("the new case", name=text("of its folder", minLength=1, maxLength=100)))
    overview = define("CaseOverview", obj(
        "what a case has", id=text("of the case"), name=text("of its folder"), folder=text("absolute path"),
        version={"$ref": "#/components/schemas/Version"}, persons=integer("persons"),
        named=integer("persons with a name of their own"), ignored=integer("persons who are ignored"),
        tracks=integer("tracks"), faces=integer("stored faces"),
        unassigned_tracks=integer("tracks of nobody"), unassigned_by_reason=shared("unassigned_by_reason"),
        sources=integer("sources"), sources_by_state={"type": "object", "additionalProperties": {"type": "integer"},
                                                       "description": "how many are ok, scanning, damaged, failed"},
        video_ms=integer("length of all sources"), bytes=integer("of the sources' files"),
        suggestions=integer("questions that are open"), method=text("of the last grouping; empty before the first"),
        profile=text("of the last grouping"), warnings=listed(text("a sentence"), "what the user should know")))
    operation("get", "/cases/{case}", "getCase", "what a case has", overview)


def describe_people():
    person = define("WebPerson", obj(
        "a person with what a list shows", person=shared("person"), named=flag("has a name of its own"),
        portrait=or_null(integer("", 1), "id of the best face; null when no face has a picture"),
        first_seen=or_null(obj("", source_id=integer("of the source", 1), source=shared("source"), start_ms=shared("milliseconds"),
                               start_us=MICROSECONDS, time=or_null(text(""), "by the clock of the source, ISO 8601; null where it is not known")),
                           "where the person is first: by the clock, else by the source's name; null in lists of another order than first_seen")))
    yes_no = {"type": "string", "enum": ["all", "yes", "no"], "default": "all"}
    operation("get", "/cases/{case}/people", "listPeople", "the people of a case",
              define("PeoplePage", page("people", "people", person, version={"$ref": "#/components/schemas/Version"})),
              parameters=[query("sort", {"type": "string", "enum": ["screen_time", "name", "first_seen"], "default": "screen_time"},
                                "screen_time: longest first"),
                          query("ignored", {**yes_no, "default": "no"}, "who is ignored"), query("named", yes_no, "who has a name"),
                          query("text", {"type": "string", "maxLength": 100}, "part of the name, whatever its case"), CURSOR, LIMIT])
    who = {"$ref": "#/components/schemas/Who"}
    operation("get", "/cases/{case}/people/{person}", "getPerson", "one person", define("PersonDetail", obj(
        "one person", person=person, version={"$ref": "#/components/schemas/Version"},
        sources=listed(obj("a source with the person", source_id=integer("of the source", 1), source=shared("source"),
                           tracks=integer("of the person"), screen_ms=shared("milliseconds")), "by name"),
        together=listed(obj("who is on the screen at the same time", person=who, moments=integer("pairs of tracks", 1),
                            tracks=listed(integer("id", 1), "of the other person, at most ten")), "most moments first, at most 50"))))
    appearance = define("WebAppearance", obj(
        "a track of the person", track=text("as corrections take it: SOURCE:NUMBER"), track_id=integer("of the track", 1),
        source_id=integer("of the source", 1), start_ms=shared("milliseconds"), start_us=MICROSECONDS, end_ms=shared("milliseconds"),
        faces=integer("stored faces"), confidence=shared("share"), confirmed=flag("a correction says that it is right"),
        face=or_null(integer("", 1), "id of the best face with a picture"),
        start=text("by the clock of the source, ISO 8601; empty where it is not known"), end=text("by the clock of the source")))
    operation("get", "/cases/{case}/people/{person}/appearances", "listAppearances", "where and when a person is seen",
              define("AppearancesPage", page("appearances by source and number", "appearances", appearance)),
              parameters=[CURSOR, LIMIT])
    operation("get", "/cases/{case}/people/{person}/portrait", "getPortrait", "the person's best face, cut small", PICTURE,
              kind="image/jpeg", headers=ETAG, also=NOT_MODIFIED, parameters=[SIZE])


SIZE = query("size", {"type": "integer", "enum": [64, 96, 128, 192, 256, 384], "default": 128}, "pixels of the longer side")


def describe_faces():
    reason = text("why the track is nobody's: small, blurred, anonymised, covered, turned away, upside-down, alone, in doubt; empty where it "
                  "is somebody's or no reason is known")
    face = define("Face", obj(
        "a face", id=integer("of the face", 1), number=integer("within its track", 1), track_id=integer("of its track", 1),
        track=text("as corrections take it: SOURCE:NUMBER"), source_id=integer("of its source", 1), time_ms=shared("milliseconds"),
        time_us=MICROSECONDS,
        pts={"type": "integer", "description": "of its frame, in ticks of the source's time base"}, box=shared("box"),
        quality=shared("share"), score=shared("share"), picture=flag("there is a picture of it"),
        person=or_null({"$ref": "#/components/schemas/Who"}, "whose it is; null: nobody's"), reason=reason))
    operation("get", "/cases/{case}/faces", "listFaces", "faces of a person, of a track, or of nobody: exactly one is asked for",
              define("FacesPage", page("faces by source, track and time", "faces", face)),
              parameters=[query("person", {"type": "integer", "minimum": 1, "maximum": ID_LIMIT}, "of this person"),
                          query("track", {"type": "integer", "minimum": 1, "maximum": ID_LIMIT}, "of this track"),
                          query("unassigned", {"type": "boolean", "default": False}, "of nobody"),
                          query("reason", {"type": "string", "maxLength": 30}, "with unassigned: only these"),
                          query("best", {"type": "boolean", "default": False}, "only the best face of each track"), CURSOR, LIMIT])
    model = obj("a network", name=shared("model"), sha256=text("of its weights"))
    evidence = define("FaceEvidence", obj(
        "what a face rests on", face=face, source=obj(
            "where it is from", id=integer("of the source", 1), name=shared("source"), path=text("where the file was last seen"),
            sha256=text("of the file as it was scanned"), bytes=integer("of the file"), stream=integer("index of the picture stream"),
            part=text("of the file; empty: its first"), codec=text("of the pictures"), there=flag("the file is where it was")),
        frame=integer("number of the frame, 0 is the source's first"),
        time_base=shared("pts_time_base"), shot=integer("number of the shot"),
        start=text("by the clock of the source, ISO 8601; empty where it is not known"),
        landmarks=listed(listed(number("pixels"), "x and y", minItems=2, maxItems=2), "eyes, nose, corners of the mouth"),
        seen_by=listed(shared("model"), "detectors that saw it"), looked=listed(shared("model"), "detectors that were asked"),
        track_quality=shared("share"), evidence=shared("share"), confidence=shared("share"), confirmed=flag("a correction says so"),
        models=listed(model, "that the source was scanned with"), embeddings=listed(model, "that it has vectors of"),
        settings=text("the scan's settings, JSON")))
    operation("get", "/cases/{case}/faces/{face}", "getFace", "what a face rests on", evidence)
    operation("post", "/cases/{case}/faces/{face}/verify", "verifyFace",
              "decodes the frame again and compares its picture with what is stored", define("FaceVerified", obj(
                  "how a face stands the test", same=flag("everything is as it was"),
                  source_is_the_same=flag("the file has the SHA-256 that it was scanned with"),
                  frame_found=flag("there is a frame with this time stamp"),
                  difference=or_null(number(""), "mean difference of the pictures, 0 to 255; null where there is none to compare"),
                  told=listed(text("a sentence"), "what was found"))))
    for path, name, summary, parameters in (("picture", "getFacePicture", "a face's picture as it is stored", []),
                                            ("thumbnail", "getFaceThumbnail", "a face's picture cut small", [SIZE])):
        operation("get", f"/cases/{{case}}/faces/{{face}}/{path}", name, summary, PICTURE, kind="image/jpeg", headers=ETAG,
                  also=NOT_MODIFIED, parameters=parameters)


def describe_sources():
    source = define("Source", obj(
        "a source", id=integer("of the source", 1), name=shared("source"),
        state=choice("how its scan stands", "pending", "scanning", "ok", "damaged", "failed"),
        message=text("why it failed, or what is worth knowing"), kind=choice("what it is", "video", "picture"),
        duration_ms=shared("milliseconds"), width=shared("pixels"), height=shared("pixels"), bytes=integer("of the file"),
        tracks=integer("tracks"), faces=integer("stored faces"), there=flag("the file is where it was"),
        let_go=or_null(obj("the file is gone because live --keep let it go", time=text("when, UTC"), why=text("the limit")), "null: it was not let go"),
        created=text("ISO 8601; empty where it is not known"), latitude=or_null(number(""), "degrees"),
        longitude=or_null(number(""), "degrees"), device=text("make and model; empty where they are not known"),
        poster=or_null(integer("", 1), "id of a face of it"),
        playable=choice("whether browsers can play it: as it is, by a proxy, or not at all", "original", "proxy", "no")))
    operation("get", "/cases/{case}/sources", "listSources", "the sources of a case",
              define("SourcesPage", page("sources by name", "sources", source)),
              parameters=[query("text", {"type": "string", "maxLength": 100}, "part of the name"), CURSOR, LIMIT])
    detail = define("SourceDetail", obj(
        "a source", source=source, path=text("where the file was last seen"), sha256=text("of the file"), fps=number("average rate"),
        codec=text("of the pictures"), part=text("of the file; empty: its first"), stream=integer("index of the picture stream"),
        time_base=shared("pts_time_base"), rotation={"enum": [0, 90, 180, 270], "description": "clockwise degrees that were applied"},
        mirrored=flag("left to right"), geometry=text("what was done to the stored pictures; empty: nothing"),
        created_from=text("the tag"), located_from=text("the tag"), altitude=or_null(number(""), "metres"), software=text("that wrote it"),
        timecode=text("SMPTE of the first frame"), frames=obj(
            "how many frames were", decoded=integer("decoded"), dark=integer("dark"), still=integer("still"), paced=integer("left out for pace"),
            kept=integer("looked at"), cuts=integer("cuts")),
        places=listed(text("path"), "where else the same content lies"), settings=text("the scan's settings, JSON"),
        copies=listed(obj("a part that another source holds too", source_id=integer("of the other", 1), source=shared("source"),
                          kind=text("of copy"), start_ms=shared("milliseconds"), other_start_ms=shared("milliseconds"),
                          length_ms=shared("milliseconds"), mirrored=flag("against each other")), "in the order of the case"),
        persons=listed(obj("who is in it", person={"$ref": "#/components/schemas/Who"}, tracks=integer("tracks", 1),
                           screen_ms=shared("milliseconds"), portrait=or_null(integer("", 1), "id of a face")), "longest first"),
        unassigned_tracks=integer("tracks of nobody")))
    operation("get", "/cases/{case}/sources/{source}", "getSource", "one source", detail)
    track = define("Track", obj(
        "a track with the boxes of its faces", id=integer("of the track", 1), number=shared("track"), shot=integer("number of the shot"),
        start_ms=shared("milliseconds"), end_ms=shared("milliseconds"), quality=shared("share"), confidence=shared("share"),
        person=or_null({"$ref": "#/components/schemas/Who"}, "whose it is; null: nobody's"), reason=text("why it is nobody's"),
        faces=listed(obj("a face", id=integer("of the face", 1), time_us=integer("microseconds from the source's first frame"),
                         duration_us=integer("how long its frame is shown, microseconds"),
                         pts={"type": "integer", "description": "of its frame"}, box=shared("box")), "in time order")))
    operation("get", "/cases/{case}/sources/{source}/tracks", "listTracks", "the tracks of a source, to be drawn over its picture",
              define("TracksPage", page("tracks by number", "tracks", track)),
              parameters=[query("from_ms", {"type": "integer", "minimum": 0, "maximum": ID_LIMIT}, "that end after this"),
                          query("to_ms", {"type": "integer", "minimum": 0, "maximum": ID_LIMIT}, "that start before this"), CURSOR, LIMIT])
    span = obj("a stretch", start_ms=shared("milliseconds"), end_ms=shared("milliseconds"))
    operation("get", "/cases/{case}/sources/{source}/marks", "getMarks", "where a source's picture changes, and where it shows nothing new",
              define("SourceMarks", obj(
                  "stretches by time", shots=listed(span, "where a new shot begins: a moment, or between the last face before and the first after"),
                  dark=listed(span, "nothing to be seen: near black, blown out, or without contrast"),
                  still=listed(span, "a second and more in which nothing moves that could be seen"),
                  exact=flag("false: a scan of an older version, which kept no marks: cuts are known by faces, stillness by a quarter of a second, dark is still"),
                  still_known=flag("false: the scan left nothing that would tell"))))
    operation("get", "/cases/{case}/sources/{source}/media", "getMedia", "the film or picture; takes Range",
              {"type": "string", "contentMediaType": "application/octet-stream"}, kind="*/*", headers=ETAG,
              parameters=[query("proxy", {"type": "boolean", "default": False}, "the proxy, which must be ready")],
              also={"206": {"description": "the part that Range names"}, "416": {"description": "there is no such part"}, **NOT_MODIFIED})
    proxy = define("Proxy", obj("a copy that browsers can play", state=choice("how it stands", "none", "making", "ready", "failed"),
                                share=shared("share"), message=text("why it failed; empty otherwise"),
                                bytes=integer("of what there is of it")))
    operation("get", "/cases/{case}/sources/{source}/proxy", "getProxy", "how a source's proxy stands", proxy)
    operation("post", "/cases/{case}/sources/{source}/proxy", "makeProxy", "starts making a proxy, if there is none", proxy, status=202)
    operation("get", "/cases/{case}/sources/{source}/frame", "getFrame",
              "the picture of one frame, upright: of the time stamp (and at the time, where both are given), or the last one that is not after the time",
              {"type": "string", "contentMediaType": "image/jpeg"}, kind=["image/jpeg", "image/png"], headers={
                  **ETAG, "X-Frame-PTS": {"description": "time stamp of the frame", "schema": {"type": "integer"}},
                  "X-Frame-Time-Us": {"description": "microseconds from the source's first frame", "schema": {"type": "integer"}},
                  "X-Frame-Previous-Us": {"description": "of the frame before, where known", "schema": {"type": "integer"}},
                  "X-Frame-Next-Us": {"description": "of the frame after, where there is one", "schema": {"type": "integer"}}},
              also=NOT_MODIFIED, parameters=[
                  query("pts", {"type": "integer", "minimum": -ID_LIMIT, "maximum": ID_LIMIT}, "time stamp, in ticks of the source's time base"),
                  query("time_us", {"type": "integer", "minimum": 0, "maximum": ID_LIMIT}, "microseconds from the first frame"),
                  query("format", {"type": "string", "enum": ["jpeg", "png"], "default": "jpeg"}, "of the picture"),
                  query("width", {"type": "integer", "minimum": 16, "maximum": 8192}, "at most, pixels")])


def describe_corrections(version):
    number_of = {"type": "integer", "minimum": 1, "maximum": ID_LIMIT, "description": "number of a person"}
    common = {"based_on": text("version of the case that the user looked at", minLength=1, maxLength=200),
              "dry_run": flag("only tell what would be done", default=False),
              "override": flag("win over earlier corrections and over what is on the screen", default=False)}

    def correction(verb, description, optional=(), **fields):
        return define("Correction" + pascal(verb), obj(description, optional=["dry_run", "override", *optional],
                                                       verb={"type": "string", "const": verb}, **fields, **common))
    tracks = listed({"type": "string", "minLength": 1, "maxLength": 1000}, "tracks, as SOURCE:NUMBER", minItems=1, maxItems=2000)
    new_name = text("folder name", minLength=1, maxLength=100)
    steps = {"count": {**integer("how many", 1), "maximum": 1000000, "default": 1}, "all": flag("every one", default=False)}
    kinds = [
        correction("rename", "gives a name", person=number_of, name=new_name),
        correction("merge", "several are one; the first stays", persons=listed(number_of, "at least two", minItems=2, maxItems=1000)),
        correction("split", "tracks of a person are a new one", ["name"], person=number_of, tracks=tracks, name=new_name),
        correction("move", "tracks are another person's, or nobody's", tracks=tracks,
                   to=or_null(number_of, "number of the person; null: nobody")),
        correction("not-same", "a person is not the other one, or not that of these tracks: one of both is said", ["other", "tracks"],
                   person=number_of, other=number_of, tracks=tracks),
        correction("confirm", "tracks are surely the person's; without tracks: all", ["tracks"], person=number_of, tracks=tracks),
        correction("ignore", "a bystander", ["ignored"], person=number_of, ignored=flag("false: no more", default=True)),
        correction("undo", "takes back the last", list(steps), **steps), correction("redo", "makes again what was undone last", list(steps), **steps)]
    change = shared("correction")
    done = define("Corrected", obj(
        "what was done", dry_run=flag("nothing was changed"), correction=change, notes=listed(text("a sentence"), "what the user should know"),
        version=version))
    define("Change", take(json.loads((FOLDER / "people-history.schema.json").read_text())["properties"]["corrections"]["items"],
                          "people-history.schema.json", FOLDER))
    operation("post", "/cases/{case}/corrections", "correct", "says who is who; obeyed by every later grouping", done, role="reviewer",
              body={"oneOf": kinds, "discriminator": {"propertyName": "verb", "mapping": {
                  SCHEMAS[kind["$ref"].rsplit("/", 1)[1]]["properties"]["verb"]["const"]: kind["$ref"] for kind in kinds}}},
              also={"409": {**ERROR, "description": "stale: the case has changed since (code stale), or it contradicts (remedy override), or "
                            "somebody else is writing"}})
    operation("get", "/cases/{case}/corrections", "listCorrections", "the corrections so far, the last first",
              define("CorrectionsPage", page("corrections", "corrections", {"$ref": "#/components/schemas/Change"}, version=version,
                                             can_undo=integer("how many can be undone"), can_redo=integer("how many can be redone"))),
              parameters=[CURSOR, LIMIT])
    side = obj("what to look at", face=or_null(integer("", 1), "id of the best face"), track_id=or_null(integer("", 1), "of that face"),
               source_id=or_null(integer("", 1), "of that face"), time_ms=or_null(integer(""), "of that face"),
               time_us=or_null(integer(""), "of that face's frame, exactly"))
    score = obj("by one network", model=shared("model"), cosine=number("of the tracks' vectors"),
                log_odds=or_null(number(""), "calibrated, that both are one person; null without a calibration"))
    scores = obj("of the two tracks whose faces are shown", models=listed(score, "that both have"),
                 log_odds=or_null(number(""), "by all networks together, without what the rest of the case says"))
    suggestion = define("Suggestion", obj("a question", question=shared("people-suggestions.schema.json#/$defs/suggestion"), scores=scores,
                                          shared_sources=integer("in which both are"),
                                          together=integer("pairs of their tracks that share a frame"),
                                          side=side, other_side=side))
    operation("get", "/cases/{case}/suggestions", "listSuggestions", "what the last grouping would ask, the most useful first",
              define("SuggestionsPage", page("questions", "suggestions", suggestion, version=version)), parameters=[CURSOR, LIMIT])


PHOTO = {"required": True, "content": {
    kind: {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
    for kind in ("image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic", "image/heif", "image/avif")}}


def describe_search():
    operation("post", "/photo", "showPhoto", "a photo as a search sees it, for who cannot show its kind", PICTURE, kind="image/jpeg", body=PHOTO,
              parameters=[query("size", {"type": "integer", "minimum": 16, "maximum": 4096, "default": 1600}, "pixels of the longest side at most")])
    hit = obj("what a hit is of", face_id=or_null(integer("", 1), "id of the best face"), track_id=or_null(integer("", 1), "of the track"),
              source_id=or_null(integer("", 1), "of the source"),
              time_us=or_null(integer(""), "of the best face's frame, exactly"))
    operation("post", "/cases/{case}/search", "search", "who is the person of a photo?",
              define("SearchAnswer", document("search", ids=listed(listed(hit, "per hit"), "per query"))),
              body=PHOTO,
              parameters=[query("face", {"type": "integer", "minimum": 0, "maximum": 10000, "default": 0}, "number in the photo; 0: each"),
                          query("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}, "tracks per face"),
                          query("exact", {"type": "boolean", "default": False}, "compare with every track")])


def describe_references(version):
    name = {"type": "string", "minLength": 1, "maxLength": 400}
    changed = define("EnrolAnswer", document(
        "people-enrol", version=version,
        job=or_null({"$ref": "#/components/schemas/Job"}, "the grouping that has to follow before anybody is called so; null in a case without tracks")))
    operation("get", "/cases/{case}/references", "listReferences", "known people who are enrolled, and who is named by it",
              define("ReferencesAnswer", document("people-references")))
    operation("post", "/cases/{case}/references", "enrol", "a photo of a known person: whoever is like it is named so, to be confirmed, once the case is grouped again: by the job that is told",
              changed, body=PHOTO,
              parameters=[query("name", name, "of the person", required=True),
                          query("face", {"type": "integer", "minimum": 0, "maximum": 10000, "default": 0}, "number in the photo; 0: its only one"),
                          query("photo", {"type": "string", "maxLength": 1000}, "what the photo is called"),
                          query("override", {"type": "boolean", "default": False}, "take faces that say little, and photos that look like two people")],
              role="reviewer")
    operation("delete", "/cases/{case}/references", "unenrol", "removes the photos of a name; names that nobody confirmed go once the case is grouped again, by the job that is told",
              changed, parameters=[query("name", name, "as enrolled", required=True)], role="reviewer")


def describe_jobs():
    verbs = ("identify", "cluster", "export", "formats", "verify", "duplicates", "reembed", "redact", "locate", "forget")
    words = listed(text("a word"), "words of the command line")
    request = define("JobRequest", obj(
        "long work: the verb, and what it is asked to do, in the words of the command line; what is not said is as there. Paths are "
        "absolute and below the roots. identify: sources; cluster: clustering, profile; formats: formats, out; verify: sources; reembed: "
        "embedders; locate: place, source; redact: source, output, all or only or except; forget: what, source, dry_run, confirmed",
        optional=["sources", "exhaustive", "rescan", "licence", "detectors", "embedders", "rotate", "aspect", "clustering", "profile",
                  "source", "place", "output", "all", "only", "except", "method", "strip_metadata", "what", "dry_run", "confirmed", "formats", "out"],
        verb=choice("what to do", *verbs),
        sources={"type": ["array", "string"], "items": {"type": "string"}, "description": "identify: what to look at; verify: the folder of the footage now"},
        exhaustive=flag("every network on everything"), rescan=flag("scan again what was scanned otherwise"),
        licence=text("any or permissive"), detectors=words, embedders=words, rotate=text("0, 90, 180, 270 or auto"),
        aspect=text("W:H or auto"), clustering=text("method"), profile=text("strict, balanced or loose"),
        source={"type": ["string", "boolean"], "description": "redact, locate: the source; forget: true where `what` is a source"},
        place=text("locate: folder where the footage is now, or the file itself"),
        output=text("the redacted copy"), all=flag("hide every face"), only=words, method=text("fill or blur"),
        strip_metadata=flag("no tags"), what=text("person or source"), dry_run=flag("only tell"), confirmed=flag("it is meant"),
        formats=words, out=text("folder"), **{"except": words}))
    progress = obj("how far it is", work=text("what is being done"), share=shared("share"), remaining_s=or_null(number(""), "seconds left"),
                   done=integer("pieces"), total=integer("pieces; 0: not counted"), warnings=listed(text("a sentence"), "so far"),
                   scan=or_null(obj("", sources=integer("all"), done=integer("ended"), failed=integer("of these"),
                                    frames=integer("decoded"), faces=integer("found"), tracks=integer("found"),
                                    video_ms=integer("scanned"), pictures=integer("scanned"), elapsed_s=number("seconds"),
                                    active=listed(obj("a source", source=shared("source"), position_ms=integer("where it is"),
                                                      duration_ms=integer("how long it is"), speed=number("times real time")), "being scanned")),
                                "while it scans"))
    job = define("Job", obj(
        "a piece of long work", optional=["exit", "error", "message", "remedy", "answer"],
        id=integer("of the job, in its case", 1),
        state=choice("how it stands; cut off: the program ended in the middle",
                     "queued", "running", "paused", "done", "failed", "cancelled", "cut off"),
        request=request, queued=text("ISO 8601"), started=text("ISO 8601; empty before"), ended=text("ISO 8601; empty before"),
        exit=shared("exit"), error=text("code of the failure"), message=text("of the failure"), remedy=text("of the failure"),
        answer={"type": ["object", "null"], "description": "as the verb's --json has it, as far as the work came"},
        progress=or_null(progress, "while it runs")))
    operation("get", "/cases/{case}/jobs", "listJobs", "the long work on a case, the last first",
              define("JobList", obj("jobs", jobs=listed(job, "those that are kept"))))
    operation("post", "/cases/{case}/jobs", "startJob", "queues long work", job, status=202, role="reviewer", body=request)
    operation("get", "/cases/{case}/jobs/{job}", "getJob", "one job", job)
    for verb, summary in (("cancel", "ends a job; what is done stays"), ("pause", "stops a job, to go on with it later"),
                          ("resume", "goes on with a job that was paused, cut off, cancelled or failed")):
        operation("post", f"/cases/{{case}}/jobs/{{job}}/{verb}", f"{verb}Job", summary, job, status=202, role="reviewer")


def describe_live():
    seen = json.loads((FOLDER / "live.schema.json").read_text())["$defs"]["seen"]
    fields = {name: take(field, "live.schema.json", FOLDER) for name, field in seen["properties"].items()}
    time = text("UTC", pattern=seen["properties"]["time"]["pattern"])
    shown = define("LiveSeen", obj("a face of a track, and whom it is said to show", **fields, since=text("of its first face, UTC"),
                                   face=or_null(integer("", 1), "number of its picture; null where there is none")))
    stream = define("LiveStreamNow", obj(
        "how a stream does; counts are since the watch began, delays of the last ten seconds", name=text("of the stream"),
        address=text("without what is secret"), state=choice("how it stands", "connected", "lost", "waiting", "ended"),
        message=text("what was last said of it"), width=shared("pixels"), height=shared("pixels"), fps=number("as it says; 0: it does not"),
        codec=text("of the pictures"), frames=integer("decoded"), looked_at=integer("worth a look, that got one"),
        dropped=integer("worth a look, that got none"), segments=integer("recorded"), recorded_bytes=integer("recorded"),
        delay_p50_ms=number("from a frame's arrival to the end of its look, median"), delay_p95_ms=number("the same, 95th percentile"),
        open_tracks=integer("on the screen now")))
    now = define("LiveNow", obj(
        "what a watch sees", recorded=flag("the streams are recorded"), watched=listed(text("a person"), "whom somebody waits for"),
        people=integer("seen so far, on all streams"), remaining_s=or_null(number(""), "until it ends by itself; null: until it is stopped"),
        streams=listed(stream, "in the order given"), present=listed(shown, "who is on a screen now, the last first, at most 60"),
        present_total=integer("tracks that are on a screen now"), faces=listed(shown, "newest faces, the last first, at most 24"),
        rings=listed(shown, "somebody who is waited for was seen, the last first, at most 20"),
        notes=listed(shared("live.schema.json#/$defs/stream"), "what went wrong, the last first, at most 20")))
    watch = define("LiveWatch", obj(
        "a watch of live streams", id=integer("of the watch", 1), begun=time, heard=text("when it last told anything, UTC"),
        now=or_null(now, "null: nothing was heard of it for ten seconds, it was killed or stands still")))
    operation("get", "/cases/{case}/live", "listLive", "the watches of live streams (crossface live) that run on this case now",
              define("LiveWatches", obj("the watches", watches=listed(watch, "the one that began first first"))))
    operation("get", "/cases/{case}/live/{watch}/faces/{face}", "getLiveFace", "a picture of a face that a running watch shows", PICTURE,
              kind="image/jpeg", headers=ETAG, also=NOT_MODIFIED)


def describe_folders():
    operation("get", "/folders", "listFolder", "what lies in a folder below the roots",
              define("Folder", page("a folder", "entries", obj(
                  "what lies there", name=text("of it"), path=text("absolute, or s3://bucket/key"), kind=choice("what it is", "folder", "case", "video", "picture"),
                  bytes=integer("of a file")), path=or_null(text(""), "absolute, or s3://bucket/folder; null: the list of roots"),
                                  parent=or_null(text(""), "the folder above; null at a root"))),
              parameters=[query("path", {"type": "string", "maxLength": 1000}, "absolute, or s3://bucket/folder, below the roots; without it the roots are listed"), CURSOR, LIMIT], role="reviewer")
    operation("get", "/footage", "countFootage", "what would be scanned of these folders and files", define("Footage", obj(
        "what there is", videos=integer("videos"), pictures=integer("pictures"), bytes=integer("of all"),
        video_ms=integer("length of those that were looked into"), looked_into=integer("videos whose length is known"),
        left_out=integer("files that are neither"))),
              parameters=[query("path", {"type": "array", "items": {"type": "string", "maxLength": 1000}, "minItems": 1, "maxItems": 50},
                                "absolute, or s3://bucket/key, below the roots", required=True)], role="reviewer")
    operation("get", "/events", "followEvents",
              "server-sent events: `case` ({case, version}: something changed), `job` ({case, job: Job}), `progress` ({case, job: its id, progress}), `proxy` ({case, source, proxy: Proxy}), `live` ({case, watches: [LiveWatch]}), "
              "`cases` (the list changed), and at the start `hello` ({instance}: another one than before means that the server was started anew)",
              {"type": "string"}, kind="text/event-stream")


def description():
    version, _ = describe_basics()
    describe_cases(), describe_people(), describe_faces(), describe_sources()
    describe_corrections(version), describe_search(), describe_references(version), describe_jobs(), describe_folders(), describe_live()
    return {
        "openapi": "3.1.0",
        "info": {"title": "crossface", "version": "1", "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
                 "description": "Who is the same person across many videos: a case's people, evidence and corrections. Ids are of one case; "
                 "faces, tracks and sources get other ids when a source is scanned again, persons keep theirs. Fields are only added."},
        "servers": [{"url": "/api/v1"}], "security": [{"cookie": []}, {"bearer": []}], "paths": PATHS,
        "components": {"schemas": dict(sorted(SCHEMAS.items())), "securitySchemes": {
            "cookie": {"type": "apiKey", "in": "cookie", "name": "crossface"}, "bearer": {"type": "http", "scheme": "bearer"}}}}


if __name__ == "__main__":
    print(json.dumps(description(), indent=1, ensure_ascii=False))
