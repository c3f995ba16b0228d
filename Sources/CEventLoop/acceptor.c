#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

// An own acceptor in place of uv_listen: libuv 1.44.2 accepts until EAGAIN in one callback and spins inside that
// callback when the process is out of descriptors.

static void on_poll(uv_poll_t *handle, int status, int events) {
  (void)status;
  (void)events;
  el_acceptor *acceptor = (el_acceptor *)handle;
  el_loop_of((uv_handle_t *)handle)->callbacks->acceptable(acceptor->owner);
}

static void on_close(uv_handle_t *handle) {
  el_acceptor *acceptor = (el_acceptor *)handle;
  el_loop_of(handle)->callbacks->acceptor_closed(acceptor->owner);
  free(acceptor);
}

int el_acceptor_open(el_loop *loop, int listening_fd, void *owner, el_acceptor **out) {
  el_acceptor *acceptor = malloc(sizeof(*acceptor));
  if (acceptor == NULL) return -ENOMEM;
  acceptor->fd = listening_fd;
  acceptor->owner = owner;
  int status = uv_poll_init(&loop->uv, &acceptor->poll, listening_fd);
  if (status < 0) {
    // uv_poll_init registers the handle last, so a failed one needs no uv_close.
    free(acceptor);
    return status;
  }
  *out = acceptor;
  return 0;
}

int el_acceptor_resume(el_acceptor *acceptor) { return uv_poll_start(&acceptor->poll, UV_READABLE, on_poll); }

void el_acceptor_pause(el_acceptor *acceptor) { uv_poll_stop(&acceptor->poll); }

void el_acceptor_close(el_acceptor *acceptor) {
  // uv_close stops the watcher at once; the descriptor may be closed right after it.
  uv_close((uv_handle_t *)&acceptor->poll, on_close);
  close(acceptor->fd);
  acceptor->fd = -1;
}

int el_accept(int listening_fd) {
  int fd = accept4(listening_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return fd >= 0 ? fd : -errno;
}

void el_close(int fd) { close(fd); }

int el_open_spare_descriptor(void) {
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd >= 0 ? fd : -errno;
}

int el_reserve_descriptors(int count) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)count) count = (int)limit.rlim_cur;
  int low = el_open_spare_descriptor();
  if (low < 0) return low;
  int high = fcntl(low, F_DUPFD_CLOEXEC, count - 1);
  int status = high >= 0 ? 0 : -errno;
  if (high >= 0) close(high);
  close(low);
  return status;
}
