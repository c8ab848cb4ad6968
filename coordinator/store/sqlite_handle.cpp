#include "coordinator/store/sqlite_handle.hpp"

#include <cerrno>
#include <limits>
#include <tuple>

#include <sqlite3.h>

#include "core/platform/system_error.hpp"

namespace signet {
namespace sqlite_handle {

ErrorKind kind_of(int code, int system_errno) {
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_TOOBIG: return ErrorKind::Full;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return ErrorKind::Denied;
    case SQLITE_CANTOPEN:
      return system_errno != 0 ? kind_of_errno(system_errno) : ErrorKind::Denied;
    case SQLITE_IOERR: return kind_of_errno(system_errno);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return ErrorKind::Corrupt;
    default: return ErrorKind::Unavailable;
  }
}

const char* remedy_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Full: return "make room there and start again; what was saved is safe";
    case ErrorKind::Denied: return "check owner and mode of the file and of its folder";
    case ErrorKind::Corrupt: return "restore a copy, or move the file away to begin anew";
    default: return "check the device and start again; what was saved is safe";
  }
}

}  // namespace sqlite_handle

SqliteRows::~SqliteRows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);  // They may point to what the caller no longer has.
}

Result<bool> SqliteRows::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return handle_->error(code);
}

std::int64_t SqliteRows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double SqliteRows::real(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL)
    return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(statement_, column);
}

std::string SqliteRows::text(int column) const {
  return to_text(view(column));
}

ByteView SqliteRows::view(int column) const {
  // The pointer first: asking for it may change the size.
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void SqliteHandle::Closer::operator()(sqlite3* database) const {
  sqlite3_close(database);
}
void SqliteHandle::Closer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<SqliteHandle> SqliteHandle::open(const std::string& path) {
  SqliteHandle handle(path);
  sqlite3* database = nullptr;
  // A file name that begins with "file:" is a name, too: no SQLITE_OPEN_URI.
  const int code =
      sqlite3_open_v2(path.c_str(), &database,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, nullptr);
  handle.database_.reset(database);  // SQLite gives one to close even when it fails.
  if (code != SQLITE_OK) return handle.error(code);
  return handle;
}

Status SqliteHandle::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? Status() : Status(error(code));
}

Result<sqlite3_stmt*> SqliteHandle::prepared(std::string_view sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) {
    SIGNET_CHECK(sqlite3_stmt_busy(known->second.get()) == 0, "this statement is still running");
    return known->second.get();
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  statements_[std::string(sql)].reset(statement);
  return statement;
}

std::int64_t SqliteHandle::rows_changed() const {
  return sqlite3_changes(database_.get());
}
bool SqliteHandle::in_transaction() const {
  return sqlite3_get_autocommit(database_.get()) == 0;
}
bool SqliteHandle::read_only() const {
  return sqlite3_db_readonly(database_.get(), "main") == 1;
}

Error SqliteHandle::error(int code) const {
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
    return Error{ErrorKind::Unavailable,
                 path_ +
                     " is in use by another process; stop the other coordinator, or give this "
                     "one files of its own (--state, and --fleet where it has keys)"};
  const int system_errno = database_ != nullptr ? sqlite3_system_errno(database_.get()) : ENOMEM;
  const ErrorKind kind = sqlite_handle::kind_of(code, system_errno);
  const char* words = database_ != nullptr ? sqlite3_errmsg(database_.get()) : "out of memory";
  return Error{kind, path_ + ": " + words + " (SQLite " + std::to_string(code) + "); " +
                         sqlite_handle::remedy_for(kind)};
}

int SqliteHandle::bind(sqlite3_stmt* statement, int index, std::int64_t value) {
  return sqlite3_bind_int64(statement, index, value);
}
int SqliteHandle::bind(sqlite3_stmt* statement, int index, double value) {
  return sqlite3_bind_double(statement, index, value);
}
int SqliteHandle::bind(sqlite3_stmt* statement, int index, std::string_view value) {
  return sqlite3_bind_text64(statement, index, value.data() != nullptr ? value.data() : "",
                             value.size(), SQLITE_STATIC, SQLITE_UTF8);
}
int SqliteHandle::bind(sqlite3_stmt* statement, int index, ByteView value) {
  // A null pointer would bind NULL.
  return sqlite3_bind_blob64(statement, index,
                             value.empty() ? static_cast<const void*>("") : value.data(),
                             value.size(), SQLITE_STATIC);
}

SqliteTransaction::~SqliteTransaction() {
  // SQLite has itself ended the transaction after some errors. A failed rollback leaves the file as
  // a crash would, and the next opening rolls back.
  if (handle_.in_transaction()) std::ignore = handle_.execute("ROLLBACK");
}

Status SqliteTransaction::begin() {
  return handle_.execute("BEGIN IMMEDIATE");
}
Status SqliteTransaction::commit() {
  return handle_.execute("COMMIT");
}

}  // namespace signet
