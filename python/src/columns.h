// Answers as columns, for data frames: a dict of equally long lists, in the order that a user reads them.
// Names are those of the case folder's CSV files. All of them need the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>
#include <vector>

#include "crossface/app/answers.h"
#include "crossface/app/footage_answers.h"
#include "crossface/app/table_answers.h"

namespace crossface::python {

// Broken characters are replaced.
nanobind::object Text(std::string_view text);

nanobind::dict PeopleColumns(const PeopleAnswer& answer);
nanobind::dict SourcesColumns(const SourcesAnswer& answer);
nanobind::dict AppearancesColumns(const AppearancesAnswer& answer);
nanobind::dict FacesColumns(const std::vector<FaceAnswer>& faces);
nanobind::dict HitsColumns(const SearchAnswer& answer);

}  // namespace crossface::python
