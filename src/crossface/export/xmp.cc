#include <fmt/format.h>

#include <set>

#include "crossface/export/formats.h"

namespace crossface {
namespace {

cv::Rect2d TurnedBack(const cv::Rect2d& upright, int clockwise) {
  switch (clockwise) {
    case 90:
      return {upright.y, 1 - upright.x - upright.width, upright.height, upright.width};
    case 180:
      return {1 - upright.x - upright.width, 1 - upright.y - upright.height, upright.width, upright.height};
    case 270:
      return {1 - upright.y - upright.height, upright.x, upright.height, upright.width};
    default:
      return upright;
  }
}

// A box of the upright picture in the picture as it is stored, both 0 to 1: what was done to the picture,
// undone.
cv::Rect2d Stored(const cv::Rect2d& upright, const SourceInfo& info) {
  cv::Rect2d box = TurnedBack(upright, info.rotation);
  if (info.mirrored) box.x = 1 - box.x - box.width;
  return box;
}

// In pixels, as far as rounding lets it be known.
cv::Size StoredSize(const SourceInfo& info) {
  const bool turned = info.rotation % 180 != 0;
  const cv::Size square(turned ? info.height : info.width, turned ? info.width : info.height);
  const double ratio = info.pixel_aspect.ratio();
  return ratio > 1 ? cv::Size(cvRound(square.width / ratio), square.height)
                   : cv::Size(square.width, cvRound(square.height * ratio));
}

std::string Region(const cv::Rect2d& box, const std::string& name) {
  std::string region = "     <rdf:li rdf:parseType=\"Resource\">\n";
  if (!name.empty()) region += fmt::format("      <mwg-rs:Name>{}</mwg-rs:Name>\n", XmlText(name));
  // Centre and size.
  region += fmt::format(
      "      <mwg-rs:Type>Face</mwg-rs:Type>\n"
      "      <mwg-rs:Area stArea:x=\"{:.6f}\" stArea:y=\"{:.6f}\" stArea:w=\"{:.6f}\" stArea:h=\"{:.6f}\" "
      "stArea:unit=\"normalized\"/>\n     </rdf:li>\n",
      box.x + box.width / 2, box.y + box.height / 2, box.width, box.height);
  return region;
}

}  // namespace

std::string XmpSidecar(const CaseView& view, size_t source) {
  const SourceInfo& info = view.sources[source].info;
  std::string regions, people;
  std::set<std::string> names;
  const cv::Rect2d whole(0, 0, 1, 1);
  for (const size_t i : TracksOf(view, source)) {
    const std::string& name = view.PersonName(i);
    if (!name.empty()) names.insert(name);
    for (const FaceRecord& face : view.tracks[i].faces) {
      const cv::Rect2d box(face.detection.box);
      if (info.width <= 0 || info.height <= 0) continue;
      const cv::Rect2d inside = cv::Rect2d(box.x / info.width, box.y / info.height, box.width / info.width,
                                           box.height / info.height) &
                                whole;
      if (inside.area() > 0) regions += Region(Stored(inside, info), name);
    }
  }
  for (const std::string& name : names) people += fmt::format("     <rdf:li>{}</rdf:li>\n", XmlText(name));
  const cv::Size stored = StoredSize(info);
  std::string xmp =
      "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
      " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
      "  <rdf:Description rdf:about=\"\"\n"
      "    xmlns:mwg-rs=\"http://www.metadataworkinggroup.com/schemas/regions/\"\n"
      "    xmlns:stDim=\"http://ns.adobe.com/xap/1.0/sType/Dimensions#\"\n"
      "    xmlns:stArea=\"http://ns.adobe.com/xmp/sType/Area#\"\n"
      "    xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">\n";
  xmp += fmt::format(
      "   <mwg-rs:Regions rdf:parseType=\"Resource\">\n"
      "    <mwg-rs:AppliedToDimensions stDim:w=\"{}\" stDim:h=\"{}\" stDim:unit=\"pixel\"/>\n"
      "    <mwg-rs:RegionList>\n     <rdf:Bag>\n{}     </rdf:Bag>\n    </mwg-rs:RegionList>\n"
      "   </mwg-rs:Regions>\n",
      stored.width, stored.height, regions);
  if (!people.empty()) {
    xmp += fmt::format(
        "   <Iptc4xmpExt:PersonInImage>\n    <rdf:Bag>\n{}    </rdf:Bag>\n   </Iptc4xmpExt:PersonInImage>\n",
        people);
  }
  return xmp + "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>\n";
}

}  // namespace crossface
