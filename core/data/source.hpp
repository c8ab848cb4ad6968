#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/data/dataset.hpp"

namespace signet {

enum class DataFormat { Idx, Csv, Npy };
enum class Part { Train, Test };

/// What the job says about everybody's data; where it lies is each board's own affair.
struct DataSpec {
  DataFormat format = DataFormat::Idx;
  std::size_t classes = 0;   ///< labels are 0 to classes - 1; 0: regression or reconstruction
  std::string label_column;  ///< CSV: name of the label column
  /// Regression: names of the target columns. NPY, which has no names: as many as targets a sample.
  std::vector<std::string> target_columns;
  std::vector<std::string> ignored_columns;  ///< CSV: neither features nor labels, where they occur
  /// Shape of one sample as the model wants it, e.g. {1, 28, 28}; empty: whatever the files have.
  std::vector<std::size_t> input;
};

/// Reads one whole file. Injected, because this room does no I/O; platform/ supplies the real one.
/// Fails with Missing or Denied, naming the path. ".gz" files arrive as they are (compressed).
using ReadFile = std::function<Result<Bytes>(const std::string& path)>;

/// Loads one part of a data set.
///
/// IDX: `path` is a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte,
///      t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each plain or with ".gz". Bytes or 32-bit
///      floats of any rank. Without classes (reconstruction) the labels are not read.
/// CSV: `path` is a folder with train.csv and test.csv (plain or .gz), or one .csv file for Train.
/// NPY: `path` is a folder with train-features.npy, train-labels.npy or train-targets.npy, and
///      the same of test-*, each plain or with ".gz". Without classes and target columns, targets
///      are loaded where their file is there; callers compare Dataset::targets_count() with what
///      the loss needs.
///
/// The features of a sample fit spec.input when they are equally many and, without dimensions of 1,
/// the shapes are equal or one of them is flat: {1, 28, 28} takes 28x28, 784 and 1x28x28.
///
/// Fails with Missing (naming every path tried), Malformed (truncated or not of the format; file,
/// byte or line and column), or Mismatch (sample shape against spec.input, labels outside the
/// classes, as many labels as samples; all named with both values), each saying what to do.
Result<Dataset> load_dataset(const DataSpec& spec, const std::string& path, Part part,
                             const ReadFile& read_file);

}  // namespace signet
