// A program of ARMv6 code alone, without a library: what arm_start.cpp does on a processor that
// runs nothing else of ours. Ends with 0 where the processor is supported.
#include <cstdint>

extern "C" void signet_check_processor(int count, char** arguments, char** environment);

// The kernel starts a program with its arguments on the stack.
asm(".globl _start\n"
    ".type _start, %function\n"
    "_start:\n"
    "  mov r0, sp\n"
    "  bl signet_start\n"
    "  mov r0, #0\n"
    "  mov r7, #248\n"
    "  svc 0\n");

extern "C" void signet_start(char** stack) {
  const auto count = static_cast<int>(reinterpret_cast<std::intptr_t>(stack[0]));
  signet_check_processor(count, stack + 1, stack + 1 + count + 1);
}
