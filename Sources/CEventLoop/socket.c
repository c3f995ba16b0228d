#define _GNU_SOURCE
#include "CEventLoop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

_Static_assert(sizeof(struct sockaddr_storage) <= EL_ADDRESS_SIZE, "address storage");

static socklen_t address_length(const struct sockaddr *address) {
  switch (address->sa_family) {
    case AF_INET: return sizeof(struct sockaddr_in);
    case AF_INET6: return sizeof(struct sockaddr_in6);
    default: return sizeof(struct sockaddr_un);
  }
}

int el_address_parse(const char *host, int port, void *storage) {
  memset(storage, 0, EL_ADDRESS_SIZE);
  if (port < 0 || port > 65535) return -EINVAL;
  struct sockaddr_in *four = storage;
  if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)port);
    return 0;
  }
  // A link-local address names its interface behind a percent sign (RFC 4007).
  char address[INET6_ADDRSTRLEN];
  size_t length = strcspn(host, "%");
  if (length >= sizeof(address)) return -EINVAL;
  memcpy(address, host, length);
  address[length] = 0;
  struct sockaddr_in6 *six = storage;
  if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    if (host[length] == '%') {
      six->sin6_scope_id = if_nametoindex(host + length + 1);
      if (six->sin6_scope_id == 0) return -EINVAL;
    }
    return 0;
  }
  return -EINVAL;
}

int el_address_unix(const char *path, size_t length, void *storage) {
  struct sockaddr_un *address = storage;
  memset(storage, 0, EL_ADDRESS_SIZE);
  // One byte stays for the terminator, so that the path is always a C string.
  if (length == 0 || length >= sizeof(address->sun_path)) return -ENAMETOOLONG;
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

static int fail(int fd) {
  int error = errno;
  close(fd);
  return -error;
}

int el_set_no_delay(int fd) {
  int on = 1;
  return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 ? 0 : -errno;
}

int el_set_keep_alive(int fd, int idle, int interval, int probes) {
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) < 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle)) < 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval)) < 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes)) < 0) {
    return -errno;
  }
  return 0;
}

// The first of several sockets is bound without SO_REUSEPORT, so that an address another server of the same user
// listens on is refused; it joins the group before it listens.
int el_listen_tcp(const char *host, int port, int backlog, bool no_delay, bool shared, bool first) {
  char storage[EL_ADDRESS_SIZE] __attribute__((aligned(16)));
  int status = el_address_parse(host, port, storage);
  if (status < 0) return status;
  const struct sockaddr *address = (const struct sockaddr *)storage;
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) return fail(fd);
  // Accepted sockets inherit it, which saves a call per connection.
  if (no_delay && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0) return fail(fd);
  if (shared && !first && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0) return fail(fd);
  if (bind(fd, address, address_length(address)) < 0) return fail(fd);
  if (shared && first && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0) return fail(fd);
  if (listen(fd, backlog) < 0) return fail(fd);
  return fd;
}

int el_listen_unix(const char *path, size_t length, int backlog) {
  char storage[EL_ADDRESS_SIZE] __attribute__((aligned(16)));
  int status = el_address_unix(path, length, storage);
  if (status < 0) return status;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (bind(fd, (const struct sockaddr *)storage, sizeof(struct sockaddr_un)) < 0) return fail(fd);
  if (listen(fd, backlog) < 0) return fail(fd);
  return fd;
}

int el_connect_unix(const char *path, size_t length) {
  char storage[EL_ADDRESS_SIZE] __attribute__((aligned(16)));
  int status = el_address_unix(path, length, storage);
  if (status < 0) return status;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (connect(fd, (const struct sockaddr *)storage, sizeof(struct sockaddr_un)) < 0) return fail(fd);
  return fd;
}

bool el_unix_is_alive(const char *path, size_t length) {
  char storage[EL_ADDRESS_SIZE] __attribute__((aligned(16)));
  if (el_address_unix(path, length, storage) < 0) return false;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  // Without a descriptor nothing can be said; the careful answer keeps the file.
  if (fd < 0) return true;
  int result = connect(fd, (const struct sockaddr *)storage, sizeof(struct sockaddr_un));
  // EAGAIN is a listener with a full backlog. Only a refusal says that nobody listens.
  bool alive = result == 0 || errno != ECONNREFUSED;
  close(fd);
  return alive;
}

bool el_path_is_socket(const char *path) {
  struct stat status;
  return lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

int el_path_identity(const char *path, el_file_identity *identity) {
  struct stat status;
  if (lstat(path, &status) < 0) return -errno;
  identity->device = status.st_dev;
  identity->inode = status.st_ino;
  // Not the change time, which chmod alters.
  identity->seconds = status.st_mtim.tv_sec;
  identity->nanoseconds = status.st_mtim.tv_nsec;
  return 0;
}

int el_address_text(int fd, bool peer, int *family, char *text, size_t text_capacity, int *port) {
  struct sockaddr_storage storage;
  socklen_t length = sizeof(storage);
  memset(&storage, 0, sizeof(storage));
  int result = peer ? getpeername(fd, (struct sockaddr *)&storage, &length)
                    : getsockname(fd, (struct sockaddr *)&storage, &length);
  if (result < 0) return -errno;
  *family = storage.ss_family;
  *port = 0;
  if (storage.ss_family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)&storage;
    *port = ntohs(four->sin_port);
    return inet_ntop(AF_INET, &four->sin_addr, text, (socklen_t)text_capacity) ? 0 : -errno;
  }
  if (storage.ss_family == AF_INET6) {
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&storage;
    *port = ntohs(six->sin6_port);
    return inet_ntop(AF_INET6, &six->sin6_addr, text, (socklen_t)text_capacity) ? 0 : -errno;
  }
  if (storage.ss_family == AF_UNIX) {
    const struct sockaddr_un *local = (const struct sockaddr_un *)&storage;
    // An unnamed peer has a length that ends before the path.
    size_t available = length > offsetof(struct sockaddr_un, sun_path)
      ? strnlen(local->sun_path, length - offsetof(struct sockaddr_un, sun_path)) : 0;
    if (available >= text_capacity) return -ENAMETOOLONG;
    memcpy(text, local->sun_path, available);
    text[available] = 0;
    return 0;
  }
  return -EAFNOSUPPORT;
}

int el_peer_network(int fd, uint64_t *network) {
  struct sockaddr_storage storage;
  socklen_t length = sizeof(storage);
  memset(&storage, 0, sizeof(storage));
  if (getpeername(fd, (struct sockaddr *)&storage, &length) < 0) return -errno;
  if (storage.ss_family == AF_INET) {
    *network = ((const struct sockaddr_in *)&storage)->sin_addr.s_addr;
    return 0;
  }
  if (storage.ss_family != AF_INET6) return -EAFNOSUPPORT;
  const struct in6_addr *six = &((const struct sockaddr_in6 *)&storage)->sin6_addr;
  *network = 0;
  if (IN6_IS_ADDR_V4MAPPED(six)) {
    memcpy(network, six->s6_addr + 12, 4);
  } else {
    memcpy(network, six->s6_addr, 8);
  }
  return 0;
}
