// Structures shared by the shim's own files only.
#ifndef C_EVENT_LOOP_INTERNAL_H
#define C_EVENT_LOOP_INTERNAL_H

#include <uv.h>

#include "CEventLoop.h"

#define EL_RECEIVE_PADDING 64
// So many a turn are put off by not reading them: the next turn is told of them again, which costs less than to stop
// watching them, two system calls each. Beyond that a turn would be spent on being told of them.
#define EL_CHEAP_DEFERRALS 64

// What a connection wants to be told of.
#define EL_READ 1u
#define EL_WRITE 2u

typedef struct el_write el_write;

struct el_loop {
  uv_loop_t uv;
  // In place of uv_async_t: in 1.44.2 a loop spins while a thread is inside uv_async_send, and that thread can be preempted
  // there (loops were seen to spin for 7 ms).
  uv_poll_t waker;
  int waker_fd;
  // The connections, watched as one: see poller.c.
  uv_poll_t poller;
  int epoll_fd;
  el_connection *connections;
  uint32_t connection_count;
  // Those that want something else than the kernel was told, in no order. There is room for all.
  uint32_t changed_count, changed_capacity;
  el_connection **changed;
  // Closed, and their owners not told.
  el_connection *closing_first, *closing_last;
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

// 72 bytes, which is what a heap block of 80 has room for.
struct el_connection {
  el_loop *loop;
  void *owner;
  // The owner's: what it is waited for at the end with.
  uint64_t linger;
  // Of all of the loop's.
  el_connection *previous, *next;
  el_connection *next_closing;
  // In flight; or NULL.
  el_write *write;
  // -1 once it is closed.
  int fd;
  // One more than its index among the changed ones; 0 if it is none.
  uint32_t change;
  // EL_READ and EL_WRITE: what it wants, and what the kernel was told.
  uint8_t wanted, registered;
  bool connecting;
  // Its input may wait for a turn with time left.
  bool patient;
};

struct el_acceptor {
  uv_poll_t poll;
  int fd;
  void *owner;
};

int el_poller_open(el_loop *loop);
void el_poller_free(el_loop *loop);
// Makes room for one more connection: 0 or -ENOMEM.
int el_poller_reserve(el_loop *loop);
void el_poller_want(el_connection *connection, unsigned wanted);
// Tells the kernel what has changed; whether a connection's owner was told of a failure.
bool el_poller_apply(el_loop *loop);
// Before the descriptor is closed.
void el_poller_forget(el_connection *connection);

void el_connection_ready(el_connection *connection, uint32_t events);
// Tells the owners of those that were closed, and frees them.
void el_connection_run_closing(el_loop *loop);

static inline el_loop *el_loop_of(const uv_handle_t *handle) { return (el_loop *)handle->loop->data; }

#endif
