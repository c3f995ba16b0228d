// The same bare server on libuv, used as it is meant for speed: one receive buffer, uv_try_write first.
//
// Usage: uv-peer PORT [ADDRESS]
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <uv.h>

#include "CPeerProtocol.h"

typedef struct connection {
    peer peer;
    uv_tcp_t tcp;
    bool is_writing;
} connection;

typedef struct request {
    uv_write_t write;
    size_t length;
} request;

static char buffer[PEER_BUFFER_SIZE];

static void on_close(uv_handle_t *handle) { free(handle->data); }

static void end(connection *connection) {
    if (uv_is_closing((uv_handle_t *)&connection->tcp)) return;
    peer_close(&connection->peer);
    peer_open(&connection->peer);
    uv_close((uv_handle_t *)&connection->tcp, on_close);
}

static void flush(connection *connection);

static void on_write(uv_write_t *write, int status) {
    request *done = (request *)write;
    connection *connection = write->handle->data;
    connection->is_writing = false;
    if (status == 0) {
        peer_sent(&connection->peer, done->length);
        flush(connection);
    } else {
        end(connection);
    }
    free(done);
}

static void flush(connection *connection) {
    peer *peer = &connection->peer;
    if (connection->is_writing) return;
    while (peer->pending_length > 0) {
        uv_buf_t rest = uv_buf_init(peer->pending + peer->pending_sent, (unsigned)(peer->pending_length - peer->pending_sent));
        int sent = uv_try_write((uv_stream_t *)&connection->tcp, &rest, 1);
        if (sent == UV_EAGAIN) {
            request *request = malloc(sizeof(*request));
            if (request == NULL) abort();
            // The bytes must stay where they are until written; later ones would move them.
            request->length = rest.len;
            connection->is_writing = true;
            uv_write(&request->write, (uv_stream_t *)&connection->tcp, &rest, 1, on_write);
            return;
        }
        if (sent < 0) {
            end(connection);
            return;
        }
        peer_sent(peer, (size_t)sent);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *result) {
    (void)handle;
    (void)suggested;
    *result = uv_buf_init(buffer, sizeof(buffer));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *input) {
    connection *connection = stream->data;
    if (count == 0) return;
    peer_answers *answers = count > 0 ? peer_receive(&connection->peer, input->base, (size_t)count) : NULL;
    if (answers == NULL) {
        end(connection);
        return;
    }
    size_t sent = 0;
    if (answers->length > 0 && connection->peer.pending_length == 0) {
        uv_buf_t output = uv_buf_init(answers->bytes, (unsigned)answers->length);
        int result = uv_try_write(stream, &output, 1);
        if (result < 0 && result != UV_EAGAIN) {
            end(connection);
            return;
        }
        sent = result > 0 ? (size_t)result : 0;
    }
    if (sent < answers->length) {
        // While libuv holds the pending bytes they must not move: a peer that reads this slowly is not what is measured.
        if (connection->is_writing) {
            end(connection);
            return;
        }
        peer_keep(&connection->peer, answers->bytes + sent, answers->length - sent);
        flush(connection);
    }
}

static void on_connection(uv_stream_t *listener, int status) {
    if (status < 0) return;
    connection *connection = malloc(sizeof(*connection));
    if (connection == NULL) abort();
    peer_open(&connection->peer);
    connection->is_writing = false;
    uv_tcp_init(listener->loop, &connection->tcp);
    connection->tcp.data = connection;
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) < 0) {
        end(connection);
        return;
    }
    uv_tcp_nodelay(&connection->tcp, 1);
    uv_read_start((uv_stream_t *)&connection->tcp, on_alloc, on_read);
}

static void on_turn_end(uv_check_t *check) {
    (void)check;
    for (peer *peer = peer_take_dirty(); peer; peer = peer_take_dirty()) flush((connection *)peer);
}

int main(int count, char **arguments) {
    const char *host = count > 2 ? arguments[2] : "127.0.0.1";
    int port = count > 1 ? atoi(arguments[1]) : 8000;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t listener;
    uv_tcp_init(loop, &listener);
    struct sockaddr_in address;
    uv_ip4_addr(host, port, &address);
    int status = uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0);
    if (status == 0) status = uv_listen((uv_stream_t *)&listener, 4096, on_connection);
    if (status < 0) {
        fprintf(stderr, "listen: %s\n", uv_strerror(status));
        return 1;
    }
    uv_check_t turn;
    uv_check_init(loop, &turn);
    uv_check_start(&turn, on_turn_end);
    printf("ready ws://%s:%d/socketcluster/\n", host, port);
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
