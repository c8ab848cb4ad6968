#include "core/data/csv.hpp"

#include <cmath>
#include <numeric>

#include "tests/core/data/data_files.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

using test::check_fails;

DataSpec classes_spec() {
  DataSpec spec;
  spec.format = DataFormat::Csv;
  spec.classes = 3;
  spec.label_column = "class";
  return spec;
}
DataSpec targets_spec(std::vector<std::string> targets) {
  DataSpec spec;
  spec.format = DataFormat::Csv;
  spec.target_columns = std::move(targets);
  return spec;
}

Result<Dataset> parse_text(const DataSpec& spec, std::string_view text) {
  return parse_csv(spec, view_bytes(text), "dir/t.csv");
}

/// The whole table, with raw values; a NaN shows as 0, see summarise() for missing ones.
Batch gather_all(const Result<Dataset>& data) {
  if (!data) FAIL(data.error().message);
  std::vector<std::size_t> indices(data->size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  Batch batch;
  data->gather(indices, {}, batch);
  return batch;
}

}  // namespace

TEST_CASE("parse_csv takes labels by name and all other columns as features", "[core][data][csv]") {
  const Batch batch = gather_all(parse_text(classes_spec(), "x,class,y\n1.5,2,-3e2\n+4, 0 ,.5\n"));
  CHECK(batch.features == std::vector<float>{1.5F, -300, 4, 0.5F});
  CHECK(batch.labels == std::vector<std::int32_t>{2, 0});
  CHECK(batch.targets.empty());
}

TEST_CASE("parse_csv takes targets in the order of the job, not of the file", "[core][data][csv]") {
  const Batch batch = gather_all(parse_text(targets_spec({"t2", "t1"}), "t1,a,t2\n1,5,2\n3,6,4\n"));
  CHECK(batch.features == std::vector<float>{5, 6});
  CHECK(batch.targets == std::vector<float>{2, 1, 4, 3});
  CHECK(batch.labels.empty());
}

TEST_CASE("parse_csv without labels or targets reads features only", "[core][data][csv]") {
  const Batch batch = gather_all(parse_text(DataSpec{}, "a;b\r\n1;2\r\n"));
  CHECK(batch.features == std::vector<float>{1, 2});
  CHECK(gather_all(parse_text(DataSpec{}, "0,1\n5,6\n")).features == std::vector<float>{5, 6});
}

TEST_CASE("parse_csv leaves ignored columns out, whatever they hold", "[core][data][csv]") {
  DataSpec spec = classes_spec();
  spec.ignored_columns = {"name", "", "not there"};
  const Batch batch = gather_all(parse_text(spec, ",name,x,class\n1,\"Doe, J\",7,1\n2,,8,2\n"));
  CHECK(batch.features == std::vector<float>{7, 8});
}

TEST_CASE("parse_csv makes missing features NaN", "[core][data][csv]") {
  const auto data =
      parse_text(DataSpec{}, "a,b\n1,\n2,NA\n3,NaN\n4,nan\n5,null\n6,?\n7,\"\"\n8,9\n");
  REQUIRE(data);
  CHECK(data->size() == 8);
  const DataSummary summary = data->summarise(2);
  CHECK(summary.mean[0] == Approx(4.5));
  CHECK(summary.mean[1] == 9);
  CHECK(summary.variance[1] == 0);
}

TEST_CASE("parse_csv names the line and column of a missing label or target", "[core][data][csv]") {
  check_fails(parse_text(classes_spec(), "x,class\n1,0\n2,NA\n"), ErrorKind::Malformed,
              {"dir/t.csv:3: column 2 ('class')", "label is missing", "'NA'"});
  check_fails(parse_text(targets_spec({"t"}), "t,x\n,1\n"), ErrorKind::Malformed,
              {"dir/t.csv:2: column 1 ('t')", "target is missing"});
}

TEST_CASE("parse_csv names the place, the value and the range of a wrong label",
          "[core][data][csv]") {
  check_fails(parse_text(classes_spec(), "x,class\n1,0\n1,3\n"), ErrorKind::Mismatch,
              {"dir/t.csv:3: column 2 ('class')", "label 1 is 3", "0 to 2"});
  check_fails(parse_text(classes_spec(), "x,class\n1,-1\n"), ErrorKind::Mismatch,
              {"label 0 is -1", "0 to 2"});
}

TEST_CASE("parse_csv says that text labels must be numbered alike everywhere",
          "[core][data][csv]") {
  for (const char* label : {"cat", "1.0", "0x1", "99999999999999999999"})
    check_fails(parse_text(classes_spec(), std::string("x,class\n1,") + label + "\n"),
                ErrorKind::Malformed,
                {"dir/t.csv:2: column 2 ('class')", label, "0 to 2", "on every board"});
}

TEST_CASE("parse_csv names the place of what is no number", "[core][data][csv]") {
  check_fails(parse_text(DataSpec{}, "a,b\n1,2\n3,tall\n"), ErrorKind::Malformed,
              {"dir/t.csv:3: column 2 ('b')", "'tall' is not a number"});
  check_fails(parse_text(DataSpec{}, "a;b\n1,5;2\n"), ErrorKind::Malformed,
              {"dir/t.csv:2: column 1 ('a')", "'1,5'", "a point, not a comma"});
  for (const char* value : {"inf", "-inf", "1e39", "-1e39", "1e999"})
    check_fails(parse_text(DataSpec{}, std::string("a,b\n1,") + value + "\n"), ErrorKind::Malformed,
                {"dir/t.csv:2: column 2 ('b')", value, "not finite"});
  for (const char* value : {"1 2", "1.2.3", "--1", "+-1", "1e", "0x10"})
    check_fails(parse_text(DataSpec{}, std::string("a,b\n1,") + value + "\n"), ErrorKind::Malformed,
                {"column 2 ('b')", value, "not a number"});
  CHECK(gather_all(parse_text(DataSpec{}, "a\n1e-60\n")).features == std::vector<float>{0});
  CHECK(gather_all(parse_text(DataSpec{}, "a\n1e-400\n")).features == std::vector<float>{0});
}

TEST_CASE("parse_csv shows hostile text cut and without control bytes", "[core][data][csv]") {
  const auto data = parse_text(DataSpec{}, "a\n\x1b[2J" + std::string(5000, 'x') + "\n");
  REQUIRE_FALSE(data);
  CHECK(data.error().message.find('\x1b') == std::string::npos);
  CHECK(data.error().message.size() < 300);
}

TEST_CASE("parse_csv names the line whose columns are too few or too many", "[core][data][csv]") {
  check_fails(parse_text(DataSpec{}, "a,b\n1,2\n3\n"), ErrorKind::Malformed,
              {"dir/t.csv:3: 1 columns", "header has 2"});
  check_fails(parse_text(DataSpec{}, "a,b\n1,2,3\n"), ErrorKind::Malformed,
              {"dir/t.csv:2: 3 columns", "header has 2"});
}

TEST_CASE("parse_csv wants a header line that names the job's columns", "[core][data][csv]") {
  check_fails(parse_text(classes_spec(), "x,y,label\n1,2,0\n"), ErrorKind::Mismatch,
              {"dir/t.csv:1: ", "label column 'class'", "'x', 'y', 'label'"});
  check_fails(parse_text(targets_spec({"t"}), "x,y\n1,2\n"), ErrorKind::Mismatch,
              {"dir/t.csv:1: ", "target column 't'", "'x', 'y'"});
  check_fails(parse_text(classes_spec(), "class,x,class\n1,2,0\n"), ErrorKind::Mismatch,
              {"'class' is 2 times"});
  check_fails(parse_text(classes_spec(), "5.1,3.5,0\n4.9,3,1\n"), ErrorKind::Malformed,
              {"dir/t.csv:1: ", "only numbers", "'5.1'", "header line"});
  check_fails(parse_text(DataSpec{}, "a,,c\n1,2,3\n"), ErrorKind::Malformed,
              {"dir/t.csv:1: column 2 has no name"});
  check_fails(parse_text(classes_spec(), "class\n1\n"), ErrorKind::Mismatch,
              {"dir/t.csv:1: no column is left for the features"});
}

TEST_CASE("parse_csv refuses tables without samples", "[core][data][csv]") {
  check_fails(parse_text(classes_spec(), ""), ErrorKind::Malformed, {"dir/t.csv: empty", "header"});
  check_fails(parse_text(classes_spec(), "\xEF\xBB\xBF\r\n"), ErrorKind::Malformed, {"empty"});
  check_fails(parse_text(classes_spec(), "x,class\n"), ErrorKind::Mismatch,
              {"dir/t.csv: 0 samples", "at least one"});
}

TEST_CASE("parse_csv compares the features with the model's input", "[core][data][csv]") {
  DataSpec spec = classes_spec();
  spec.input = {2};
  CHECK(parse_text(spec, "x,y,class\n1,2,0\n"));
  spec.input = {1, 2, 1};
  CHECK(parse_text(spec, "x,y,class\n1,2,0\n"));
  spec.input = {3};
  check_fails(parse_text(spec, "x,y,class\n1,2,0\n"), ErrorKind::Mismatch,
              {"dir/t.csv", "shape 2", "input 3", "'x', 'y'"});
}

TEST_CASE("parse_csv recognises UTF-16", "[core][data][csv]") {
  check_fails(parse_text(DataSpec{}, std::string_view("\xFF\xFE"
                                                      "a\0",
                                                      4)),
              ErrorKind::Malformed, {"dir/t.csv", "UTF-16", "UTF-8"});
}

TEST_CASE("A table of blank lines and a wide header takes no more memory than its bytes",
          "[core][data][csv]") {
  std::string text = "a0";
  for (int i = 1; i < 20000; ++i) text += ",a" + std::to_string(i);
  text += std::string(200000, '\n');  // as records of 20000 features: 16 GB
  check_fails(parse_text(DataSpec{}, text), ErrorKind::Mismatch, {"0 samples"});
}

}  // namespace signet
