#define _GNU_SOURCE
#include "CPlacement.h"

#include <sched.h>

bool placement_allow(pid_t thread, int cores, bool first) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int core = first ? 0 : 1; core < (first ? 1 : cores); core++) CPU_SET((size_t)core, &set);
  return sched_setaffinity(thread, sizeof(set), &set) == 0;
}
