// Files laid out as the official ones, for tests of the loaders (official_files_for_test.py). They are made
// with the converter's own Python, which is fetched where it is not there.
#pragma once

#include <filesystem>
#include <string>

#include "crossface/inference/models/model_fetcher.h"
#include "crossface/testing/testing.h"
#include "crossface/util/subprocess.h"

namespace crossface::testing {

// Empty when they are made, else why not. YuNet's is converted as an installation would convert it.
inline std::string MakeOfficialFiles(const std::filesystem::path& folder) {
  const auto python = ConverterPython({});
  if (!python.ok()) return python.status().message();
  const auto script = SourceFolder() / "src/crossface/inference/models/official_files_for_test.py";
  const auto made =
      RunSubprocess({python->string(), script.string(), Models().folder().string(), folder.string()});
  if (!made.ok()) return made.status().message();
  if (made->exit_code != 0) return made->text;
  const Status converted =
      ConvertModel("free_size", folder / "yunet_of_640.onnx", folder / FindModel("yunet_2023mar")->file, {});
  return converted.message();
}

}  // namespace crossface::testing
