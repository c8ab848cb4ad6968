#include "core/data/csv_reader.hpp"

#include "tests/core/data/data_files.hpp"
#include "tests/support/catch.hpp"

namespace signet {
namespace {

using test::check_fails;

std::vector<CsvRecord> read_records(std::string_view text) {
  CsvReader reader(text, "t.csv");
  std::vector<CsvRecord> records;
  CsvRecord record;
  while (true) {
    const auto more = reader.next(record);
    if (!more) FAIL(more.error().message);
    if (!*more) return records;
    records.push_back(record);
  }
}

/// All fields, as "a|b" a record.
std::vector<std::string> read_joined(std::string_view text) {
  std::vector<std::string> joined;
  for (const CsvRecord& record : read_records(text)) {
    std::string line;
    for (std::size_t i = 0; i < record.fields.size(); ++i)
      line += (i == 0 ? "" : "|") + record.fields[i];
    joined.push_back(line);
  }
  return joined;
}

Result<bool> read_all(std::string_view text) {
  CsvReader reader(text, "t.csv");
  CsvRecord record;
  while (true) {
    auto more = reader.next(record);
    if (!more || !*more) return more;
  }
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("CsvReader splits lines of any ending, also without one at the end",
          "[core][data][csv]") {
  CHECK(read_joined("a,b\n1,2\n") == Lines{"a|b", "1|2"});
  CHECK(read_joined("a,b\r\n1,2\r\n") == Lines{"a|b", "1|2"});
  CHECK(read_joined("a,b\r1,2") == Lines{"a|b", "1|2"});
  CHECK(read_joined("a,\n,\n") == Lines{"a|", "|"});
  CHECK(read_joined("").empty());
  CHECK(read_joined("\r\n\n").empty());
}

TEST_CASE("CsvReader follows the quoting of RFC 4180", "[core][data][csv]") {
  CHECK(read_joined("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n") == Lines{"a|b", "1,5|say \"hi\""});
  CHECK(read_joined("\"a\nb\",c\n\"\",\" x \"") == Lines{"a\nb|c", "| x "});
}

TEST_CASE("CsvReader drops space around fields without quotes", "[core][data][csv]") {
  CHECK(read_joined("a , b\n 1\t,  \n") == Lines{"a|b", "1|"});
}

TEST_CASE("CsvReader finds the separator in the first line with text", "[core][data][csv]") {
  CHECK(read_joined("a;b;c,d\n1,5;2;3\n") == Lines{"a|b|c,d", "1,5|2|3"});
  CHECK(read_joined("a\tb\n1\t2\n") == Lines{"a|b", "1|2"});
  CHECK(read_joined("\n\na;b\n1;2\n") == Lines{"a|b", "1|2"});
  CHECK(read_joined("\"a;b;c\",d\n1,2\n") == Lines{"a;b;c|d", "1|2"});
  CHECK(read_joined("alone\n1\n") == Lines{"alone", "1"});
}

TEST_CASE("CsvReader skips a byte order mark and blank lines", "[core][data][csv]") {
  CHECK(read_joined("\xEF\xBB\xBF\"a\",b\n\n1,2\n\n\n") == Lines{"a|b", "1|2"});
}

TEST_CASE("CsvReader counts lines as an editor shows them", "[core][data][csv]") {
  const auto records = read_records("a,b\r\n\r\n\"x\r\ny\",1\r\n2,3\n\"p\nq\rr\",4\n5,6");
  REQUIRE(records.size() == 5);
  CHECK(records[0].line == 1);
  CHECK(records[1].line == 3);
  CHECK(records[2].line == 5);
  CHECK(records[3].line == 6);
  CHECK(records[4].line == 9);
}

TEST_CASE("CsvReader names the line of a quote that is out of place", "[core][data][csv]") {
  check_fails(read_all("a,b\n1,\"2\n3,4\n"), ErrorKind::Malformed, {"t.csv:2: ", "never closed"});
  check_fails(read_all("a,b\n1,x\"y\"\n"), ErrorKind::Malformed, {"t.csv:2: ", "quote inside"});
  check_fails(read_all("a,b\n1,\"x\"y\n"), ErrorKind::Malformed,
              {"t.csv:2: ", "'y' after a closing quote"});
}

}  // namespace signet
