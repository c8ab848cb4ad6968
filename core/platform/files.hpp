#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

/// The whole file. Fails with Missing, Denied or Unavailable (the device), naming the path.
Result<Bytes> read_file(const std::string& path);

/// At most the first `bytes_max` bytes. Fails as read_file() does.
Result<Bytes> read_file_start(const std::string& path, std::size_t bytes_max);

/// Replaces the file by `content` so that a crash or power cut at any instant leaves the old
/// content or the new one: a new file in the same folder is written, synchronised and renamed, and
/// then the folder is synchronised. `permissions` as for open(2), less the umask. A symbolic link
/// at `path` is replaced, not followed. Fails with Missing (folder), Denied, Full or Unavailable;
/// the old file is then as it was (but when the folder cannot be synchronised, which the message
/// says, the new one is there and may not last).
Status write_file_atomically(const std::string& path, ByteView content,
                             unsigned permissions = 0644);
/// As write_file_atomically(), readable for everybody whatever the umask: for a service of another
/// user.
Status write_public_file(const std::string& path, ByteView content);

/// Writes `text` to the standard output, all of it. Fails as writing a file does, naming it.
Status write_to_stdout(const std::string& text);

/// Writes a file that is not there yet, readable by its owner alone, so that a crash or power cut
/// leaves all of it or nothing. `owner`: the user who gets it, as this one may do if it is root;
/// "" for ourselves. Fails with Denied when something has that name, or when the system refuses;
/// Missing (folder, user), Full or Unavailable.
Status create_private_file(const std::string& path, ByteView content,
                           const std::string& owner = {});

/// Gives a file another name in the same file system, replacing one that has it. Fails with
/// Missing, Denied or Unavailable, naming both.
Status rename_file(const std::string& from, const std::string& to);

bool exists(const std::string& path);

/// Names of what lies in `folder` and ends with `suffix`, in order. Fails with Missing or Denied.
Result<std::vector<std::string>> names_in(const std::string& folder, std::string_view suffix);

/// May this process write the file `path`, or create it, and create files beside it?
/// Fails with Missing (no such folder) or Denied, each naming path and remedy. Writes nothing.
Status check_writable(const std::string& path);

/// "a/b" for "a/b/c", "." for "c", "/" for "/c".
std::string folder_of(const std::string& path);

/// This machine's name, or "localhost" when it has none.
std::string host_name();

}  // namespace signet
