#define _GNU_SOURCE
#include "CBenchSupport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

uint64_t bench_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int fail(int descriptor) {
    int error = errno;
    close(descriptor);
    return -error;
}

static struct sockaddr_in ip(uint32_t address, uint16_t port) {
    struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons(port)};
    result.sin_addr.s_addr = htonl(address);
    return result;
}

int bench_connect(uint32_t address, uint16_t port, uint32_t source) {
    if (address >> 24 != 127) return -EACCES;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    if (source != 0) {
        // Each source address has ports of its own, so that those in TIME_WAIT suffice for a long storm.
        int on = 1;
        setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
        struct sockaddr_in from = ip(source, 0);
        if (bind(descriptor, (struct sockaddr *)&from, sizeof(from)) < 0) return fail(descriptor);
    }
    struct sockaddr_in to = ip(address, port);
    if (connect(descriptor, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) return fail(descriptor);
    return descriptor;
}

long bench_find(const void *bytes, size_t count, const char *text, size_t length) {
    const char *found = memmem(bytes, count, text, length);
    return found ? (long)(found - (const char *)bytes) : -1;
}

int bench_timer(uint64_t interval) {
    int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (descriptor < 0) return -errno;
    struct timespec time = {.tv_sec = (time_t)(interval / 1000000000u), .tv_nsec = (long)(interval % 1000000000u)};
    struct itimerspec setting = {.it_interval = time, .it_value = time};
    if (timerfd_settime(descriptor, 0, &setting, NULL) < 0) return fail(descriptor);
    return descriptor;
}

int bench_pin(uint64_t mask) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int cpu = 0; cpu < 64; cpu++) {
        if (mask >> cpu & 1) CPU_SET(cpu, &set);
    }
    return sched_setaffinity(0, sizeof(set), &set) == 0 ? 0 : -errno;
}

uint64_t bench_affinity(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) < 0) return 0;
    uint64_t mask = 0;
    for (int cpu = 0; cpu < 64; cpu++) {
        if (CPU_ISSET(cpu, &set)) mask |= UINT64_C(1) << cpu;
    }
    return mask;
}

uint64_t bench_cpu_nanoseconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec) * 1000000000u
        + ((uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec) * 1000u;
}

uint64_t bench_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

int bench_read(int descriptor, char *buffer, int capacity, int milliseconds) {
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    int ready;
    do {
        ready = poll(&entry, 1, milliseconds);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) return -1;
    ssize_t count = read(descriptor, buffer, (size_t)capacity);
    return count < 0 ? 0 : (int)count;
}

bool bench_is_terminal(int descriptor) { return isatty(descriptor) == 1; }

int bench_free_port(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    struct sockaddr_in address = ip(INADDR_LOOPBACK, 0);
    socklen_t length = sizeof(address);
    if (bind(descriptor, (struct sockaddr *)&address, length) < 0) return fail(descriptor);
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) < 0) return fail(descriptor);
    close(descriptor);
    return ntohs(address.sin_port);
}
