// Can this face tell who it is? A covered, pixelated, blurred or upside-down face gives a vector like any
// other, and the vectors of such faces are alike whoever they show: strangers match with certainty. What
// gives them away is that the raw vector is short (the nets saw little of what they know), and that it hardly
// moves when a part is covered that is covered already, or when what is blurred already is blurred.
//
// The signs are measured by the nets of the ensemble; their weights are fitted by bench/identity_evidence on
// altered photos, and judged on kinds of alteration that were left out whole.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "crossface/embed/embedder.h"

namespace crossface {

// The signs of one face. Angles are in radians, between its vector and that of the probed face (embedder.h).
struct IdentitySigns {
  float norm_ms1m = 0, norm_foamliu = 0;  // lengths of the raw vectors; 0 where the net is not there
  float upper = 0, lower = 0, blur = 0;   // by foamliu (the cheaper), by ms1m where that is not there
  float proportion = 0;                   // |log| of eye distance to eye-mouth distance over its usual value
  float detector = 0;                     // the fused detection score, 0..1
};

// Distance of the eyes over that of eyes and mouth, measured at right angles to the latter so that roll
// changes nothing; 0.92 for a face that looks at the camera, less when it turns aside.
float FaceProportion(const Landmarks& landmarks);

// 0..1: the quality (FaceQuality::overall) of pictures that scatter as much between strangers. Nothing where
// neither ArcFace is there to tell.
std::optional<float> IdentityEvidence(const IdentitySigns& signs);

// Measures `face` by those of the embedders that are ArcFaces; `own` are the face's embeddings, one per
// embedder, empty where there is none. Three runs of one net. Nothing where there is no ArcFace. Errors:
// those of Embed.
Result<std::optional<IdentitySigns>> MeasureIdentitySigns(
    const FacePicture& face, float detector, std::span<const std::unique_ptr<Embedder>> embedders,
    std::span<const Embedding> own);

}  // namespace crossface
