#include "core/platform/keys.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "core/base/check.hpp"
#include "core/platform/files.hpp"
#include "core/platform/system_error.hpp"

namespace signet {
namespace {

constexpr std::size_t kKeyText = 40;  // characters of Z85 for 32 bytes
constexpr std::size_t kKeyFileMax = 4096;
constexpr std::string_view kPublic = "public = ", kSecret = "secret = ";

Error bad_key_file(const std::string& path, ErrorKind kind, const std::string& what) {
  return Error{kind, path + ": " + what};
}

/// The file's mode and owner, before its content is looked at.
Status check_is_private(const std::string& path) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) != 0) return system_error(errno, path, "cannot be looked at");
  if (!S_ISREG(about.st_mode)) return bad_key_file(path, ErrorKind::Denied, "is no file");
  if ((about.st_mode & 077U) != 0)
    return bad_key_file(path, ErrorKind::Denied,
                        "others than its owner may use this secret key; if nobody has, chmod 600 " +
                            path + ", else delete it and join (or start) anew");
  if (::geteuid() != 0 && about.st_uid != ::geteuid())
    return bad_key_file(path, ErrorKind::Denied,
                        "belongs to another user; start as that user, or chown it");
  return {};
}

/// The rest of the line that begins with `key`.
std::string value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) return std::string(line.substr(key.size()));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return "";
}

std::string public_key_of(const std::string& secret) {
  std::array<char, kKeyText + 1> text{};
  return zmq_curve_public(text.data(), secret.c_str()) == 0 ? std::string(text.data()) : "";
}

}  // namespace

void wipe(std::string& secret) {
  secret.resize(secret.capacity());  // within what it has: nothing is moved
  ::explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

KeyPair make_key_pair() {
  std::array<char, kKeyText + 1> public_key{}, secret_key{};
  SIGNET_CHECK(zmq_curve_keypair(public_key.data(), secret_key.data()) == 0,
               "libzmq is built without CURVE; use the system's own");
  KeyPair keys;
  keys.public_key = public_key.data();
  keys.secret_key = secret_key.data();
  ::explicit_bzero(secret_key.data(), secret_key.size());
  return keys;
}

Result<KeyPair> create_key_file(const std::string& path, const std::string& owner) {
  KeyPair keys = make_key_pair();
  std::string text = "# A key pair of Signet. Whoever reads it can speak for its owner.\n";
  text += std::string(kPublic) + keys.public_key + "\n" + std::string(kSecret);
  text.reserve(text.size() + keys.secret_key.size() + 1);  // no copy is left behind
  text += keys.secret_key + "\n";
  const auto created = create_private_file(path, view_bytes(text), owner);
  wipe(text);
  if (!created) return created.error();
  return keys;
}

Result<KeyPair> read_key_file(const std::string& path) {
  if (auto checked = check_is_private(path); !checked) return checked.error();
  auto content = read_file_start(path, kKeyFileMax);
  if (!content) return content.error();
  std::string text = to_text(*content);
  if (!content->empty()) ::explicit_bzero(content->data(), content->size());
  KeyPair keys;
  keys.public_key = value_of(text, kPublic);
  keys.secret_key = value_of(text, kSecret);
  wipe(text);
  if (keys.public_key.size() != kKeyText || keys.secret_key.size() != kKeyText)
    return bad_key_file(path, ErrorKind::Malformed,
                        "is no key file of Signet; restore a copy, or delete it and join (or "
                        "start) anew");
  if (public_key_of(keys.secret_key) != keys.public_key)
    return bad_key_file(path, ErrorKind::Corrupt,
                        "its two keys do not belong together; restore a copy, or delete it and "
                        "join (or start) anew");
  return keys;
}

bool is_private_to_another(const std::string& path) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) != 0) return errno == EACCES;
  return ::geteuid() != 0 && about.st_uid != ::geteuid() && (about.st_mode & 077U) == 0;
}

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count);
  for (std::size_t done = 0; done < count;) {
    const auto n = ::getrandom(bytes.data() + done, count - done, 0);
    SIGNET_CHECK(n > 0 || errno == EINTR, "getrandom(2) works");
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return bytes;
}

NoCoreDumps::NoCoreDumps() {
  ::prctl(PR_SET_DUMPABLE, 0);
}

NoCoreDumps::~NoCoreDumps() {
  ::prctl(PR_SET_DUMPABLE, 1);
}

}  // namespace signet
