// The bridge between libuv and Swift. Swift never sees a libuv structure: it holds the opaque pointers below and gets
// its callbacks through one table. Each owner pointer is an unretained reference that Swift keeps alive until the
// matching `*_closed` callback.
#ifndef C_EVENT_LOOP_H
#define C_EVENT_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef struct el_loop el_loop;
typedef struct el_connection el_connection;
typedef struct el_acceptor el_acceptor;

typedef struct el_callbacks {
  // Last thing before the loop may block in epoll_wait.
  void (*before_poll)(void *loop_owner);
  // First thing after all I/O callbacks of the turn.
  void (*after_poll)(void *loop_owner);
  // el_loop_wake() was called from some thread.
  void (*woken)(void *loop_owner);
  // The time set with el_loop_arm_timer() has come.
  void (*timer)(void *loop_owner);
  // count > 0: bytes; 0: end of stream; < 0: negated errno.
  void (*readable)(void *connection_owner, uint8_t *bytes, ssize_t count);
  // There is input, but the turn has no time left for a patient connection.
  void (*deferred)(void *connection_owner);
  // The write of `count` bytes begun by el_connection_write() ended: 0 or negated errno.
  void (*written)(void *connection_owner, int status, size_t count);
  // A connect begun by el_connection_connect() ended: 0 or negated errno.
  void (*connected)(void *connection_owner, int status);
  // Last callback of a connection; its memory is freed on return.
  void (*connection_closed)(void *connection_owner);
  void (*acceptable)(void *acceptor_owner);
  // Last callback of an acceptor; its memory is freed on return.
  void (*acceptor_closed)(void *acceptor_owner);
} el_callbacks;

// Loop. All functions return 0 (or a count) or a negated errno.
int el_loop_create(el_loop **out, const el_callbacks *callbacks, size_t receive_buffer_size);
void el_loop_set_owner(el_loop *loop, void *owner);
// One turn, blocking.
void el_loop_run_once(el_loop *loop);
// Runs until el_loop_close_own_handles() was called and every other handle is closed.
void el_loop_run(el_loop *loop);
void el_loop_close_own_handles(el_loop *loop);
// Closes a loop whose run has ended: 0, or -EBUSY if a handle is still open. The structure stays readable.
int el_loop_finish(el_loop *loop);
void el_loop_free(el_loop *loop);
// Any thread.
void el_loop_wake(el_loop *loop);
uint64_t el_loop_now(el_loop *loop);
void el_loop_update_now(el_loop *loop);
void el_loop_arm_timer(el_loop *loop, uint64_t after_milliseconds);
void el_loop_disarm_timer(el_loop *loop);
// While true the loop polls without blocking.
void el_loop_set_busy(el_loop *loop, bool busy);
// Until when, in this turn, patient connections are read from (monotonic nanoseconds), but from at least and at most so many.
void el_loop_set_patience(el_loop *loop, uint64_t end, unsigned least, unsigned most);
// Whether a connection that is not patient was read from since the last call.
bool el_loop_take_impatient(el_loop *loop);
// How many patient connections' input was put off without `deferred` being called.
unsigned el_loop_deferrals(const el_loop *loop);
void el_loop_each_connection(el_loop *loop, void (*body)(void *connection_owner));

// Connections: any stream socket (TCP or Unix-domain).
int el_connection_open(el_loop *loop, int fd, void *owner, el_connection **out);
int el_connection_connect(el_loop *loop, const void *address, void *owner, el_connection **out);
// A Unix-domain connect is done at once: a descriptor or a negated errno.
int el_connect_unix(const char *path, size_t length);
// A number that is kept with the connection for its owner; 0 at first.
uint64_t el_connection_linger(const el_connection *connection);
void el_connection_set_linger(el_connection *connection, uint64_t timer);
void el_connection_set_patient(el_connection *connection, bool patient);
bool el_connection_is_patient(const el_connection *connection);
int el_connection_read_start(el_connection *connection);
void el_connection_read_stop(el_connection *connection);
// Bytes taken by the kernel, or a negated errno (-EAGAIN: nothing taken).
ssize_t el_connection_try_write(el_connection *connection, const struct iovec *vectors, unsigned count);
int el_connection_write(el_connection *connection, const struct iovec *vectors, unsigned count);
// Bytes given to el_connection_write() and not reported by `written` yet.
size_t el_connection_in_flight(const el_connection *connection);
// What of them the kernel has not taken.
size_t el_connection_write_queue_size(const el_connection *connection);
// What the peer has not acknowledged of what the kernel took.
size_t el_connection_unacknowledged(const el_connection *connection);
int el_connection_shutdown_output(el_connection *connection);
void el_connection_close(el_connection *connection, bool reset);
int el_connection_fd(const el_connection *connection);

// Acceptors: a listening descriptor watched by a loop. The descriptor is owned by the acceptor from here on.
int el_acceptor_open(el_loop *loop, int listening_fd, void *owner, el_acceptor **out);
int el_acceptor_resume(el_acceptor *acceptor);
void el_acceptor_pause(el_acceptor *acceptor);
void el_acceptor_close(el_acceptor *acceptor);

// Sockets. A descriptor, or a negated errno.
int el_accept(int listening_fd);
int el_open_spare_descriptor(void);
void el_close(int fd);
// Has the kernel make room for descriptors up to a number: 0 or a negated errno.
int el_reserve_descriptors(int count);
int el_listen_tcp(const char *host, int port, int backlog, bool no_delay, bool shared, bool first);
int el_listen_unix(const char *path, size_t length, int backlog);
// True if something accepts connections at the path.
bool el_unix_is_alive(const char *path, size_t length);
bool el_path_is_socket(const char *path);
// What a socket file can be recognised by. File systems use inode numbers again at once, hence the time.
typedef struct el_file_identity {
  uint64_t device, inode;
  int64_t seconds, nanoseconds;
} el_file_identity;
int el_path_identity(const char *path, el_file_identity *identity);
int el_set_no_delay(int fd);
// Seconds of silence before the first probe, seconds between probes, unanswered probes before the connection is given up.
int el_set_keep_alive(int fd, int idle, int interval, int probes);
// Numeric host and port, or path; family is AF_INET, AF_INET6 or AF_UNIX (then text is the path, or "").
int el_address_text(int fd, bool peer, int *family, char *text, size_t text_capacity, int *port);
// An IPv4 address (also one mapped into IPv6), or the first 64 bits of an IPv6 address.
int el_peer_network(int fd, uint64_t *network);
// Opaque storage for a parsed numeric address. 0 or -EINVAL.
#define EL_ADDRESS_SIZE 128
int el_address_parse(const char *host, int port, void *storage);
int el_address_unix(const char *path, size_t length, void *storage);

// Threads.
typedef struct el_thread el_thread;
int el_thread_start(el_thread **out, void (*body)(void *), void *argument, const char *name, int cpu);
void el_thread_join(el_thread *thread);
// A thread nobody waits for.
int el_thread_run(void (*body)(void *), void *argument, const char *name);
// Slices of another length for a thread (0: the calling one) of the usual scheduling class; 0 nanoseconds: the system's. Best
// effort: Linux before 6.12 (EEVDF with slices of one's own) ignores it.
void el_thread_ask_for_slices(pid_t thread, uint64_t nanoseconds);
// The owner of the loop that runs on the calling thread, or NULL.
void *el_current_loop(void);
void el_set_current_loop(void *owner);
uint64_t el_monotonic_nanoseconds(void);
// Processor time of the calling thread; a system call.
uint64_t el_thread_processor_nanoseconds(void);
void el_ignore_sigpipe(void);
int el_processor_count(void);
const char *el_error_name(int error);
// Only for asserting on memory: bytes of one connection's C part.
size_t el_connection_size(void);

#endif
