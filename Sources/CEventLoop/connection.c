#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// One buffer serves every connection of the loop: libuv calls on_read right after on_alloc.
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  (void)suggested;
  el_loop *loop = el_loop_of(handle);
  if (!((el_connection *)handle)->patient) {
    loop->has_impatient = true;
  } else if (++loop->patient_reads > loop->patient_reads_least &&
             (loop->patient_reads > loop->patient_reads_most ||
              (loop->patience != 0 && el_monotonic_nanoseconds() >= loop->patience))) {
    // What there is stays in the kernel; on_read is told.
    buffer->base = NULL;
    buffer->len = 0;
    return;
  }
  buffer->base = loop->receive_storage + EL_RECEIVE_PADDING;
  buffer->len = loop->receive_capacity;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
  // libuv says 0 for EAGAIN, UV_EOF for the end, and UV_ENOBUFS where on_alloc gave nothing.
  if (count == 0) return;
  el_loop *loop = el_loop_of((uv_handle_t *)stream);
  const el_callbacks *callbacks = loop->callbacks;
  if (count == UV_ENOBUFS) {
    if (++loop->deferrals > EL_CHEAP_DEFERRALS) callbacks->deferred(stream->data);
    return;
  }
  callbacks->readable(stream->data, (uint8_t *)buffer->base, count == UV_EOF ? 0 : count);
}

static void on_close(uv_handle_t *handle) {
  el_loop_of(handle)->callbacks->connection_closed(handle->data);
  free(handle);
}

static void on_failed_close(uv_handle_t *handle) { free(handle); }

static void on_write(uv_write_t *request, int status) {
  el_connection *connection = (el_connection *)request->handle;
  size_t count = connection->in_flight;
  connection->in_flight = 0;
  free(request);
  el_loop_of((uv_handle_t *)connection)->callbacks->written(connection->tcp.data, status, count);
}

static void on_connect(uv_connect_t *request, int status) {
  el_connection *connection = (el_connection *)request->handle;
  free(request);
  el_loop_of((uv_handle_t *)connection)->callbacks->connected(connection->tcp.data, status);
}

int el_connection_open(el_loop *loop, int fd, void *owner, el_connection **out) {
  el_connection *connection = malloc(sizeof(*connection));
  if (connection == NULL) return -ENOMEM;
  connection->linger = 0;
  connection->patient = false;
  connection->in_flight = 0;
  // Without flags this creates no socket and cannot fail.
  uv_tcp_init(&loop->uv, &connection->tcp);
  // uv_tcp_open takes any stream socket; a Unix-domain one needs no uv_pipe_t unless descriptors are passed over it.
  int status = uv_tcp_open(&connection->tcp, fd);
  if (status < 0) {
    connection->tcp.data = NULL;
    uv_close((uv_handle_t *)&connection->tcp, on_failed_close);
    return status;
  }
  connection->tcp.data = owner;
  *out = connection;
  return 0;
}

int el_connection_connect(el_loop *loop, const void *address, void *owner, el_connection **out) {
  const struct sockaddr *target = address;
  int fd = socket(target->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int status = el_connection_open(loop, fd, owner, out);
  if (status < 0) {
    close(fd);
    return status;
  }
  el_connection *connection = *out;
  uv_connect_t *request = malloc(sizeof(*request));
  if (request == NULL) {
    status = -ENOMEM;
  } else {
    status = uv_tcp_connect(request, &connection->tcp, target, on_connect);
    if (status < 0) {
      free(request);
    }
  }
  if (status < 0) {
    connection->tcp.data = NULL;
    uv_close((uv_handle_t *)&connection->tcp, on_failed_close);
    *out = NULL;
  }
  return status;
}

void el_connection_set_patient(el_connection *connection, bool patient) { connection->patient = patient; }

uint64_t el_connection_linger(const el_connection *connection) { return connection->linger; }

void el_connection_set_linger(el_connection *connection, uint64_t timer) { connection->linger = timer; }

bool el_connection_is_patient(const el_connection *connection) { return connection->patient; }

int el_connection_read_start(el_connection *connection) {
  return uv_read_start((uv_stream_t *)&connection->tcp, on_alloc, on_read);
}

void el_connection_read_stop(el_connection *connection) { uv_read_stop((uv_stream_t *)&connection->tcp); }

ssize_t el_connection_try_write(el_connection *connection, const struct iovec *vectors, unsigned count) {
  // uv_buf_t has the layout of iovec on Unix.
  return uv_try_write((uv_stream_t *)&connection->tcp, (const uv_buf_t *)vectors, count);
}

int el_connection_write(el_connection *connection, const struct iovec *vectors, unsigned count) {
  uv_write_t *request = malloc(sizeof(*request));
  if (request == NULL) return -ENOMEM;
  int status =
    uv_write(request, (uv_stream_t *)&connection->tcp, (const uv_buf_t *)vectors, count, on_write);
  if (status < 0) {
    free(request);
    return status;
  }
  for (unsigned i = 0; i < count; i++) connection->in_flight += vectors[i].iov_len;
  return 0;
}

size_t el_connection_in_flight(const el_connection *connection) { return connection->in_flight; }

size_t el_connection_write_queue_size(const el_connection *connection) {
  return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp);
}

size_t el_connection_unacknowledged(const el_connection *connection) {
  int count = 0;
  int fd = el_connection_fd(connection);
  return fd >= 0 && ioctl(fd, TIOCOUTQ, &count) == 0 && count > 0 ? (size_t)count : 0;
}

int el_connection_fd(const el_connection *connection) {
  uv_os_fd_t fd = -1;
  if (uv_fileno((const uv_handle_t *)&connection->tcp, &fd) < 0) return -1;
  return fd;
}

// uv_shutdown would allocate a request and queue behind writes; the caller has none left, so the call is made directly.
int el_connection_shutdown_output(el_connection *connection) {
  return shutdown(el_connection_fd(connection), SHUT_WR) == 0 ? 0 : -errno;
}

void el_connection_close(el_connection *connection, bool reset) {
  if (reset) {
    struct linger linger = {1, 0};
    setsockopt(el_connection_fd(connection), SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
  }
  uv_close((uv_handle_t *)&connection->tcp, on_close);
}

size_t el_connection_size(void) { return sizeof(el_connection); }
