"""Reads an export with a program that is not ours and prints what it understood as JSON.

usage: readers_for_test.py FORMAT FILE [ARGUMENT]
"""
import json
import pathlib
import sys
from fractions import Fraction


def webvtt(path, _):
    import webvtt as library
    return [{"start": cue.start, "end": cue.end, "voice": cue.voice, "text": cue.text, "id": cue.identifier}
            for cue in library.read(path)]


def frames(time):
    return [time.value, round(time.rate, 4)]


def edl(path, rate):
    import opentimelineio as otio
    timeline = otio.adapters.read_from_file(path, rate=float(Fraction(rate)))
    return {"name": timeline.name,
            "events": [{"name": clip.name, "in": frames(clip.source_range.start_time),
                        "out": frames(clip.source_range.end_time_exclusive()),
                        "record": frames(clip.range_in_parent().start_time),
                        "markers": [marker.name for marker in clip.markers]}
                       for track in timeline.tracks for clip in track]}


def edl_events(path, rate):
    return len(edl(path, rate)["events"])


def otio(path, _):
    import opentimelineio as library
    timeline = library.adapters.read_from_file(path)
    clip = next(iter(timeline.find_clips()))
    return {"name": timeline.name, "url": clip.media_reference.target_url,
            "available": [frames(clip.available_range().start_time), frames(clip.available_range().duration)],
            "markers": [{"name": marker.name, "in": frames(marker.marked_range.start_time),
                         "out": frames(marker.marked_range.end_time_exclusive()),
                         "track": marker.metadata["crossface"]["track"]} for marker in clip.markers]}


def timecodes(rate, drop):
    """The time code of every frame that standard input names, by OpenTimelineIO."""
    import opentimelineio as library
    rate = float(Fraction(rate))
    return [library.opentime.to_timecode(library.opentime.RationalTime(int(frame), rate), rate, drop == "drop")
            for frame in sys.stdin.read().split()]


def annotations(path, kind):
    from datumaro import Dataset
    dataset = Dataset.import_from(path, kind)
    return sorted([[int(item.attributes.get("frame", item.id)), box.attributes.get("track_id"), box.attributes.get("person"), *box.points]
                   for item in dataset for box in item.annotations], key=str)


def graphml(path, _):
    import networkx
    graph = networkx.read_graphml(path)
    return {"nodes": dict(graph.nodes(data=True)), "edges": [[*sorted((a, b)), data] for a, b, data in graph.edges(data=True)]}


def jsonl(path, schema):
    import jsonschema
    rules = json.loads(pathlib.Path(schema).read_text())
    jsonschema.Draft202012Validator.check_schema(rules)
    validator = jsonschema.Draft202012Validator(rules, format_checker=jsonschema.FormatChecker())
    lines = [json.loads(line) for line in pathlib.Path(path).read_text().split("\n")[:-1]]
    return {"lines": lines, "errors": [error.message for line in lines for error in validator.iter_errors(line)]}


def bag(path, _):
    import bagit
    opened = bagit.Bag(path)
    try:
        opened.validate()
        problem = ""
    except bagit.BagError as error:
        problem = str(error)
    return {"problem": problem, "payload": sorted(opened.payload_files()), "info": dict(opened.info)}


print(json.dumps(globals()[sys.argv[1]](sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)))
