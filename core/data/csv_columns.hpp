#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/data/csv_reader.hpp"
#include "core/data/source.hpp"

namespace signet {

enum class CsvRole { Feature, Label, Target, Ignored };

struct CsvColumn {
  std::string name;
  CsvRole role = CsvRole::Feature;
  std::size_t slot = 0;  ///< Target: place in spec.target_columns
};

/// What each column of a table is for.
struct CsvColumns {
  std::vector<CsvColumn> roles;    ///< one for each column, in the file's order
  std::size_t features_count = 0;  ///< > 0
  std::string features_text;       ///< names of the first features, for messages
};

/// Gives the columns of a header line their roles.
/// Fails with Malformed (a header that is data, a column without a name) or Mismatch (label or
/// target column not there or there twice, no feature column), naming the columns there are.
Result<CsvColumns> assign_columns(const DataSpec& spec, const CsvRecord& header,
                                  const std::string& file);

}  // namespace signet
