#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// A write that the kernel did not take at once.
struct el_write {
  size_t total, left;
  unsigned first, count;
  struct iovec vectors[];
};

int el_connection_open(el_loop *loop, int fd, void *owner, el_connection **out) {
  int status = el_poller_reserve(loop);
  if (status < 0) return status;
  el_connection *connection = calloc(1, sizeof(*connection));
  if (connection == NULL) return -ENOMEM;
  connection->loop = loop;
  connection->owner = owner;
  connection->fd = fd;
  connection->next = loop->connections;
  if (connection->next != NULL) connection->next->previous = connection;
  loop->connections = connection;
  loop->connection_count++;
  *out = connection;
  return 0;
}

static void discard(el_connection *connection) {
  el_loop *loop = connection->loop;
  if (connection->previous != NULL) {
    connection->previous->next = connection->next;
  } else {
    loop->connections = connection->next;
  }
  if (connection->next != NULL) connection->next->previous = connection->previous;
  loop->connection_count--;
  free(connection);
}

int el_connection_connect(el_loop *loop, const void *address, void *owner, el_connection **out) {
  const struct sockaddr *target = address;
  socklen_t length = target->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
  int fd = socket(target->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int status = el_connection_open(loop, fd, owner, out);
  if (status < 0) {
    close(fd);
    return status;
  }
  if (connect(fd, target, length) < 0 && errno != EINPROGRESS && errno != EINTR) {
    status = -errno;
    close(fd);
    discard(*out);
    *out = NULL;
    return status;
  }
  (*out)->connecting = true;
  el_poller_want(*out, EL_WRITE);
  return 0;
}

static void connect_ended(el_connection *connection) {
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) error = errno;
  connection->connecting = false;
  el_poller_want(connection, 0);
  connection->loop->callbacks->connected(connection->owner, -error);
}

// MARK: Reading

// One read a turn: a connection with more to read is reported again, behind the others.
static void receive(el_connection *connection) {
  el_loop *loop = connection->loop;
  if (!connection->patient) {
    loop->has_impatient = true;
  } else if (++loop->patient_reads > loop->patient_reads_least &&
             (loop->patient_reads > loop->patient_reads_most ||
              (loop->patience != 0 && el_monotonic_nanoseconds() >= loop->patience))) {
    // What there is stays in the kernel.
    if (++loop->deferrals > EL_CHEAP_DEFERRALS) loop->callbacks->deferred(connection->owner);
    return;
  }
  // One buffer serves every connection of the loop.
  char *bytes = loop->receive_storage + EL_RECEIVE_PADDING;
  ssize_t count;
  do {
    count = recv(connection->fd, bytes, loop->receive_capacity, MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    count = -errno;
  }
  if (count <= 0) el_poller_want(connection, connection->wanted & ~EL_READ);
  loop->callbacks->readable(connection->owner, (uint8_t *)bytes, count);
}

int el_connection_read_start(el_connection *connection) {
  if (connection->fd < 0) return -EBADF;
  el_poller_want(connection, connection->wanted | EL_READ);
  return 0;
}

void el_connection_read_stop(el_connection *connection) {
  if (connection->fd >= 0) el_poller_want(connection, connection->wanted & ~EL_READ);
}

// MARK: Writing

static ssize_t send_vectors(int fd, const struct iovec *vectors, unsigned count) {
  ssize_t sent;
  do {
    if (count == 1) {
      sent = send(fd, vectors->iov_base, vectors->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
      struct msghdr message = {.msg_iov = (struct iovec *)vectors, .msg_iovlen = count < IOV_MAX ? count : IOV_MAX};
      sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return sent;
  return errno == EWOULDBLOCK || errno == ENOBUFS ? -EAGAIN : -errno;
}

ssize_t el_connection_try_write(el_connection *connection, const struct iovec *vectors, unsigned count) {
  if (connection->fd < 0) return -EBADF;
  if (connection->connecting || connection->write != NULL) return -EAGAIN;
  return send_vectors(connection->fd, vectors, count);
}

int el_connection_write(el_connection *connection, const struct iovec *vectors, unsigned count) {
  if (connection->fd < 0) return -EBADF;
  if (connection->write != NULL) return -EALREADY;
  el_write *request = malloc(sizeof(*request) + count * sizeof(*vectors));
  if (request == NULL) return -ENOMEM;
  memcpy(request->vectors, vectors, count * sizeof(*vectors));
  request->first = 0;
  request->count = count;
  request->left = 0;
  for (unsigned i = 0; i < count; i++) request->left += vectors[i].iov_len;
  request->total = request->left;
  connection->write = request;
  el_poller_want(connection, connection->wanted | EL_WRITE);
  return 0;
}

static void write_ended(el_connection *connection, int status) {
  size_t total = connection->write->total;
  free(connection->write);
  connection->write = NULL;
  if (connection->fd >= 0) el_poller_want(connection, connection->wanted & ~EL_WRITE);
  connection->loop->callbacks->written(connection->owner, status, total);
}

static void write_more(el_connection *connection) {
  el_write *request = connection->write;
  if (request == NULL) return;
  ssize_t sent = send_vectors(connection->fd, request->vectors + request->first, request->count - request->first);
  if (sent == -EAGAIN) return;
  if (sent < 0) {
    write_ended(connection, (int)sent);
    return;
  }
  request->left -= sent;
  while (sent > 0 || (request->first < request->count && request->vectors[request->first].iov_len == 0)) {
    struct iovec *vector = &request->vectors[request->first];
    size_t taken = (size_t)sent < vector->iov_len ? (size_t)sent : vector->iov_len;
    vector->iov_base = (char *)vector->iov_base + taken;
    vector->iov_len -= taken;
    sent -= taken;
    if (vector->iov_len == 0) request->first++;
  }
  if (request->left == 0) write_ended(connection, 0);
}

size_t el_connection_in_flight(const el_connection *connection) {
  return connection->write != NULL ? connection->write->total : 0;
}

size_t el_connection_write_queue_size(const el_connection *connection) {
  return connection->write != NULL ? connection->write->left : 0;
}

size_t el_connection_unacknowledged(const el_connection *connection) {
  int count = 0;
  return connection->fd >= 0 && ioctl(connection->fd, TIOCOUTQ, &count) == 0 && count > 0 ? (size_t)count : 0;
}

// MARK: Events

void el_connection_ready(el_connection *connection, uint32_t events) {
  if (connection->fd < 0) return;
  // Reading or writing tells what it is.
  if (events & (EPOLLERR | EPOLLHUP)) events |= EPOLLIN | EPOLLOUT;
  if ((events & EPOLLIN) && (connection->wanted & EL_READ)) receive(connection);
  if (!(events & EPOLLOUT) || connection->fd < 0 || !(connection->wanted & EL_WRITE)) return;
  if (connection->connecting) {
    connect_ended(connection);
  } else {
    write_more(connection);
  }
}

// MARK: The end

int el_connection_shutdown_output(el_connection *connection) {
  return shutdown(connection->fd, SHUT_WR) == 0 ? 0 : -errno;
}

void el_connection_close(el_connection *connection, bool reset) {
  if (connection->fd < 0) return;
  if (reset) {
    struct linger linger = {1, 0};
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
  }
  el_poller_forget(connection);
  close(connection->fd);
  connection->fd = -1;
  el_loop *loop = connection->loop;
  if (loop->closing_last != NULL) {
    loop->closing_last->next_closing = connection;
  } else {
    loop->closing_first = connection;
  }
  loop->closing_last = connection;
}

void el_connection_run_closing(el_loop *loop) {
  // Those that are closed meanwhile have their turn the next time.
  el_connection *connection = loop->closing_first;
  loop->closing_first = loop->closing_last = NULL;
  while (connection != NULL) {
    el_connection *next = connection->next_closing;
    if (connection->write != NULL) write_ended(connection, -ECANCELED);
    loop->callbacks->connection_closed(connection->owner);
    discard(connection);
    connection = next;
  }
}

// MARK: What is kept for the owner

int el_connection_fd(const el_connection *connection) { return connection->fd; }

uint64_t el_connection_linger(const el_connection *connection) { return connection->linger; }

void el_connection_set_linger(el_connection *connection, uint64_t timer) { connection->linger = timer; }

bool el_connection_is_patient(const el_connection *connection) { return connection->patient; }

void el_connection_set_patient(el_connection *connection, bool patient) { connection->patient = patient; }

size_t el_connection_size(void) { return sizeof(el_connection); }
