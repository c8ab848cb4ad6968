#include "core/config/document.hpp"

#include "tests/support/catch.hpp"

namespace signet::config {

TEST_CASE("parse_document keeps the order and the lines of the file", "[core][config]") {
  const auto document = parse_document(
      "b = 1\n"
      "a = [\n"
      "  \"x\",\n"
      "  2.5,\n"
      "]\n"
      "[t]\n"
      "u.v = true\n"
      "[[list]]\n"
      "when = 1979-05-27\n"
      "[[list]]\n",
      "test.toml");
  REQUIRE(document);
  REQUIRE(document->size() == 4);
  const auto& first = document->at(0);
  CHECK(first.key == "b");
  CHECK(first.line == 1);
  CHECK(std::get<std::int64_t>(first.value.data) == 1);
  const auto& list = std::get<List>(document->at(1).value.data);
  REQUIRE(list.size() == 2);
  CHECK(list[0].line == 3);
  CHECK(list[1].line == 4);
  CHECK(std::get<double>(list[1].data) == 2.5);
  const auto& nested = std::get<Table>(document->at(2).value.data);
  CHECK(nested.at(0).key == "u");
  CHECK(nested.at(0).line == 7);
  const auto& tables = std::get<List>(document->at(3).value.data);
  REQUIRE(tables.size() == 2);
  CHECK(tables[0].line == 8);
  CHECK(tables[1].line == 10);
  CHECK(std::holds_alternative<DateTime>(std::get<Table>(tables[0].data).at(0).value.data));
}

TEST_CASE("a syntax error names file, line and column", "[core][config]") {
  const auto document = parse_document("a = 1\nb = = 2\n", "jobs/x.toml");
  REQUIRE_FALSE(document);
  CHECK(document.error().kind == ErrorKind::Malformed);
  CHECK(document.error().message.rfind("jobs/x.toml:2:5: TOML syntax: ", 0) == 0);
  CHECK(document.error().message.find('\n') == std::string::npos);
}

TEST_CASE("a key that stands twice is a syntax error", "[core][config]") {
  const auto document = parse_document("a = 1\na = 2\n", "x.toml");
  REQUIRE_FALSE(document);
  CHECK(document.error().message.rfind("x.toml:2:", 0) == 0);
}

TEST_CASE("bytes that are no UTF-8 and endless nesting are errors, not crashes", "[core][config]") {
  CHECK_FALSE(parse_document("a = \"\xff\xfe\"\n", "x.toml"));
  CHECK_FALSE(parse_document("a = " + std::string(100000, '['), "x.toml"));
  CHECK_FALSE(parse_document(std::string("a = \0", 5), "x.toml"));
}

TEST_CASE("Windows line ends and a byte order mark change nothing", "[core][config]") {
  const auto document = parse_document(
      "\xef\xbb\xbf"
      "a = 1\r\nb = 2\r\n",
      "x.toml");
  REQUIRE(document);
  REQUIRE(document->size() == 2);
  CHECK(document->at(1).line == 2);
}

TEST_CASE("kind_name has a name with its article for every kind", "[core][config]") {
  CHECK(kind_name(Value{true}) == "a boolean");
  CHECK(kind_name(Value{std::int64_t{1}}) == "an integer");
  CHECK(kind_name(Value{1.5}) == "a float");
  CHECK(kind_name(Value{std::string()}) == "a string");
  CHECK(kind_name(Value{DateTime{}}) == "a date or time");
  CHECK(kind_name(Value{List{}}) == "a list");
  CHECK(kind_name(Value{Table{}}) == "a table");
}

}  // namespace signet::config
