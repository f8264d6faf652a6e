#include "duplicates/made_copies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "crossface/media/read/frame_reader.h"
#include "crossface/util/subprocess.h"

namespace crossface::bench {
namespace {

namespace fs = std::filesystem;

struct Recipe {
  std::string kind, filter;
  int quality = 26;
  double from = 0, share = 1;  // of the length
};

const std::string kLogo =
    "drawbox=x=iw*0.72:y=ih*0.06:w=iw*0.22:h=ih*0.16:color=red:t=fill,"
    "drawbox=x=0:y=ih*0.84:w=iw:h=ih*0.1:color=white:t=fill";

// Odd starts: no sampling time of the copy is one of the original.
const std::vector<Recipe>& Recipes() {
  static const std::vector<Recipe> recipes = {
      {"low", "null", 40},
      {"scale", "scale=trunc(iw*0.4/2)*2:trunc(ih*0.4/2)*2"},
      {"trim", "null", 26, 0.2, 0.6},
      {"crop10", "crop=iw*0.9:ih*0.9"},
      {"crop20", "crop=iw*0.8:ih*0.8"},
      {"letter", "pad=iw:ih*1.35:0:(oh-ih)/2"},
      {"mirror", "hflip"},
      {"fps15", "fps=15"},
      {"logo", kLogo},
      {"hard",
       "crop=iw*0.9:ih*0.9,scale=trunc(iw*0.5/2)*2:trunc(ih*0.5/2)*2,"
       "drawbox=x=iw*0.72:y=ih*0.06:w=iw*0.22:h=ih*0.16:color=red:t=fill,fps=20",
       34, 0.1, 0.9},
  };
  return recipes;
}

// Two of the originals begin later than at zero: ffmpeg would repeat their first picture.
const std::string kEvenSides = "setpts=PTS-STARTPTS,scale=trunc(iw/2)*2:trunc(ih/2)*2";

bool Encode(std::vector<std::string> arguments, int quality, const fs::path& out) {
  arguments.insert(arguments.begin(), {"ffmpeg", "-nostdin", "-v", "error", "-y"});
  arguments.insert(arguments.end(), {"-an", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
                                     "-crf", std::to_string(quality), out.string()});
  const auto run = RunSubprocess(arguments);
  return run.ok() && run->exit_code == 0 && fs::exists(out);
}

double LengthSeconds(const fs::path& path) {
  const auto reader = OpenSource(path);
  return reader.ok() ? static_cast<double>((*reader)->info().duration_ms) / 1000 : 0;
}

// These four were cut out of the same two films.
int FamilyOf(const std::string& stem, std::map<std::string, int>* families) {
  const bool shared = stem == "pf_face_noface" || stem == "pf_noface_face" || stem == "pf_no_face" ||
                      stem == "pf_single_face";
  return families->try_emplace(shared ? "pf" : stem, static_cast<int>(families->size())).first->second;
}

// A video between four seconds of two others, one size, one rate.
bool MakeCompilation(const std::vector<fs::path>& parts, const fs::path& out) {
  std::vector<std::string> arguments;
  std::string filter;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 1) arguments.insert(arguments.end(), {"-t", "4"});
    arguments.insert(arguments.end(), {"-i", parts[i].string()});
    filter += fmt::format(
        "[{0}:v]setpts=PTS-STARTPTS,scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1,"
        "setsar=1,fps=25[v{0}];",
        i);
  }
  filter += "[v0][v1][v2]concat=n=3:v=1:a=0";
  arguments.insert(arguments.end(), {"-filter_complex", filter});
  return Encode(arguments, 28, out);
}

}  // namespace

const std::vector<std::string>& CopyKinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> names;
    for (const Recipe& recipe : Recipes()) names.push_back(recipe.kind);
    names.push_back("inside");
    return names;
  }();
  return kinds;
}

std::vector<MadeFile> MakeCopies(const fs::path& videos, const fs::path& work,
                                 const std::function<void(const std::string&)>& report) {
  fs::create_directories(work);
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(videos)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::map<std::string, int> families;
  std::vector<MadeFile> files;
  for (size_t i = 0; i < paths.size(); ++i)
    files.push_back(
        {paths[i], "original", {FamilyOf(paths[i].stem().string(), &families)}, static_cast<int>(i)});
  const size_t originals = files.size();
  for (size_t i = 0; i < originals; ++i) {
    const double length = files[i].length_s = LengthSeconds(files[i].path);
    const MadeFile original = files[i];
    for (const Recipe& recipe : Recipes()) {
      MadeFile copy = original;
      copy.kind = recipe.kind;
      copy.path = work / (original.path.stem().string() + "__" + recipe.kind + ".mp4");
      std::vector<std::string> arguments = {"-i", original.path.string()};
      if (recipe.from > 0) {
        const double from = length * recipe.from + 0.13;
        copy.offset_s = -from;
        arguments.insert(arguments.end(), {"-ss", fmt::format("{:.3f}", from), "-t",
                                           fmt::format("{:.3f}", length * recipe.share)});
      }
      arguments.insert(arguments.end(), {"-vf", recipe.filter + "," + kEvenSides});
      if (!fs::exists(copy.path) && !Encode(arguments, recipe.quality, copy.path)) report(copy.path.string());
      files.push_back(copy);
    }
    const auto neighbour = [&](size_t step) {
      size_t at = i;
      do at = (at + step) % originals;
      while (files[at].families[0] % 2 != original.families[0] % 2 ||
             files[at].families == original.families);
      return at;
    };
    const size_t before = neighbour(1), after = neighbour(originals - 1);
    MadeFile inside = original;
    inside.kind = "inside";
    inside.path = work / (original.path.stem().string() + "__inside.mp4");
    inside.families = {original.families[0], files[before].families[0], files[after].families[0]};
    inside.offset_s = std::min(4.0, LengthSeconds(files[before].path));
    const std::vector<fs::path> parts = {files[before].path, original.path, files[after].path};
    if (!fs::exists(inside.path) && !MakeCompilation(parts, inside.path)) report(inside.path.string());
    files.push_back(inside);
  }
  return files;
}

}  // namespace crossface::bench
