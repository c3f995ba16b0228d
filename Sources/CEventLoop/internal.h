// Structures shared by the shim's own files only.
#ifndef C_EVENT_LOOP_INTERNAL_H
#define C_EVENT_LOOP_INTERNAL_H

#include <uv.h>

#include "CEventLoop.h"

#define EL_RECEIVE_PADDING 64
// So many a turn are put off by not reading them: the next turn is told of them again, which costs less than to stop
// watching them, two system calls each. Beyond that libuv would be told of them again and again.
#define EL_CHEAP_DEFERRALS 64

struct el_loop {
  uv_loop_t uv;
  // In place of uv_async_t: in 1.44.2 a loop spins while a thread is inside uv_async_send, and that thread can be preempted
  // there (loops were seen to spin for 7 ms).
  uv_poll_t waker;
  int waker_fd;
  uv_prepare_t prepare;
  uv_check_t check;
  uv_idle_t idle;
  uv_timer_t timer;
  void *owner;
  const el_callbacks *callbacks;
  char *receive_storage;
  size_t receive_capacity;
  // When reads of patient connections have to wait for the next turn (monotonic nanoseconds; 0: not known yet).
  uint64_t patience;
  // Such reads in this turn; those it always has, lest others keep them waiting for ever; and the most it has: what a read
  // brings about costs more later in the turn than at once.
  unsigned patient_reads, patient_reads_least, patient_reads_most;
  // Whether the turn has read from a connection that is not patient.
  bool has_impatient;
  // Reads put off in this turn, and in the one before.
  unsigned deferrals, last_deferrals;
};

struct el_connection {
  uv_tcp_t tcp;
  // The owner's: what it is waited for at the end with.
  uint64_t linger;
  // Bytes of the write in flight.
  size_t in_flight : 63;
  // Its input may wait for a turn with time left. Beside the above: a word more would cost 16 bytes of every connection.
  size_t patient : 1;
};

struct el_acceptor {
  uv_poll_t poll;
  int fd;
  void *owner;
};

static inline el_loop *el_loop_of(const uv_handle_t *handle) { return (el_loop *)handle->loop->data; }

#endif
