#pragma once

#include <vector>

#include "tests/tidy/source_file.hpp"

namespace signet::tidy {

/// The rules of the house, as far as a machine can read them (docs/architecture.md says why).
/// Each takes one file and returns what it objects to; a file it does not concern passes.

/// Includes point along the arrows between rooms only, and are written from the repository root.
Findings check_arrows(const SourceFile& file);

/// A library is seen by the one room that wraps it; intrinsics by core/kernels alone.
Findings check_libraries(const SourceFile& file);

/// The pure rooms read no clock and touch no socket, file or thread.
Findings check_purity(const SourceFile& file);

/// The time of day is read where a person asks for it, and nowhere else: boards have wrong clocks.
Findings check_time_of_day(const SourceFile& file);

/// A header opens with #pragma once.
Findings check_pragma_once(const SourceFile& file);

/// No path of one developer's machine.
Findings check_machine_paths(const SourceFile& file);

/// A test's name is a sentence: three words at least.
Findings check_test_names(const SourceFile& file);

/// Every .cpp under tests/ is named in a CMakeLists.txt of its folder or of one above it; in a
/// comment does not count. `tree` is all files.
Findings check_tests_are_built(const std::vector<SourceFile>& tree);

/// Every rule over every file.
Findings check_tree(const std::vector<SourceFile>& tree);

}  // namespace signet::tidy
