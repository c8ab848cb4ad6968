#pragma once

#include <cstddef>

namespace signet {

bool stdout_is_terminal();
bool stderr_is_terminal();

/// Columns of the terminal behind stdout, else stderr, else of the environment's COLUMNS, else 80.
/// Asked anew at each call: a person may resize the window.
std::size_t terminal_columns();

}  // namespace signet
