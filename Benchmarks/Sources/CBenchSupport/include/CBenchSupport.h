// System calls that Swift cannot make directly: sockets bound to a loopback address, timers as descriptors, processors,
// and servers as child processes.
#ifndef C_BENCH_SUPPORT_H
#define C_BENCH_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Nanoseconds of the monotonic clock.
uint64_t bench_now(void);

// A non-blocking TCP socket that is being connected to address:port (host order); bound to source first unless that is 0.
// The descriptor or a negated errno. Only 127.0.0.0/8 is accepted.
int bench_connect(uint32_t address, uint16_t port, uint32_t source);

// Where the text first occurs, or -1.
long bench_find(const void *bytes, size_t count, const char *text, size_t length);

// A timer descriptor that becomes readable every interval_nanoseconds. The descriptor or a negated errno.
int bench_timer(uint64_t interval_nanoseconds);

// Limits the calling thread, and those it starts later, to the processors in mask (bit 0 is processor 0).
int bench_pin(uint64_t mask);
// The processors the calling thread may use.
uint64_t bench_affinity(void);

// User and system time of this process, nanoseconds.
uint64_t bench_cpu_nanoseconds(void);
// Allows as many descriptors as the hard limit does, and returns how many.
uint64_t bench_raise_descriptor_limit(void);

// Starts a program with its output in a pipe. Environment: the caller's, and then the given entries. 0 or a negated errno.
int bench_spawn(
    char *const arguments[], char *const environment[], const char *directory, uint64_t processors, pid_t *pid, int *output);
// Asks the process to end, waits up to milliseconds, then kills it. Returns the wait status, or -1.
int bench_stop(pid_t pid, int milliseconds);
// Waits up to milliseconds for a process to end by itself, then kills it. Returns the wait status, or -1.
int bench_wait(pid_t pid, int milliseconds);
// Whether the process has ended by itself.
bool bench_has_ended(pid_t pid);
// When this program ends or is interrupted: ends the programs it started, and removes the paths it was told of.
void bench_tidy_up_at_exit(void);
// A file, or an empty directory if it was told before its files, to be removed at the end. At most 64 of 127 bytes.
void bench_remove_at_exit(const char *path);
// Reads a program's output to its end, on a thread of its own, and closes it: a program that says much must not wait.
void bench_drain(int output);

// Waits up to milliseconds for bytes. Bytes read, 0 at the end, -1 when none came in time.
int bench_read(int descriptor, char *buffer, int capacity, int milliseconds);
bool bench_is_terminal(int descriptor);
int bench_free_port(void);

#endif
