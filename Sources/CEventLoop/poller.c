#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

// Connections are watched by an epoll instance of the loop's own, which libuv watches as one descriptor, as its documentation
// has it for embedding a loop in another. uv_tcp_t costs a connection an ioctl, twice the instructions for each read and
// 208 bytes more. What a connection wants is told to the kernel before the loop waits, so that stopping and starting within a turn
// costs no system call.

#define EL_EVENTS 1024

static void on_poller(uv_poll_t *handle, int status, int events) {
  (void)status;
  (void)events;
  el_loop *loop = handle->data;
  struct epoll_event ready[EL_EVENTS];
  // Those beyond are reported in the next turn: the kernel puts the ones reported now behind them.
  int count = epoll_wait(loop->epoll_fd, ready, EL_EVENTS, 0);
  // One that is closed meanwhile keeps its memory until el_connection_run_closing().
  for (int i = 0; i < count; i++) el_connection_ready(ready[i].data.ptr, ready[i].events);
}

int el_poller_open(el_loop *loop) {
  loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (loop->epoll_fd < 0) return -errno;
  int status = uv_poll_init(&loop->uv, &loop->poller, loop->epoll_fd);
  if (status < 0) {
    close(loop->epoll_fd);
    return status;
  }
  loop->poller.data = loop;
  uv_poll_start(&loop->poller, UV_READABLE, on_poller);
  return 0;
}

void el_poller_free(el_loop *loop) {
  close(loop->epoll_fd);
  free(loop->changed);
  loop->changed = NULL;
}

int el_poller_reserve(el_loop *loop) {
  if (loop->connection_count < loop->changed_capacity) return 0;
  uint32_t capacity = loop->changed_capacity == 0 ? 64 : loop->changed_capacity * 2;
  el_connection **changed = realloc(loop->changed, capacity * sizeof(*changed));
  if (changed == NULL) return -ENOMEM;
  loop->changed = changed;
  loop->changed_capacity = capacity;
  return 0;
}

void el_poller_want(el_connection *connection, unsigned wanted) {
  connection->wanted = (uint8_t)wanted;
  if (connection->change != 0 || wanted == connection->registered) return;
  el_loop *loop = connection->loop;
  loop->changed[loop->changed_count++] = connection;
  connection->change = loop->changed_count;
}

static int apply(el_connection *connection) {
  unsigned wanted = connection->wanted;
  if (wanted == connection->registered) return 0;
  int operation = connection->registered == 0 ? EPOLL_CTL_ADD : wanted == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  struct epoll_event event = {
    .events = (wanted & EL_READ ? EPOLLIN : 0) | (wanted & EL_WRITE ? EPOLLOUT : 0),
    .data.ptr = connection,
  };
  if (epoll_ctl(connection->loop->epoll_fd, operation, connection->fd, &event) < 0) return -errno;
  connection->registered = (uint8_t)wanted;
  return 0;
}

bool el_poller_apply(el_loop *loop) {
  bool has_failed = false;
  while (loop->changed_count > 0) {
    el_connection *connection = loop->changed[--loop->changed_count];
    connection->change = 0;
    int status = apply(connection);
    if (status == 0) continue;
    // The system's limit of watches, or its memory: the connection cannot go on.
    has_failed = true;
    loop->callbacks->readable(connection->owner, NULL, status);
  }
  return has_failed;
}

void el_poller_forget(el_connection *connection) {
  el_loop *loop = connection->loop;
  if (connection->change != 0) {
    el_connection *last = loop->changed[--loop->changed_count];
    loop->changed[connection->change - 1] = last;
    last->change = connection->change;
    connection->change = 0;
  }
  connection->wanted = 0;
  if (connection->registered == 0) return;
  connection->registered = 0;
  // Closing the descriptor would do it too, unless another process has it for a moment, being forked.
  struct epoll_event event = {0};
  epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, connection->fd, &event);
}
