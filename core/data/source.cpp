#include "core/data/source.hpp"

#include <optional>
#include <utility>

#include "core/data/array.hpp"
#include "core/data/csv.hpp"
#include "core/data/gunzip.hpp"
#include "core/data/idx.hpp"
#include "core/data/npy.hpp"

namespace signet {
namespace {

/// A file found and expanded, with the path it was found under.
struct FoundFile {
  std::string path;
  Bytes bytes;
};

Result<FoundFile> expand_file(std::string path, Bytes bytes) {
  if (path.ends_with(".gz")) {
    auto expanded = gunzip(bytes, path);
    if (!expanded) return expanded.error();
    return FoundFile{std::move(path), *std::move(expanded)};
  }
  if (is_gzip(bytes))
    return Error{ErrorKind::Malformed,
                 path + ": compressed with gzip, but not named so; add .gz to its name"};
  return FoundFile{std::move(path), std::move(bytes)};
}

/// Reads `path`, or `path`.gz where that is missing. Of a compressed file that is named, the plain
/// one beside it is another.
Result<FoundFile> find_file(const std::string& path, const ReadFile& read_file) {
  std::vector<std::string> names{path};
  if (!path.ends_with(".gz")) names.push_back(path + ".gz");
  for (const std::string& name : names) {
    auto bytes = read_file(name);
    if (bytes) return expand_file(name, *std::move(bytes));
    if (bytes.error().kind != ErrorKind::Missing) return bytes.error();
  }
  return Error{ErrorKind::Missing,
               "no file " + path + (names.size() > 1 ? " or " + names.back() : "") +
                   "; put the data there, or correct the path of the data in this machine's "
                   "configuration"};
}

std::string join_path(const std::string& folder, const std::string& name) {
  return folder.empty() || folder.ends_with('/') ? folder + name : folder + "/" + name;
}

Error count_mismatch(const FoundFile& samples, std::size_t samples_count, const FoundFile& others,
                     std::size_t others_count, const char* what) {
  return {ErrorKind::Mismatch, others.path + " has " + std::to_string(others_count) + " " + what +
                                   ", " + samples.path + " has " + std::to_string(samples_count) +
                                   " samples; both must be of the same set: copy both again"};
}

/// What every array of features goes through before it becomes a data set.
Result<std::vector<std::size_t>> check_features(const DataSpec& spec, const FoundFile& file,
                                                const FeatureArray& array) {
  auto sample = sample_shape_for(file.path, array.shape, spec.input);
  if (!sample) return sample;
  if (const auto* floats = std::get_if<std::vector<float>>(&array.values)) {
    const std::size_t width = floats->size() / array.shape[0];
    if (auto finite = check_finite(file.path, *floats, width, true); !finite) return finite.error();
  }
  return sample;
}

using LabelParser = Result<std::vector<std::int64_t>> (*)(ByteView, const std::string&);

Result<std::vector<std::int32_t>> load_labels(const DataSpec& spec, const std::string& path,
                                              const FoundFile& samples, std::size_t samples_count,
                                              LabelParser parse, const ReadFile& read_file) {
  const auto file = find_file(path, read_file);
  if (!file) return file.error();
  const auto labels = parse(file->bytes, file->path);
  if (!labels) return labels.error();
  if (labels->size() != samples_count)
    return count_mismatch(samples, samples_count, *file, labels->size(), "labels");
  return labels_within(file->path, *labels, spec.classes);
}

Result<Dataset> load_idx(const DataSpec& spec, const std::string& path, Part part,
                         const ReadFile& read_file) {
  const std::string stem = join_path(path, part == Part::Train ? "train" : "t10k");
  auto file = find_file(stem + "-images-idx3-ubyte", read_file);
  if (!file) return file.error();
  auto array = parse_idx(file->bytes, file->path);
  file->bytes = Bytes();  // small boards: never more copies than needed
  if (!array) return array.error();
  auto sample = check_features(spec, *file, *array);
  if (!sample) return sample.error();
  std::vector<std::int32_t> kept;
  if (spec.classes > 0) {
    auto labels = load_labels(spec, stem + "-labels-idx1-ubyte", *file, array->shape[0],
                              parse_idx_labels, read_file);
    if (!labels) return labels.error();
    kept = *std::move(labels);
  }
  return Dataset(*std::move(sample), std::move(array->values), std::move(kept), {});
}

/// Targets of `samples`. Without named target columns their file may be missing: reconstruction.
Result<std::vector<float>> load_npy_targets(const DataSpec& spec, const std::string& path,
                                            const FoundFile& samples, std::size_t samples_count,
                                            const ReadFile& read_file) {
  const auto file = find_file(path, read_file);
  if (!file) {
    if (file.error().kind == ErrorKind::Missing && spec.target_columns.empty())
      return std::vector<float>();
    return file.error();
  }
  auto targets = parse_npy_targets(file->bytes, file->path);
  if (!targets) return targets.error();
  const std::size_t rows = targets->shape.empty() ? 0 : targets->shape[0];
  if (rows != samples_count)
    return count_mismatch(samples, samples_count, *file, rows, "rows of targets");
  const std::size_t width = targets->values.size() / rows;
  const std::size_t named = spec.target_columns.size();
  if (width == 0 || (named > 0 && width != named))
    return Error{ErrorKind::Mismatch,
                 file->path + ": " + std::to_string(width) + " targets for each sample, the job " +
                     (named > 0 ? "names " + std::to_string(named) : "needs at least 1") +
                     "; correct the file or the job"};
  if (auto finite = check_finite(file->path, targets->values, width, false); !finite)
    return finite.error();
  return std::move(targets->values);
}

Result<Dataset> load_npy(const DataSpec& spec, const std::string& path, Part part,
                         const ReadFile& read_file) {
  const std::string stem = join_path(path, part == Part::Train ? "train" : "test");
  auto file = find_file(stem + "-features.npy", read_file);
  if (!file) return file.error();
  auto array = parse_npy(file->bytes, file->path);
  file->bytes = Bytes();
  if (!array) return array.error();
  auto sample = check_features(spec, *file, *array);
  if (!sample) return sample.error();
  const std::size_t count = array->shape[0];
  if (spec.classes > 0) {
    auto labels =
        load_labels(spec, stem + "-labels.npy", *file, count, parse_npy_labels, read_file);
    if (!labels) return labels.error();
    return Dataset(*std::move(sample), std::move(array->values), *std::move(labels), {});
  }
  auto targets = load_npy_targets(spec, stem + "-targets.npy", *file, count, read_file);
  if (!targets) return targets.error();
  return Dataset(*std::move(sample), std::move(array->values), {}, *std::move(targets));
}

Result<Dataset> load_csv(const DataSpec& spec, const std::string& path, Part part,
                         const ReadFile& read_file) {
  const bool one_file = path.ends_with(".csv") || path.ends_with(".csv.gz");
  if (one_file && part == Part::Test)
    return Error{ErrorKind::Missing,
                 path +
                     ": one file holds the training part only; give the path of a folder with "
                     "train.csv and test.csv"};
  std::string name = path;
  if (!one_file) name = join_path(path, part == Part::Train ? "train.csv" : "test.csv");
  const auto file = find_file(name, read_file);
  if (!file) return file.error();
  return parse_csv(spec, file->bytes, file->path);
}

/// Keys of the job that contradict each other, whatever the files hold.
std::optional<Error> check_spec(const DataSpec& spec) {
  const auto mismatch = [](const char* what) { return Error{ErrorKind::Mismatch, what}; };
  if (spec.classes > 0 && !spec.target_columns.empty())
    return mismatch("the job has both classes and target columns; keep the ones it learns");
  if (spec.format == DataFormat::Idx && !spec.target_columns.empty())
    return mismatch("IDX files hold no targets; use CSV or NPY for regression");
  if (spec.format == DataFormat::Csv && spec.classes > 0 && spec.label_column.empty())
    return mismatch("the job has classes but names no label column; name it");
  if (spec.format == DataFormat::Csv && spec.classes == 0 && !spec.label_column.empty())
    return mismatch("the job names a label column but no classes; give their number");
  return std::nullopt;
}

}  // namespace

Result<Dataset> load_dataset(const DataSpec& spec, const std::string& path, Part part,
                             const ReadFile& read_file) {
  if (auto error = check_spec(spec)) return *std::move(error);
  switch (spec.format) {
    case DataFormat::Idx: return load_idx(spec, path, part, read_file);
    case DataFormat::Csv: return load_csv(spec, path, part, read_file);
    case DataFormat::Npy: return load_npy(spec, path, part, read_file);
  }
  SIGNET_CHECK(false, "a data format that is none of the known ones");
}

}  // namespace signet
