#include "tests/bench/paired.hpp"

int main(int argc, char** argv) {
  return signet::bench::run_benchmarks(argc, argv);
}
