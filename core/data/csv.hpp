#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/data/source.hpp"

namespace signet {

/// How the error of a value that is no number ends: a job may leave its column out.
inline constexpr std::string_view kIgnoreIt = "ignore the column in the job";

/// Reads a table with a header line (see CsvReader) into a data set of floats.
///
/// Columns: spec.label_column gives the labels (whole numbers), spec.target_columns the targets in
/// that order, spec.ignored_columns are left out where they occur, all others are the features in
/// the file's order. An empty feature, or one that reads NA, NaN, null or ? in any case, is missing
/// and becomes NaN. Numbers have a decimal point whatever the machine's language.
///
/// Fails with Malformed (not a table, a record of another length, no number: file, line and column)
/// or Mismatch (a column that is not there, no features or samples, a label outside the classes, a
/// shape that does not fit spec.input). `file` only names the table in errors.
Result<Dataset> parse_csv(const DataSpec& spec, ByteView bytes, const std::string& file);

}  // namespace signet
