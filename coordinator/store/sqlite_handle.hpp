#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

// Inside this room only. SQLite's own types stay in sqlite_handle.cpp.
struct sqlite3;
struct sqlite3_stmt;

namespace signet {

class SqliteHandle;

/// The rows of one running statement; gives the statement back when it goes.
class SqliteRows {
 public:
  SqliteRows(const SqliteHandle& handle, sqlite3_stmt* statement)
      : handle_(&handle), statement_(statement) {}
  ~SqliteRows();
  SqliteRows(SqliteRows&& other) noexcept
      : handle_(other.handle_), statement_(std::exchange(other.statement_, nullptr)) {}
  SqliteRows& operator=(SqliteRows&&) = delete;

  Result<bool> next();  ///< steps to the next row; false after the last

  // Columns of the current row, counted from 0. A NULL is 0, NaN or empty.
  std::int64_t integer(int column) const;
  std::uint64_t unsigned_integer(int column) const {  ///< 64 bits kept as SQLite's signed ones
    return static_cast<std::uint64_t>(integer(column));
  }
  double real(int column) const;
  std::string text(int column) const;
  Bytes bytes(int column) const { return to_bytes(view(column)); }
  ByteView view(int column) const;  ///< valid until next()

 private:
  const SqliteHandle* handle_;
  sqlite3_stmt* statement_;
};

/// One open database file. Statements are prepared once and kept.
class SqliteHandle {
 public:
  /// Creates the file when it is not there. Fails with the kinds of error().
  static Result<SqliteHandle> open(const std::string& path);

  /// Runs statements that give no rows and take no parameters; a pragma's answer is passed over.
  Status execute(const std::string& sql);

  /// Binds the parameters in order (integers, doubles, texts, ByteViews; NaN becomes NULL) and
  /// gives the rows. Views must stay until the rows are gone. `sql` runs once at a time.
  template <typename... Values>
  Result<SqliteRows> query(std::string_view sql, const Values&... values) {
    auto statement = prepared(sql);
    if (!statement) return statement.error();
    int index = 0, failed = 0;
    ((failed = failed != 0 ? failed : bind(*statement, ++index, values)), ...);
    SqliteRows rows(*this, *statement);
    if (failed != 0) return error(failed);
    return rows;
  }

  /// query() for statements that give no rows.
  template <typename... Values>
  Status run(std::string_view sql, const Values&... values) {
    auto rows = query(sql, values...);
    if (!rows) return rows.error();
    const auto stepped = rows->next();
    return stepped ? Status() : Status(stepped.error());
  }

  std::int64_t rows_changed() const;  ///< by the last run()
  bool in_transaction() const;
  bool read_only() const;  ///< opened so because the system allows no more

  /// SQLite's result code as ours, naming the file, SQLite's words and a remedy: Full, Denied,
  /// Unavailable (locked by another process, device, memory) or Corrupt.
  Error error(int code) const;
  const std::string& path() const { return path_; }

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
    void operator()(sqlite3_stmt* statement) const;
  };

  explicit SqliteHandle(std::string path) : path_(std::move(path)) {}
  Result<sqlite3_stmt*> prepared(std::string_view sql);

  static int bind(sqlite3_stmt* statement, int index, std::int64_t value);
  static int bind(sqlite3_stmt* statement, int index, double value);
  static int bind(sqlite3_stmt* statement, int index, std::string_view value);
  static int bind(sqlite3_stmt* statement, int index, ByteView value);
  template <typename Integer>
  requires std::is_integral_v<Integer>
  static int bind(sqlite3_stmt* statement, int index, Integer value) {
    return bind(statement, index, static_cast<std::int64_t>(value));
  }

  std::string path_;
  std::unique_ptr<sqlite3, Closer> database_;  // Goes after its statements.
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Closer>, std::less<>> statements_;
};

/// One transaction; what was done in it is undone unless commit() succeeds.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteHandle& handle) : handle_(handle) {}
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;

  Status begin();
  Status commit();

 private:
  SqliteHandle& handle_;
};

}  // namespace signet
