#!/usr/bin/env bash
# demo.sh VIDEOS CASE [--ray]: runs the main job on VIDEOS, or, when that is empty, on the sample footage there is, and says where to
# look. --ray: on a cluster of a head and three nodes on this machine. Sample footage: ../shared/data/videos, else short clips made of the photos in a package's source archive.
set -euo pipefail
cd "$(dirname "$0")/.."
videos=$1 case_folder=$2
crossface=build/release/crossface

make_clips() { # FOLDER: three clips that show two people, from photos of a face recognition package (MIT licence)
  local work; work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  python3 -m pip download -q --disable-pip-version-check --no-deps --no-binary :all: -d "$work" face_recognition==1.3.0
  tar -xzf "$work"/face_recognition-*.tar.gz -C "$work"
  local photos; photos=$(echo "$work"/face_recognition-*/tests/test_images)
  clip() { # OUT PHOTO...: two seconds of slow zoom per photo, with a cut between
    local out=$1 inputs=() chain='' n=0; shift
    for photo in "$@"; do
      inputs+=(-i "$photos/$photo")
      chain+="[$n:v]scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:(ow-iw)/2:(oh-ih)/2,setsar=1,zoompan=z='1+on/500':d=50:s=854x480:fps=25[v$n];"
      n=$((n + 1))
    done
    for i in $(seq 0 $((n - 1))); do chain+="[v$i]"; done
    ffmpeg -v error -y "${inputs[@]}" -filter_complex "${chain}concat=n=$n:v=1[out]" -map '[out]' -c:v libx264 -pix_fmt yuv420p "$out"
  }
  mkdir -p "$1"
  clip "$1/speech.mp4" obama.jpg biden.jpg
  clip "$1/interview.mp4" obama2.jpg obama_partial_face2.jpg
  clip "$1/archive.mp4" biden.jpg obama3.jpg
}

if [ -z "$videos" ]; then
  if [ -d ../shared/data/videos ]; then
    videos=../shared/data/videos
  else
    videos=demo-videos
    echo 'demo: there is no ../shared beside this folder: making three short clips of photos instead' >&2
    [ -e "$videos/archive.mp4" ] || make_clips "$videos"
  fi
fi
code=0
if [ "${3:-}" = --ray ]; then
  tools/ray_cluster.sh 4 1 "$crossface" identify "$videos" --case "$case_folder" --ray auto || code=$?
else
  "$crossface" identify "$videos" --case "$case_folder" || code=$?
fi
# 3: done, but some sources were damaged; they are listed above and in sources.csv.
[ "$code" = 0 ] || [ "$code" = 3 ] || exit "$code"
cat <<END

Look at:
  $case_folder/report.html       everything on one page; open it in a browser
  $case_folder/people/           one folder per person, with every face
  $case_folder/appearances.csv   who appears when and where
Review it in the browser:    $crossface serve --case $case_folder --open
Run it on your own footage:  VIDEOS=/path/to/folder CASE=/path/to/case make demo
END
