#include <array>
#include <optional>
#include <set>

#include "agent/doctor/judgements.hpp"
#include "core/data/csv.hpp"

namespace signet {

namespace look_at_data_detail {

using Level = Finding::Level;

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text;
  for (const std::size_t size : shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

Finding describe(const std::string& path, DataFormat format, const Dataset& data) {
  std::string text =
      path + ": " + std::to_string(data.size()) + " samples of " + shape_text(data.sample_shape());
  if (format == DataFormat::Csv) text += " columns";
  const std::set<std::int32_t> classes(data.labels().begin(), data.labels().end());
  if (!classes.empty())
    text += ", " + std::to_string(classes.size()) + " classes from " +
            std::to_string(*classes.begin()) + " to " + std::to_string(*classes.rbegin());
  if (data.targets_count() > 0) text += ", " + std::to_string(data.targets_count()) + " targets";
  return {"data", Level::Ok, text};
}

DataSpec spec_of(DataFormat format, std::size_t classes) {
  DataSpec spec;
  spec.format = format;
  spec.classes = classes;
  return spec;
}

}  // namespace look_at_data_detail

Finding look_at_data(const std::string& path, const ReadFile& read_file) {
  using look_at_data_detail::spec_of;
  constexpr std::size_t kAnyLabel = std::size_t{1} << 30;
  const std::array specs = {spec_of(DataFormat::Idx, kAnyLabel), spec_of(DataFormat::Idx, 0),
                            spec_of(DataFormat::Csv, 0), spec_of(DataFormat::Npy, kAnyLabel),
                            spec_of(DataFormat::Npy, 0)};
  for (const DataSpec& spec : specs) {
    const auto data = load_dataset(spec, path, Part::Train, read_file);
    if (data) return look_at_data_detail::describe(path, spec.format, *data);
    // The job, which the board does not know, may ignore a column of words.
    if (spec.format == DataFormat::Csv && data.error().message.ends_with(kIgnoreIt))
      return {"data", Finding::Level::Warning, data.error().message,
              "nothing, where the job has that column in data.ignore"};
    if (data.error().kind != ErrorKind::Missing)
      return problem_of("data", data.error(), ExitCode::Data);
  }
  return {"data", Finding::Level::Problem,
          path +
              " has no training data: none of train-images-idx3-ubyte, train.csv and "
              "train-features.npy, nor any with .gz",
          "put this board's data there, or set path in [data] of the configuration",
          ExitCode::Data};
}

}  // namespace signet
