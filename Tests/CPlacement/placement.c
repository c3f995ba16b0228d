#define _GNU_SOURCE
#include "CPlacement.h"

#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

bool placement_allow(pid_t thread, int cores, bool first) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int core = first ? 0 : 1; core < (first ? 1 : cores); core++) CPU_SET((size_t)core, &set);
  return sched_setaffinity(thread, sizeof(set), &set) == 0;
}

bool placement_usual_slice(pid_t thread) {
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attributes = {.size = sizeof(attributes), .policy = SCHED_OTHER};
  return syscall(SYS_sched_setattr, thread, &attributes, 0) == 0;
}
