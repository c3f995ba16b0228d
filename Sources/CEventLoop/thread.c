#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The shortest that Linux gives.
#define EL_SLICE_NANOSECONDS 100000

struct el_thread {
  pthread_t id;
  void (*body)(void *);
  void *argument;
  char name[16];
  int cpu;
};

static __thread void *current_loop;

void *el_current_loop(void) { return current_loop; }

void el_set_current_loop(void *owner) { current_loop = owner; }

void el_thread_ask_for_slices(pid_t thread, uint64_t nanoseconds) {
#ifdef SYS_sched_setattr
  // What glibc 2.36 does not declare, and the kernel's header declares in conflict with it.
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attributes = {.size = sizeof(attributes), .policy = SCHED_OTHER, .runtime = nanoseconds};
  // Who put the thread into another class knows better.
  if (sched_getscheduler(thread) != SCHED_OTHER) return;
  errno = 0;
  attributes.nice = getpriority(PRIO_PROCESS, (id_t)thread);
  if (errno == 0) syscall(SYS_sched_setattr, thread, &attributes, 0);
#endif
}

static void *thread_main(void *argument) {
  el_thread *thread = argument;
  pthread_setname_np(pthread_self(), thread->name);
  // Where cores are short, Linux lets a thread go on to the end of its slice (1.4 ms and more, seen only at a tick of 4 ms) before
  // one of the same class that woke up; a thread with shorter slices goes first. Its share of a core stays the same.
  el_thread_ask_for_slices(0, EL_SLICE_NANOSECONDS);
  if (thread->cpu >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)thread->cpu, &set);
    // Best effort: a container may forbid it.
    pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
  }
  thread->body(thread->argument);
  return NULL;
}

// Signals for the process go to threads of the application, never to a thread made here, which inherits this. Faults cannot
// be redirected.
static void block_signals(sigset_t *previous) {
  sigset_t blocked;
  sigfillset(&blocked);
  const int kept[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
  for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) sigdelset(&blocked, kept[i]);
  pthread_sigmask(SIG_SETMASK, &blocked, previous);
}

int el_thread_start(el_thread **out, void (*body)(void *), void *argument, const char *name, int cpu) {
  el_thread *thread = calloc(1, sizeof(*thread));
  if (thread == NULL) return -ENOMEM;
  thread->body = body;
  thread->argument = argument;
  thread->cpu = cpu < CPU_SETSIZE ? cpu : -1;
  strncpy(thread->name, name, sizeof(thread->name) - 1);
  // The thread may finish and *out may be read by it before pthread_create returns here.
  *out = thread;
  sigset_t previous;
  block_signals(&previous);
  int status = pthread_create(&thread->id, NULL, thread_main, thread);
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  if (status != 0) {
    *out = NULL;
    free(thread);
    return -status;
  }
  return 0;
}

struct job {
  void (*body)(void *);
  void *argument;
  char name[16];
};

static void *job_main(void *argument) {
  struct job job = *(struct job *)argument;
  free(argument);
  pthread_setname_np(pthread_self(), job.name);
  job.body(job.argument);
  return NULL;
}

int el_thread_run(void (*body)(void *), void *argument, const char *name) {
  struct job *job = calloc(1, sizeof(*job));
  if (job == NULL) return -ENOMEM;
  job->body = body;
  job->argument = argument;
  strncpy(job->name, name, sizeof(job->name) - 1);
  pthread_t id;
  sigset_t previous;
  block_signals(&previous);
  int status = pthread_create(&id, NULL, job_main, job);
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  if (status != 0) {
    free(job);
    return -status;
  }
  pthread_detach(id);
  return 0;
}

void el_thread_join(el_thread *thread) {
  pthread_join(thread->id, NULL);
  free(thread);
}

uint64_t el_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t el_thread_processor_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void el_ignore_sigpipe(void) {
  struct sigaction action;
  // A handler the application installed stays.
  if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
  }
}

int el_processor_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    int count = CPU_COUNT(&set);
    if (count > 0) return count;
  }
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

const char *el_error_name(int error) { return uv_err_name(-error); }
