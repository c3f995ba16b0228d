#ifndef CPLACEMENT_H
#define CPLACEMENT_H

#include <stdbool.h>
#include <sys/types.h>

/// Allows a thread the first core only, or all the others. Returns whether it could.
bool placement_allow(pid_t thread, int cores, bool first);

#endif
