// What was found out about one embedding model on a user's own photos (calibration/calibrate.h), and where it
// is kept: a file per model in the user's data folder, named by the SHA-256 of the model's weights, so that
// it never meets others. It is added to the calibration that is compiled in. Plain values; the functions are
// thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crossface/embed/checked_rate.h"
#include "crossface/embed/pair_calibration.h"
#include "crossface/util/status.h"

namespace crossface {

using ModelVersion = std::pair<std::string, std::string>;  // manifest name, SHA-256 of the weights

// Two models of which nobody knows how far they say the same count as though they nearly did: together they
// then say hardly more than one, which joins nobody. It is also the most that is believed of any two.
inline constexpr double kUnknownCorrelation = 0.99;

struct FittedCalibration {
  ModelCalibration numbers;
  std::string model_sha256;
  struct Beside {
    ModelVersion model;
    double correlation = 0;  // of both models' cosines of pairs of different people
  };
  std::vector<Beside> beside;
  bool replaces_built_in = false;  // it wins over a compiled-in calibration of that model

  // Where it comes from. All numbers are of what was used.
  std::string made, made_by;  // UTC; the version of crossface
  int64_t people = 0, photos = 0, same_pairs = 0, different_pairs = 0;
  // What fits on half of the people gave on the other half, both halves taken together: of the model alone,
  // and beside all the others of which the faces had vectors.
  std::vector<CheckedRate> alone, together;
  double log_loss = 0;          // alone; mean, both kinds of pairs weighing the same; log 2 says nothing
  double equal_error_rate = 0;  // alone: where as many of one kind are taken wrongly as of the other
};

// CROSSFACE_CALIBRATIONS, else $XDG_DATA_HOME/crossface/calibrations, else
// ~/.local/share/crossface/calibrations.
std::filesystem::path CalibrationFolder();

// Errors: kInvalidArgument for what is no SHA-256.
Result<std::filesystem::path> CalibrationFile(const std::string& model_sha256,
                                              const std::filesystem::path& folder = CalibrationFolder());

// Errors: kCorrupt, naming what is missing or makes no sense.
Result<FittedCalibration> ParseFittedCalibration(std::string_view json);
std::string FittedCalibrationToJson(const FittedCalibration& fitted);

// kNotFound when there is none. Other errors name the file: kCorrupt (damaged, of other weights or of another
// model than its name says), those of reading.
Result<FittedCalibration> ReadFittedCalibration(const ModelVersion& model,
                                                const std::filesystem::path& folder = CalibrationFolder());
// Whole or not at all. Errors: those of CalibrationFile and of WriteFileAtomically.
Status WriteFittedCalibration(const FittedCalibration& fitted,
                              const std::filesystem::path& folder = CalibrationFolder());

// The compiled-in calibration with what the user's folder has of these models. A compiled-in one wins, unless
// the user's says that it replaces it. Errors: those of ReadFittedCalibration but kNotFound.
struct KnownCalibration {
  PairCalibration calibration;
  std::vector<FittedCalibration> fitted;  // those that were taken out of the folder
};
Result<KnownCalibration> CalibrationOf(const std::vector<ModelVersion>& models,
                                       const std::filesystem::path& folder = CalibrationFolder());

// The calibration with one model more, or in place of what it has of that model. `fitted_before`: what of
// `calibration` was fitted, and is therefore known by its weights and not by its name alone.
void AddModel(const FittedCalibration& fitted, const std::vector<FittedCalibration>& fitted_before,
              PairCalibration* calibration);

}  // namespace crossface
