// Structures shared by the shim's own files only.
#ifndef C_EVENT_LOOP_INTERNAL_H
#define C_EVENT_LOOP_INTERNAL_H

#include <uv.h>

#include "CEventLoop.h"

#define EL_RECEIVE_PADDING 64

struct el_loop {
  uv_loop_t uv;
  uv_async_t async;
  uv_prepare_t prepare;
  uv_check_t check;
  uv_idle_t idle;
  uv_timer_t timer;
  void *owner;
  const el_callbacks *callbacks;
  char *receive_storage;
  size_t receive_capacity;
};

struct el_connection {
  uv_tcp_t tcp;
  // Allocated while a write or connect is in flight only.
  void *request;
};

struct el_acceptor {
  uv_poll_t poll;
  int fd;
  void *owner;
};

static inline el_loop *el_loop_of(const uv_handle_t *handle) { return (el_loop *)handle->loop->data; }

#endif
