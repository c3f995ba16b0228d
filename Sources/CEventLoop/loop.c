#include "internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void on_prepare(uv_prepare_t *handle) {
  el_loop *loop = handle->data;
  el_connection_run_closing(loop);
  loop->callbacks->before_poll(loop->owner);
  // Rarely anything is left to do before the loop may wait.
  if (el_poller_apply(loop) || loop->closing_first != NULL) el_loop_wake(loop);
  loop->patience = 0;
  loop->patient_reads = 0;
  loop->last_deferrals = loop->deferrals;
  loop->deferrals = 0;
}

static void on_check(uv_check_t *handle) {
  el_loop *loop = handle->data;
  loop->callbacks->after_poll(loop->owner);
  el_connection_run_closing(loop);
}

static void on_waker(uv_poll_t *handle, int status, int events) {
  el_loop *loop = handle->data;
  (void)status;
  (void)events;
  uint64_t count;
  if (read(loop->waker_fd, &count, sizeof(count)) < 0) {
    // Level-triggered: tried again if anything is left.
  }
  loop->callbacks->woken(loop->owner);
}

static void on_timer(uv_timer_t *handle) {
  el_loop *loop = handle->data;
  loop->callbacks->timer(loop->owner);
}

static void on_idle(uv_idle_t *handle) { (void)handle; }

int el_loop_create(el_loop **out, const el_callbacks *callbacks, size_t receive_buffer_size) {
  el_loop *loop = calloc(1, sizeof(*loop));
  if (loop == NULL) return -ENOMEM;
  loop->callbacks = callbacks;
  // Until the first turn says otherwise.
  loop->patient_reads_least = loop->patient_reads_most = 1;
  loop->receive_capacity = receive_buffer_size;
  // Padding on both sides lets vector code read and write past the ends of what was received.
  if (posix_memalign((void **)&loop->receive_storage, 4096, receive_buffer_size + 2 * EL_RECEIVE_PADDING) != 0) {
    free(loop);
    return -ENOMEM;
  }
  int status = uv_loop_init(&loop->uv);
  if (status < 0) {
    free(loop->receive_storage);
    free(loop);
    return status;
  }
  loop->uv.data = loop;
  loop->waker_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  status = loop->waker_fd < 0 ? -errno : uv_poll_init(&loop->uv, &loop->waker, loop->waker_fd);
  if (status == 0) {
    status = el_poller_open(loop);
    if (status < 0) {
      uv_close((uv_handle_t *)&loop->waker, NULL);
      uv_run(&loop->uv, UV_RUN_DEFAULT);
    }
  }
  if (status < 0) {
    if (loop->waker_fd >= 0) close(loop->waker_fd);
    uv_loop_close(&loop->uv);
    free(loop->receive_storage);
    free(loop);
    return status;
  }
  // None of these can fail.
  uv_prepare_init(&loop->uv, &loop->prepare);
  uv_check_init(&loop->uv, &loop->check);
  uv_idle_init(&loop->uv, &loop->idle);
  uv_timer_init(&loop->uv, &loop->timer);
  loop->waker.data = loop->prepare.data = loop->check.data = loop->idle.data = loop->timer.data = loop;
  uv_poll_start(&loop->waker, UV_READABLE, on_waker);
  uv_prepare_start(&loop->prepare, on_prepare);
  uv_check_start(&loop->check, on_check);
  *out = loop;
  return 0;
}

void el_loop_set_owner(el_loop *loop, void *owner) { loop->owner = owner; }

void el_loop_run_once(el_loop *loop) { uv_run(&loop->uv, UV_RUN_ONCE); }

void el_loop_run(el_loop *loop) { uv_run(&loop->uv, UV_RUN_DEFAULT); }

void el_loop_close_own_handles(el_loop *loop) {
  uv_close((uv_handle_t *)&loop->waker, NULL);
  uv_close((uv_handle_t *)&loop->poller, NULL);
  uv_close((uv_handle_t *)&loop->prepare, NULL);
  uv_close((uv_handle_t *)&loop->check, NULL);
  uv_close((uv_handle_t *)&loop->idle, NULL);
  uv_close((uv_handle_t *)&loop->timer, NULL);
}

int el_loop_finish(el_loop *loop) {
  int status = uv_loop_close(&loop->uv);
  if (status < 0) return status;
  close(loop->waker_fd);
  el_poller_free(loop);
  free(loop->receive_storage);
  loop->receive_storage = NULL;
  return 0;
}

void el_loop_free(el_loop *loop) { free(loop); }

void el_loop_wake(el_loop *loop) {
  uint64_t one = 1;
  if (write(loop->waker_fd, &one, sizeof(one)) < 0) {
    // EAGAIN: woken 2^64 - 2 times already.
  }
}

uint64_t el_loop_now(el_loop *loop) { return uv_now(&loop->uv); }

void el_loop_update_now(el_loop *loop) { uv_update_time(&loop->uv); }

void el_loop_arm_timer(el_loop *loop, uint64_t after_milliseconds) {
  uv_timer_start(&loop->timer, on_timer, after_milliseconds, 0);
}

void el_loop_disarm_timer(el_loop *loop) { uv_timer_stop(&loop->timer); }

void el_loop_set_patience(el_loop *loop, uint64_t end, unsigned least, unsigned most) {
  loop->patience = end;
  loop->patient_reads_least = least;
  loop->patient_reads_most = most;
}

bool el_loop_take_impatient(el_loop *loop) {
  bool has_impatient = loop->has_impatient;
  loop->has_impatient = false;
  return has_impatient;
}

unsigned el_loop_deferrals(const el_loop *loop) {
  return loop->deferrals > loop->last_deferrals ? loop->deferrals : loop->last_deferrals;
}

void el_loop_set_busy(el_loop *loop, bool busy) {
  if (busy) {
    uv_idle_start(&loop->idle, on_idle);
  } else {
    uv_idle_stop(&loop->idle);
  }
}

void el_loop_each_connection(el_loop *loop, void (*body)(void *)) {
  // None is freed before the next el_connection_run_closing().
  for (el_connection *connection = loop->connections; connection != NULL; connection = connection->next) {
    body(connection->owner);
  }
}
